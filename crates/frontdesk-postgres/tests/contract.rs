//! The storage contract on PostgreSQL, with and without partitions, with prepared and unnamed
//! statements, over one and two stores, behind Pgpool-II with a standby that is late, and on Citus.
//! Except on Citus, the role of the stores owns its database and has no other rights.

#[path = "support/postgres/mod.rs"]
mod postgres;
#[path = "../../../tests/support/proxy.rs"]
mod proxy;
#[path = "../../frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;

use std::env;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex};

use deadpool_postgres::Pool;
use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{CASES, Case, CaseOutcome, Factory, Fault, two_instances};
use frontdesk_postgres::PostgresStore;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{
    Cluster, Database, Listen, NoServer, Pooler, Server, citus, pgbouncer, pgpool, refuse_once,
    schema_prefix,
};
use proxy::{Cut, Proxy};
use spawning::SpawningFactory;
use tokio_postgres::{Config, NoTls};

/// A database whose stores have one schema each.
struct SharedDatabase {
    /// The store's connection.
    config: Config,
    database: Database,
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
    /// The number of shards on Citus.
    shards: Option<u16>,
    unnamed_statements: bool,
    /// Every case runs over two stores, each with its own pool.
    two_instances: bool,
}

const PLAIN: Variant = Variant {
    name: "plain",
    partitions: None,
    shards: None,
    unnamed_statements: false,
    two_instances: false,
};

/// The variants of the ordinary run.
const VARIANTS: [Variant; 2] = [
    PLAIN,
    Variant {
        name: "two_instances_partitioned_unnamed",
        partitions: Some(16),
        unnamed_statements: true,
        two_instances: true,
        ..PLAIN
    },
];

/// The variants that change one setting each.
const SINGLE_SETTINGS: [Variant; 2] = [
    Variant { name: "two_instances", two_instances: true, ..PLAIN },
    Variant { name: "partitioned", partitions: Some(16), ..PLAIN },
];

/// Cases with more than 1,000 commits or messages. They would find nothing more with unnamed
/// statements or behind a pooler.
const LARGE_CASES: [&str; 4] = [
    "a_long_thread_is_read_and_erased_completely",
    "more_than_1000_keys_are_forgotten_in_one_step",
    "a_large_location_is_listed_and_counted_completely",
    "an_empty_poll_costs_the_same_in_a_large_location",
];

/// The variants on Citus.
const ON_CITUS: [Variant; 2] = [
    Variant { name: "on_citus", shards: Some(citus::SHARDS), ..PLAIN },
    Variant {
        name: "on_citus_two_instances_unnamed",
        shards: Some(citus::SHARDS),
        unnamed_statements: true,
        two_instances: true,
        ..PLAIN
    },
];

const BEHIND_PGPOOL: Variant = Variant { name: "behind_pgpool", ..PLAIN };

const BEHIND_PGBOUNCER: Variant = Variant { name: "behind_pgbouncer", ..PLAIN };

impl Variant {
    fn is_behind_pooler(&self) -> bool {
        self.name.starts_with("behind_")
    }
}

fn main() -> ExitCode {
    let shared: LazyDatabase = Arc::new(LazyLock::new(start as fn() -> _));
    let mut variants = VARIANTS.map(|variant| (variant, Arc::clone(&shared))).to_vec();
    if env::var_os("FRONTDESK_ALL_VARIANTS").is_some() {
        variants.extend(SINGLE_SETTINGS.map(|variant| (variant, Arc::clone(&shared))));
    } else {
        println!(
            "not run: the contract with two instances or partitions alone, because \
             FRONTDESK_ALL_VARIANTS is not set"
        );
    }
    variants.push((BEHIND_PGPOOL, Arc::new(LazyLock::new(start_pgpool as fn() -> _))));
    // The versions of PgBouncer in Debian 12 and earlier do not track prepared statements.
    if env::var_os("FRONTDESK_PGBOUNCER").is_some() {
        let pgbouncer = Arc::new(LazyLock::new(start_pgbouncer as fn() -> _));
        variants.push((BEHIND_PGBOUNCER, pgbouncer));
    } else {
        println!("not run: the contract behind PgBouncer, because FRONTDESK_PGBOUNCER is not set");
    }
    if citus::url("the contract").is_some() {
        let on_citus: LazyDatabase = Arc::new(LazyLock::new(use_citus as fn() -> _));
        variants.extend(ON_CITUS.map(|variant| (variant, Arc::clone(&on_citus))));
    }
    let trials = variants.into_iter().flat_map(|(variant, shared)| {
        let runs = move |case: &&Case| {
            let only_plain = variant.unnamed_statements || variant.is_behind_pooler();
            !only_plain || !LARGE_CASES.contains(&case.name)
        };
        let cases = CASES.iter().filter(runs);
        cases.map(move |&case| trial(variant, case, Arc::clone(&shared)))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn start() -> Result<SharedDatabase, NoServer> {
    let server = Server::start()?;
    let database = runtime().block_on(server.database());
    Ok(SharedDatabase {
        config: database.config(),
        database,
        _pooler: None,
        _server: Some(server),
        _clusters: Vec::new(),
    })
}

/// Uses a Citus cluster that runs.
fn use_citus() -> Result<SharedDatabase, NoServer> {
    let url = citus::url("the contract").unwrap_or_default();
    let database = Database::existing(citus::config(&url)?);
    Ok(SharedDatabase {
        config: database.config(),
        database,
        _pooler: None,
        _server: None,
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
        database,
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
        database,
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
            let proxied = case.name.contains("connection_lost") && !variant.is_behind_pooler();
            let factory = SpawningFactory(SchemaFactory { shared, variant, proxied });
            let result = runtime().block_on(async {
                if variant.two_instances {
                    (case.run)(&two_instances(factory)).await
                } else {
                    (case.run)(&factory).await
                }
            });
            match result {
                Ok(CaseOutcome::NotRun { reason, .. }) => {
                    Ok(Completion::ignored_with(format!("not run: {reason}")))
                }
                Ok(_) => Ok(Completion::Completed),
                Err(failure) => Err(Failed::from(format!("{}\n{failure}", case.clause))),
            }
        }
        Err(error) => error.outcome(),
    })
}

/// Creates stores in schemas of one database.
struct SchemaFactory<'a> {
    shared: &'a SharedDatabase,
    variant: Variant,
    /// The stores connect through a proxy that can cut connections.
    proxied: bool,
}

/// A schema, and the pools of its stores.
struct Schema {
    name: String,
    proxy: Option<Proxy>,
    pools: Mutex<Vec<Pool>>,
}

impl SchemaFactory<'_> {
    /// Opens a store with its own pool, which has no connection of another store.
    async fn open(&self, schema: &Schema) -> Arc<dyn ThreadStore> {
        let config = match &schema.proxy {
            Some(proxy) => self.shared.database.config_on_port(proxy.port()),
            None => self.shared.config.clone(),
        };
        let manager = deadpool_postgres::Manager::new(config, NoTls);
        let pool = Pool::builder(manager).max_size(8).build().unwrap();
        schema.pools.lock().unwrap().push(pool.clone());
        let mut builder = PostgresStore::builder()
            .schema(&schema.name)
            .unnamed_statements(self.variant.unnamed_statements);
        if let Some(partitions) = self.variant.partitions {
            builder = builder.partitions(partitions);
        }
        if let Some(shards) = self.variant.shards {
            builder = builder.distributed(shards);
        }
        let store = builder.pool(pool).unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    }

    /// Runs statements as the owner of the schema, without the store.
    async fn run_sql(&self, schema: &Schema, sql: &str) {
        let sql = sql.replace("schema.", &format!("{}.", schema.name));
        self.shared.database.connect().await.batch_execute(&sql).await.unwrap();
    }
}

