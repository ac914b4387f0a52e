//! The storage contract on PostgreSQL, with and without partitions and with prepared and
//! unnamed statements. The store's role owns its database and has no other rights.

#[path = "support/postgres/mod.rs"]
mod postgres;
#[path = "../../frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use deadpool_postgres::Pool;
use frontdesk::store::{ThreadStore, async_trait};
use frontdesk_conformance::{CASES, Case, Factory};
use frontdesk_postgres::PostgresStore;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{Database, NoServer, Server};
use spawning::SpawningFactory;
use tokio_postgres::NoTls;

/// The server and the database of all tests. Each store has its own schema.
struct SharedDatabase {
    database: Database,
    _server: Server,
}

type LazyDatabase = Arc<LazyLock<Result<SharedDatabase, NoServer>>>;

#[derive(Clone, Copy)]
struct Variant {
    name: &'static str,
    partitions: Option<u16>,
    unnamed_statements: bool,
}

const VARIANTS: [Variant; 4] = [
    Variant { name: "plain", partitions: None, unnamed_statements: false },
    Variant { name: "plain_unnamed", partitions: None, unnamed_statements: true },
    Variant { name: "partitioned", partitions: Some(16), unnamed_statements: false },
    Variant { name: "partitioned_unnamed", partitions: Some(16), unnamed_statements: true },
];

fn main() -> ExitCode {
    let shared: LazyDatabase = Arc::new(LazyLock::new(start as fn() -> _));
    let trials = VARIANTS.iter().flat_map(|&variant| {
        let shared = Arc::clone(&shared);
        CASES.iter().map(move |&case| trial(variant, case, Arc::clone(&shared)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn start() -> Result<SharedDatabase, NoServer> {
    let server = Server::start()?;
    let database = runtime().block_on(server.database());
    Ok(SharedDatabase { database, _server: server })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

fn trial(variant: Variant, case: Case, shared: LazyDatabase) -> Trial {
    let name = format!("{}::{}", variant.name, case.name);
    Trial::ignorable_test(name, move || match &**shared {
        Ok(shared) => {
            let config = shared.database.config();
            runtime().block_on(async {
                let factory = SpawningFactory(SchemaFactory { config, variant });
                let result = (case.run)(&factory).await;
                result.map_err(|failure| Failed::from(format!("{}\n{failure}", case.clause)))
            })?;
            Ok(Completion::Completed)
        }
        Err(error) => error.outcome(),
    })
}

/// Creates stores in schemas of one database.
struct SchemaFactory {
    config: tokio_postgres::Config,
    variant: Variant,
}

impl SchemaFactory {
    /// Opens a store with its own pool, which has no connection of an earlier store.
    async fn open(&self, schema: &str) -> Arc<dyn ThreadStore> {
        let manager = deadpool_postgres::Manager::new(self.config.clone(), NoTls);
        let pool = Pool::builder(manager).max_size(8).build().unwrap();
        let mut builder = PostgresStore::builder()
            .schema(schema)
            .unnamed_statements(self.variant.unnamed_statements);
        if let Some(partitions) = self.variant.partitions {
            builder = builder.partitions(partitions);
        }
        let store = builder.pool(pool).unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    }
}

#[async_trait]
impl Factory for SchemaFactory {
    type Guard = String;

    async fn create(&self) -> (Arc<dyn ThreadStore>, String) {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let schema = format!("desk_{}", CREATED.fetch_add(1, Relaxed));
        (self.open(&schema).await, schema)
    }

    async fn reopen(&self, schema: &String) -> Option<Arc<dyn ThreadStore>> {
        Some(self.open(schema).await)
    }
}
