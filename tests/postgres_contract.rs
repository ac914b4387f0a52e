//! The storage contract on PostgreSQL: plain tables and 16 partitions, prepared
//! statements and unnamed ones, as a role that owns its database and nothing else.

#[path = "support/postgres/mod.rs"]
mod postgres;
#[path = "support/spawning.rs"]
mod spawning;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use deadpool_postgres::Pool;
use frontdesk::store::conformance::Factory;
use frontdesk::store::conformance::cases::{CASES, Case};
use frontdesk::store::{PostgresBuilder, PostgresStore, ThreadStore, async_trait};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{Database, NoServer, Server};
use spawning::Spawning;
use tokio_postgres::NoTls;

/// One server and one database for all; each store has a schema of its own in it.
struct Shared {
    database: Database,
    _server: Server,
}

type Lazy = Arc<LazyLock<Result<Shared, NoServer>>>;

#[derive(Clone, Copy)]
struct Variant {
    name: &'static str,
    partitions: Option<u16>,
    unnamed: bool,
}

const VARIANTS: [Variant; 4] = [
    Variant { name: "plain", partitions: None, unnamed: false },
    Variant { name: "plain_unnamed", partitions: None, unnamed: true },
    Variant { name: "partitioned", partitions: Some(16), unnamed: false },
    Variant { name: "partitioned_unnamed", partitions: Some(16), unnamed: true },
];

fn main() -> ExitCode {
    let shared: Lazy = Arc::new(LazyLock::new(start as fn() -> _));
    let trials = VARIANTS.iter().flat_map(|&variant| {
        let shared = Arc::clone(&shared);
        CASES.iter().map(move |&case| trial(variant, case, Arc::clone(&shared)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn start() -> Result<Shared, NoServer> {
    let server = Server::start()?;
    let database = runtime().block_on(server.database());
    Ok(Shared { database, _server: server })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

fn trial(variant: Variant, case: Case, shared: Lazy) -> Trial {
    let name = format!("{}::{}", variant.name, case.name);
    Trial::ignorable_test(name, move || match &**shared {
        Ok(shared) => {
            let config = shared.database.config();
            runtime().block_on(async {
                let factory = Spawning(Schemas { config, variant });
                let outcome = (case.run)(&factory).await;
                outcome.map_err(|failure| Failed::from(format!("{}\n{failure}", case.clause)))
            })?;
            Ok(Completion::Completed)
        }
        Err(error) => error.outcome(),
    })
}

/// Stores in schemas of one database.
struct Schemas {
    config: tokio_postgres::Config,
    variant: Variant,
}

impl Schemas {
    /// With a pool of its own, so that nothing of the one before is left in it.
    async fn opened(&self, schema: &str) -> Arc<dyn ThreadStore> {
        let manager = deadpool_postgres::Manager::new(self.config.clone(), NoTls);
        let pool = Pool::builder(manager).max_size(8).build().unwrap();
        let mut builder: PostgresBuilder =
            PostgresStore::builder().schema(schema).unnamed_statements(self.variant.unnamed);
        if let Some(partitions) = self.variant.partitions {
            builder = builder.partitions(partitions);
        }
        let store = builder.pool(pool).unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    }
}

#[async_trait]
impl Factory for Schemas {
    type Guard = String;

    async fn fresh(&self) -> (Arc<dyn ThreadStore>, String) {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let schema = format!("desk_{}", MADE.fetch_add(1, Relaxed));
        (self.opened(&schema).await, schema)
    }

    async fn reopen(&self, schema: &String) -> Option<Arc<dyn ThreadStore>> {
        Some(self.opened(schema).await)
    }
}