/// Writes an id as a literal of SQL.
fn literal(id: &str) -> String {
    format!("'{}'", id.replace('\'', "''"))
}

#[async_trait]
impl Factory for SchemaFactory<'_> {
    type Guard = Schema;

    async fn create(&self) -> (Arc<dyn ThreadStore>, Schema) {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}{}", schema_prefix(), CREATED.fetch_add(1, Relaxed));
        let proxy = self.shared.database.local_port().filter(|_| self.proxied).map(Proxy::to);
        let schema = Schema { name, proxy, pools: Mutex::default() };
        (self.open(&schema).await, schema)
    }

    async fn reopen(&self, schema: &Schema) -> Option<Arc<dyn ThreadStore>> {
        Some(self.open(schema).await)
    }

    async fn another(&self, schema: &Schema) -> Option<Arc<dyn ThreadStore>> {
        Some(self.open(schema).await)
    }

    async fn begin_at(&self, schema: &Schema, location: &LocationId, revision: Revision) -> bool {
        let location = literal(location.as_str());
        let revision = i64::from(revision);
        let sql = format!(
            "INSERT INTO schema.location (location, revision, unread) \
             VALUES ({location}, {revision}, 0)"
        );
        self.run_sql(schema, &sql).await;
        true
    }

    async fn fault(&self, schema: &Schema, fault: &Fault) -> bool {
        // A commit sends the id of its location, and so does the answer to no other message.
        const COMMIT: &[u8] = b"harbour";
        match (fault, &schema.proxy) {
            (Fault::LostBeforeCommit, Some(proxy)) => proxy.cut_next(Cut::Before(COMMIT)),
            (Fault::LostAfterCommit, Some(proxy)) => proxy.cut_next(Cut::Response(COMMIT)),
            // Citus has no triggers on distributed tables.
            (Fault::SerializationFailure, _) if self.variant.shards.is_some() => return false,
            (Fault::SerializationFailure, _) => {
                self.run_sql(schema, &refuse_once("schema.thread")).await;
            }
            (Fault::DamagedRow(id), _) => {
                let [location, booking] = [id.location.as_str(), id.booking.as_str()].map(literal);
                let sql = format!(
                    "UPDATE schema.thread SET last_number = -1 \
                     WHERE location = {location} AND booking = {booking}"
                );
                self.run_sql(schema, &sql).await;
            }
            _ => return false,
        }
        true
    }

    /// Counts the rows and pages that the statements of the store's tables read.
    async fn work(&self, schema: &Schema) -> Option<u64> {
        if self.variant.is_behind_pooler() || self.variant.shards.is_some() {
            // The pooler may send the query for the counters to another server or session. On
            // Citus, the workers have the counters.
            return None;
        }
        let pools = schema.pools.lock().unwrap().clone();
        for pool in pools {
            // Each connection reports what it counted when it becomes idle.
            let mut connections = Vec::new();
            for _ in 0..pool.status().size {
                connections.push(pool.get().await.unwrap());
            }
            for connection in connections {
                connection.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
            }
        }
        let sql = format!(
            "SELECT (sum(seq_tup_read + coalesce(idx_tup_fetch, 0)))::bigint \
             FROM pg_stat_user_tables WHERE schemaname = {}",
            literal(&schema.name)
        );
        let row = self.shared.database.connect().await.query_one(&sql, &[]).await.unwrap();
        row.get::<_, Option<i64>>(0).map(i64::unsigned_abs)
    }
}
