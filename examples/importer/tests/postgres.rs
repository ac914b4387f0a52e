//! Imports into a PostgreSQL server with several workers.

#[path = "../../../crates/frontdesk-postgres/tests/support/postgres/mod.rs"]
mod postgres;
#[path = "support/program.rs"]
mod program;

use std::process::{Child, ExitCode, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use deadpool_postgres::{Manager, Pool};
use frontdesk_postgres::PostgresStore;
use libtest_mimic::{Arguments, Completion, Trial};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Config, NoTls};

use crate::postgres::{Cluster, Database, Listen};
use crate::program::{command, field, report, run, write_conversations};

const COUNT_MESSAGES: &str = "SELECT count(*) FROM frontdesk.message";
const COUNT_THREADS: &str = "SELECT count(*) FROM frontdesk.thread";
const COUNT_OTHER_CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";
const COUNT_LOCK_WAITS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

fn main() -> ExitCode {
    let shared = Arc::new(LazyLock::new(|| Cluster::start(Listen::OnPort)));
    let mut tests = Vec::new();
    macro_rules! tests {
        ($($test:ident),+ $(,)?) => {$(
            let cluster = Arc::clone(&shared);
            tests.push(Trial::ignorable_test(stringify!($test), move || match &**cluster {
                Ok(cluster) => Ok(run_test($test(cluster))),
                Err(error) => error.outcome(),
            }));
        )+};
    }
    tests![
        a_second_import_stores_nothing_twice,
        workers_send_at_the_same_time,
        a_killed_import_continues_with_the_next_run
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn run_test(test: impl Future<Output = ()>) -> Completion {
    Runtime::new().unwrap().block_on(test);
    Completion::Completed
}

async fn query_number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Waits up to thirty seconds until a query returns this number.
async fn wait_for_number(client: &Client, query: &str, expected: i64) {
    let start = Instant::now();
    while query_number(client, query).await != expected {
        assert!(start.elapsed() < Duration::from_secs(30), "{query}");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn migrate(config: &Config) {
    let manager = Manager::new(config.clone(), NoTls);
    let pool = Pool::builder(manager).max_size(1).build().unwrap();
    PostgresStore::new(pool).migrate().await.unwrap();
}

fn url(cluster: &Cluster, database: &Database) -> String {
    let (name, port) = (database.name(), cluster.port());
    format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}")
}

async fn a_second_import_stores_nothing_twice(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = write_conversations(60);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    let client = database.connect().await;
    for stored in [0, turns] {
        let report = report(&run(&folder, &options));
        let fields = ["workers", "messages", "already stored"].map(|name| field(&report, name));
        assert_eq!(fields, [4, turns, stored]);
        let messages = query_number(&client, COUNT_MESSAGES).await;
        assert_eq!(messages, i64::try_from(turns).unwrap());
        assert_eq!(query_number(&client, COUNT_THREADS).await, 60);
    }
}

/// An import that runs against locations which another transaction has locked.
struct BlockedImport<'a> {
    locking: &'a Client,
    observing: &'a Client,
    folder: &'a TempDir,
    options: &'a [&'a str],
}

impl BlockedImport<'_> {
    /// Locks the locations that match a condition, starts the import and waits until all four
    /// workers wait for a lock.
    async fn start(&self, condition: &str) -> Child {
        let lock = format!("BEGIN; SELECT FROM frontdesk.location WHERE {condition} FOR UPDATE");
        self.locking.batch_execute(&lock).await.unwrap();
        let mut import = command(self.folder, self.options);
        let child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for_number(self.observing, COUNT_LOCK_WAITS, 4).await;
        child
    }

    async fn unlock(&self) {
        self.locking.batch_execute("COMMIT").await.unwrap();
    }
}

async fn create_locations(database: &Database) {
    migrate(&database.config()).await;
    let locations = "INSERT INTO frontdesk.location (location, revision, unread, waiting) \
        SELECT 'location-' || number, 0, 0, 0 FROM generate_series(1, 4) AS number";
    database.connect().await.batch_execute(locations).await.unwrap();
}

/// All four workers are sending a message while no message is stored yet.
async fn workers_send_at_the_same_time(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = write_conversations(30);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    create_locations(&database).await;
    let (locking, observing) = (&database.connect().await, &database.connect().await);
    let import = BlockedImport { locking, observing, folder: &folder, options: &options };
    let mut child = import.start("true").await;
    assert_eq!(query_number(observing, COUNT_MESSAGES).await, 0);
    import.unlock().await;
    assert!(child.wait().unwrap().success());
    let messages = query_number(observing, COUNT_MESSAGES).await;
    assert_eq!(messages, i64::try_from(turns).unwrap());
}

/// The server completes the statements that it received before the importer was killed. So the
/// test counts the messages only after the importer's connections are closed.
async fn a_killed_import_continues_with_the_next_run(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = write_conversations(200);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    create_locations(&database).await;
    let (locking, observing) = (&database.connect().await, &database.connect().await);
    let import = BlockedImport { locking, observing, folder: &folder, options: &options };
    let mut stored = 0;
    for location in ["location-4", "location-2"] {
        let mut child = import.start(&format!("location = '{location}'")).await;
        child.kill().unwrap();
        child.wait().unwrap();
        import.unlock().await;
        wait_for_number(observing, COUNT_OTHER_CONNECTIONS, 1).await;
        let now = usize::try_from(query_number(observing, COUNT_MESSAGES).await).unwrap();
        assert!(stored < now && now < turns, "{now} of {turns} messages, {stored} before");
        stored = now;
    }
    for stored in [stored, turns] {
        let report = report(&run(&folder, &options));
        let fields = ["messages", "already stored"].map(|name| field(&report, name));
        assert_eq!(fields, [turns, stored]);
    }
    let messages = query_number(observing, COUNT_MESSAGES).await;
    assert_eq!(messages, i64::try_from(turns).unwrap());
}
