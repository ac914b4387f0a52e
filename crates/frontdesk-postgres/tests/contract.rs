//! The storage contract on PostgreSQL, with and without partitions, with prepared and unnamed
//! statements, and behind Pgpool-II with a standby that is late. The store's role owns its
//! database and has no other rights.

#[path = "support/postgres/mod.rs"]
mod postgres;
#[path = "../../frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;

use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use deadpool_postgres::Pool;
use frontdesk::store::{ThreadStore, async_trait};
use frontdesk_conformance::{CASES, Case, Factory};
use frontdesk_postgres::PostgresStore;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{Cluster, Database, Listen, NoServer, Pooler, Server, pgbouncer, pgpool};
use spawning::SpawningFactory;
use tokio_postgres::{Config, NoTls};

/// A database whose stores have one schema each.
struct SharedDatabase {
    /// The store's connection.
    config: Config,
    _database: Database,
    _pooler: Option<Pooler>,
    _server: Option<Server>,
    /// The primary and the standby behind a pooler.
    _clusters: Vec<Cluster>,
}

type LazyDatabase = Arc<LazyLock<Result<SharedDatabase, NoServer>>>;

#[derive(Clone, Copy)]
struct Variant {
    name: &'static str,
    partitions: Option<u16>,
    unnamed_statements: bool,
}

/// The variants on one server.
const VARIANTS: [Variant; 4] = [
    Variant { name: "plain", partitions: None, unnamed_statements: false },
    Variant { name: "plain_unnamed", partitions: None, unnamed_statements: true },
    Variant { name: "partitioned", partitions: Some(16), unnamed_statements: false },
    Variant { name: "partitioned_unnamed", partitions: Some(16), unnamed_statements: true },
];

const BEHIND_PGPOOL: Variant =
    Variant { name: "behind_pgpool", partitions: None, unnamed_statements: false };

const BEHIND_PGBOUNCER: Variant =
    Variant { name: "behind_pgbouncer", partitions: None, unnamed_statements: false };

fn main() -> ExitCode {
    let shared: LazyDatabase = Arc::new(LazyLock::new(start as fn() -> _));
    let mut variants = VARIANTS.map(|variant| (variant, Arc::clone(&shared))).to_vec();
    variants.push((BEHIND_PGPOOL, Arc::new(LazyLock::new(start_pgpool as fn() -> _))));
    // The versions of PgBouncer in Debian 12 and earlier do not track prepared statements.
    if env::var_os("FRONTDESK_PGBOUNCER").is_some() {
        let pgbouncer = Arc::new(LazyLock::new(start_pgbouncer as fn() -> _));
        variants.push((BEHIND_PGBOUNCER, pgbouncer));
    } else {
        println!("not run: the contract behind PgBouncer, because FRONTDESK_PGBOUNCER is not set");
    }
    let trials = variants.into_iter().flat_map(|(variant, shared)| {
        CASES.iter().map(move |&case| trial(variant, case, Arc::clone(&shared)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn start() -> Result<SharedDatabase, NoServer> {
    let server = Server::start()?;
    let database = runtime().block_on(server.database());
    Ok(SharedDatabase {
        config: database.config(),
        _database: database,
        _pooler: None,
        _server: Some(server),
        _clusters: Vec::new(),
    })
}

/// Starts a server behind `PgBouncer` in transaction mode.
fn start_pgbouncer() -> Result<SharedDatabase, NoServer> {
    let cluster = Cluster::start(Listen::OnSocket)?;
    let database = runtime().block_on(Database::on(cluster.admin()));
    let pooler = pgbouncer::start_with_prepared_statements(&cluster)?;
    Ok(SharedDatabase {
        config: database.config_on_port(pooler.port()),
        _database: database,
        _pooler: Some(pooler),
        _server: None,
        _clusters: vec![cluster],
    })
}

/// Starts Pgpool-II in front of a primary and a standby that applies each commit 200 ms late.
fn start_pgpool() -> Result<SharedDatabase, NoServer> {
    let mut primary = Cluster::start(Listen::OnSocket)?;
    let database = runtime().block_on(Database::on(primary.admin()));
    let mut standby = primary.standby(Listen::OnSocket);
    primary.wait_for_standbys();
    standby.sql("ALTER SYSTEM SET recovery_min_apply_delay = '200ms'");
    standby.sql("SELECT pg_reload_conf()");
    let pooler = pgpool::start(&primary, &standby)?;
    Ok(SharedDatabase {
        config: database.config_on_port(pooler.port()),
        _database: database,
        _pooler: Some(pooler),
        _server: None,
        _clusters: vec![primary, standby],
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

fn trial(variant: Variant, case: Case, shared: LazyDatabase) -> Trial {
    let name = format!("{}::{}", variant.name, case.name);
    Trial::ignorable_test(name, move || match &**shared {
        Ok(shared) => {
            let config = shared.config.clone();
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
    config: Config,
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
