//! The example's import into a server, by several workers at once.

use std::process::{Child, Stdio};

use tempfile::TempDir;
use tokio_postgres::Client;

use crate::front_desk::{conversations, fact, import, report, run};
use crate::postgres::{Cluster, Database};
use crate::stage::{WAITS, number, soon, store};

const MESSAGES: &str = "SELECT count(*) FROM frontdesk.message";
const THREADS: &str = "SELECT count(*) FROM frontdesk.thread";
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

fn url(cluster: &Cluster, database: &Database) -> String {
    let (name, port) = (database.name(), cluster.port());
    format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}")
}

pub(crate) async fn a_second_import_doubles_nothing(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = conversations(60);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    let direct = database.connect().await;
    for before in [0, turns] {
        let report = report(&run(&folder, &options));
        let facts = ["workers", "messages", "stored before"].map(|name| fact(&report, name));
        assert_eq!(facts, [4, turns, before]);
        assert_eq!(number(&direct, MESSAGES).await, i64::try_from(turns).unwrap());
        assert_eq!(number(&direct, THREADS).await, 60);
    }
}

/// Has an import started, and waits until each worker sends a message that waits in its
/// turn for a place that the transaction of `locking` holds.
async fn stuck(
    locking: &Client,
    watching: &Client,
    folder: &TempDir,
    options: &[&str],
    places: &str,
) -> Child {
    let lock = format!("BEGIN; SELECT FROM frontdesk.location WHERE {places} FOR UPDATE");
    locking.batch_execute(&lock).await.unwrap();
    let mut command = import(folder, options);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    soon(watching, WAITS, 4).await;
    child
}

async fn with_places(database: &Database) {
    store(&database.config()).await;
    let places = "INSERT INTO frontdesk.location \
        SELECT 'location-' || number, 0, 0 FROM generate_series(1, 4) AS number";
    database.connect().await.batch_execute(places).await.unwrap();
}

/// Four messages are on their way while none is stored.
pub(crate) async fn workers_send_at_once(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = conversations(30);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    with_places(&database).await;
    let (locking, watching) = (database.connect().await, database.connect().await);
    let mut child = stuck(&locking, &watching, &folder, &options, "true").await;
    assert_eq!(number(&watching, MESSAGES).await, 0);
    locking.batch_execute("COMMIT").await.unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(number(&watching, MESSAGES).await, i64::try_from(turns).unwrap());
}

/// The server writes what it was sent, also when nobody is there any more to hear of it.
pub(crate) async fn an_import_that_was_killed_goes_on(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (folder, turns) = conversations(200);
    let options = ["--store", &url(cluster, &database), "--workers", "4"];
    with_places(&database).await;
    let (locking, watching) = (database.connect().await, database.connect().await);
    let mut had = 0;
    for place in ["location-4", "location-2"] {
        let places = format!("location = '{place}'");
        let mut child = stuck(&locking, &watching, &folder, &options, &places).await;
        child.kill().unwrap();
        child.wait().unwrap();
        locking.batch_execute("COMMIT").await.unwrap();
        soon(&watching, OTHERS, 1).await;
        let has = usize::try_from(number(&watching, MESSAGES).await).unwrap();
        assert!(had < has && has < turns, "{has} of {turns} messages, and {had} before");
        had = has;
    }
    for before in [had, turns] {
        let report = report(&run(&folder, &options));
        assert_eq!([fact(&report, "messages"), fact(&report, "stored before")], [turns, before]);
    }
    assert_eq!(number(&watching, MESSAGES).await, i64::try_from(turns).unwrap());
}
