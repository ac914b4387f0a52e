//! The servers and the bad line that the tests of the PostgreSQL store stand on.

#[path = "support/postgres/mod.rs"]
mod postgres;
#[path = "support/proxy.rs"]
mod proxy;

use std::io::{BufRead, BufReader};
use std::pin::pin;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use libtest_mimic::{Arguments, Completion, Trial};
use postgres::{Cluster, Database, Listen, NoServer, Server, connect};
use proxy::{Cut, Proxy};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error};

/// What tests share. It starts with the first that asks, and stops when `main`
/// returns.
type Shared<T> = Arc<LazyLock<Result<T, NoServer>>>;

/// How many others the server still serves in this database.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                      AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// This program again, as one that is killed.
const VICTIM: &str = "FRONTDESK_VICTIM";

fn main() -> ExitCode {
    if env::var_os(VICTIM).is_some() {
        return be_killed();
    }
    let server = Arc::new(LazyLock::new(Server::start as fn() -> _));
    let cluster = Arc::new(LazyLock::new((|| Cluster::start(Listen::OnPort)) as fn() -> _));
    let tests = vec![
        on_shared("a_database_answers_its_owner", &server, answers_its_owner),
        on_shared("databases_are_apart", &server, databases_are_apart),
        on_shared("a_port_asks_for_the_password", &cluster, a_port_asks_for_the_password),
        on_shared("a_line_is_cut_where_it_is_told", &cluster, cut_where_it_is_told),
        on_shared("a_line_is_cut_after_so_many_bytes", &cluster, cut_after_so_many_bytes),
        on_shared("a_killed_program_leaves_nothing", &cluster, a_killed_program_leaves_nothing),
        on_own("a_restart_keeps_what_was_committed", a_restart_keeps_what_was_committed),
        on_own("a_crash_loses_nothing_acknowledged", a_crash_loses_nothing_acknowledged),
        on_own("a_replica_takes_over_and_lost_nothing", a_replica_takes_over_and_lost_nothing),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// A test that harms nothing.
fn on_shared<T, F>(name: &str, shared: &Shared<T>, check: F) -> Trial
where
    T: Send + Sync + 'static,
    F: AsyncFnOnce(&T) + Send + 'static,
{
    let shared = Arc::clone(shared);
    Trial::ignorable_test(name, move || match &**shared {
        Ok(shared) => Ok(run(check(shared))),
        Err(error) => error.outcome(),
    })
}

/// A test on a server of its own, which it may harm.
fn on_own(name: &str, check: impl AsyncFnOnce(Cluster) + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || match Cluster::start(Listen::OnPort) {
        Ok(cluster) => Ok(run(check(cluster))),
        Err(error) => error.outcome(),
    })
}

fn run(test: impl Future<Output = ()>) -> Completion {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
    Completion::Completed
}

async fn answers_its_owner(server: &Server) {
    let database = server.database().await;
    let client = database.connect().await;
    assert_eq!(number(&client, "SELECT 1::bigint").await, 1);
    client.batch_execute("CREATE SCHEMA one; CREATE SCHEMA other").await.unwrap();
    let powers = "SELECT count(*) FROM pg_roles WHERE rolname = current_user \
                  AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication)";
    assert_eq!(number(&client, powers).await, 0, "the owner is no administrator");
}

async fn databases_are_apart(server: &Server) {
    let (one, other) = (server.database().await, server.database().await);
    let (one, other) = (one.connect().await, other.connect().await);
    with_table(&one).await;
    let here = "SELECT count(*) FROM pg_tables WHERE tablename = 'sent'";
    assert_eq!((number(&one, here).await, number(&other, here).await), (1, 0));
}

async fn a_port_asks_for_the_password(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let mut config = database.config_on_port(cluster.port());
    assert_eq!(number(&connect(&config).await, "SELECT 1::bigint").await, 1);
    config.password("another");
    let refused = config.connect(tokio_postgres::NoTls).await.err().unwrap();
    assert_eq!(refused.code().unwrap().code(), "28P01");
}

async fn a_restart_keeps_what_was_committed(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let client = database.connect().await;
    with_table(&client).await;
    send(&client, 1).await.unwrap();
    cluster.restart();
    send(&client, 2).await.unwrap_err();
    assert_eq!(stored(&database.connect().await).await, 1);
}

async fn a_crash_loses_nothing_acknowledged(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    with_table(&database.connect().await).await;
    for _ in 0..3 {
        let before = stored(&database.connect().await).await;
        let writer = sending_from(before + 1, database.connect().await);
        thread::sleep(Duration::from_millis(100));
        cluster.crash();
        let acknowledged = writer.await.unwrap();
        cluster.start_again();
        let stored = stored(&database.connect().await).await;
        // The last one may have been committed without a word.
        assert!([0, 1].contains(&(stored - acknowledged)), "{stored} of {acknowledged}");
        assert!(acknowledged > before, "nothing was sent");
    }
}

async fn a_replica_takes_over_and_lost_nothing(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let client = database.connect().await;
    with_table(&client).await;
    let mut replica = cluster.replica(Listen::OnPort);

    // Such a commit is acknowledged when it can be read on the replica.
    client.batch_execute("SET synchronous_commit = remote_apply").await.unwrap();
    send(&client, 1).await.unwrap();
    let copy = connect(&database.config_at(replica.admin())).await;
    assert_eq!(stored(&copy).await, 1);
    let refused = send(&copy, 2).await.unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "25006", "a replica is read only");

    replica.crash();
    let mut waiting = pin!(send(&client, 2));
    timeout(Duration::from_millis(300), &mut waiting).await.expect_err("it waits for the replica");
    replica.start_again();
    waiting.await.unwrap();

    let line = Proxy::to(cluster.port());
    let through_it = database.config_on_port(line.port());
    let writer = sending_from(3, connect(&through_it).await);
    thread::sleep(Duration::from_millis(200));
    cluster.crash();
    let acknowledged = writer.await.unwrap();
    replica.promote();
    line.lead_to(replica.port());
    let client = connect(&through_it).await;
    let stored = stored(&client).await;
    assert!([0, 1].contains(&(stored - acknowledged)), "{stored} of {acknowledged}");
    assert!(acknowledged > 2, "nothing was sent");
    send(&client, stored + 1).await.unwrap();
}

async fn cut_where_it_is_told(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    with_table(&database.connect().await).await;
    let line = Proxy::to(cluster.port());
    let config = database.config_on_port(line.port());
    let insert = "BEGIN; INSERT INTO sent SELECT coalesce(max(number), 0) + 1 FROM sent";

    let client = connect(&config).await;
    line.cut_all();
    client.batch_execute(insert).await.unwrap_err();
    assert_eq!(stored(&database.connect().await).await, 0);

    for (cut, expected) in [(Cut::Before(b"COMMIT"), 0), (Cut::After(b"COMMIT"), 1)] {
        let client = connect(&config).await;
        line.cut_next(cut);
        client.batch_execute(insert).await.unwrap();
        let lost = client.batch_execute("COMMIT").await.unwrap_err();
        assert!(lost.is_closed(), "{lost:?}");
        assert_eq!(stored(&database.connect().await).await, expected, "{cut:?}");
    }
    assert_eq!(line.cuts(), 2);
    send(&connect(&config).await, 2).await.expect("one cut cuts one connection");
}

/// Wherever the bytes end: what was acknowledged is stored, and at most one more.
async fn cut_after_so_many_bytes(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let direct = database.connect().await;
    with_table(&direct).await;
    let line = Proxy::to(cluster.port());
    for cuts in 1..=20 {
        let before = stored(&direct).await;
        let client = connect(&database.config_on_port(line.port())).await;
        line.cut_next(Cut::Bytes(usize::try_from(cuts * 97 % 1_000).unwrap()));
        let acknowledged = sending_from(before + 1, client).await.unwrap();
        // What the server was told in full it still does.
        while number(&direct, OTHERS).await > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let stored = stored(&direct).await;
        assert!([0, 1].contains(&(stored - acknowledged)), "{stored} of {acknowledged}");
        assert_eq!(line.cuts(), cuts);
    }
}

async fn a_killed_program_leaves_nothing(_: &Cluster) {
    let mut victim = Command::new(env::current_exe().unwrap())
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut next = || said.next().unwrap().unwrap();
    let (folder, server) = (next(), next());
    assert!(is_running(&server));
    victim.kill().unwrap();
    victim.wait().unwrap();
    let start = Instant::now();
    while fs::exists(&folder).unwrap() || is_running(&server) {
        assert!(start.elapsed() < Duration::from_secs(10), "{folder} and {server} are left");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Says where its server is, and waits.
fn be_killed() -> ExitCode {
    let cluster = Cluster::start(Listen::OnSocket).unwrap();
    println!("{}", cluster.folder().display());
    let lock = fs::read_to_string(cluster.folder().join("data/postmaster.pid")).unwrap();
    println!("{}", lock.lines().next().unwrap());
    thread::sleep(Duration::from_secs(60));
    ExitCode::FAILURE
}

fn is_running(process: &str) -> bool {
    let asked = Command::new("kill").args(["-0", process]).stderr(Stdio::null()).status();
    asked.unwrap().success()
}

async fn number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

async fn with_table(client: &Client) {
    client.batch_execute("CREATE TABLE sent (number bigint PRIMARY KEY)").await.unwrap();
}

async fn send(client: &Client, number: i64) -> Result<(), Error> {
    client.execute("INSERT INTO sent VALUES ($1)", &[&number]).await.map(|_| ())
}

/// Sends one number after another until that fails; the last one acknowledged.
fn sending_from(mut number: i64, client: Client) -> JoinHandle<i64> {
    tokio::spawn(async move {
        while send(&client, number).await.is_ok() {
            number += 1;
        }
        number - 1
    })
}

/// How many numbers are stored; they have no gaps.
async fn stored(client: &Client) -> i64 {
    let count = number(client, "SELECT count(*) FROM sent").await;
    assert_eq!(count, number(client, "SELECT coalesce(max(number), 0) FROM sent").await);
    count
}
