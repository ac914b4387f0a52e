//! What the store in PostgreSQL costs, next to `pgbench` doing the same statements,
//! and what it costs when there is much in it. See the README above it.

#[path = "../dice/mod.rs"]
mod dice;
mod load;
mod pgbench;
#[path = "../../tests/support/postgres/mod.rs"]
mod postgres;
mod scale;
mod town;
mod turns;
mod worker;

use std::error::Error;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::pgbench::Pgbench;
use crate::postgres::{Cluster, Database, Listen, NoServer, connect};
use crate::town::{CONNECTIONS, Town};
use crate::turns::Turns;
use crate::worker::Work;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What is measured: the work, and at how many locations over how many connections.
type Row = (Work, usize, usize);

/// A commit's connection has one location, so that no more of those are of use than
/// there are connections.
const ROWS: [Row; 16] = [
    (Work::Post, 1, 1),
    (Work::Post, 1, 4),
    (Work::Post, 1, 16),
    (Work::Post, 16, 1),
    (Work::Post, 16, 4),
    (Work::Post, 16, 16),
    (Work::Commit, 1, 1),
    (Work::Commit, 1, 4),
    (Work::Commit, 1, 16),
    (Work::Commit, 16, 16),
    (Work::Poll, 1, 1),
    (Work::Poll, 1, 4),
    (Work::Poll, 1, 16),
    (Work::Poll, 16, 1),
    (Work::Poll, 16, 4),
    (Work::Poll, 16, 16),
];

/// The same where each commit waits for the disk.
const DURABLE: [Row; 5] = [
    (Work::Post, 1, 1),
    (Work::Post, 1, 16),
    (Work::Post, 16, 16),
    (Work::Commit, 1, 1),
    (Work::Commit, 1, 16),
];

/// How much slower than `pgbench` the store may be.
const AT_MOST: f64 = 1.5;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Without it Cargo only asks whether the bench runs.
    let whole = arguments.iter().any(|argument| argument == "--bench");
    let words = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let words: Vec<&str> = words.map(String::as_str).collect();
    if let ["scale", sizes @ ..] = &words[..] {
        return on_server(scale::SETTINGS, |runtime, cluster| {
            scale::run(runtime, cluster, sizes, whole)
        });
    }
    let asked = |row: &&Row| words.iter().all(|part| row.0.to_string().contains(part));
    for (settings, rows) in [("-c fsync=off", &ROWS[..]), ("-c fsync=on", &DURABLE)] {
        // A trial needs one of each work.
        let rows = rows.iter().step_by(if whole { 1 } else { 6 }).filter(asked).copied();
        let rows: Vec<Row> = rows.collect();
        if rows.is_empty() {
            continue;
        }
        on_server(settings, |runtime, cluster| beside_pgbench(runtime, cluster, &rows, whole))?;
    }
    Ok(())
}

/// Runs something on a server of its own with these settings, and says what the
/// others are.
fn on_server(settings: &str, run: impl FnOnce(&Runtime, &Cluster) -> Outcome) -> Outcome {
    let cluster = match Cluster::start_with(Listen::OnSocket, settings) {
        Ok(cluster) => cluster,
        Err(NoServer::Missing(why)) => {
            println!("not run: {why}");
            return Ok(());
        }
        Err(NoServer::Broken(why)) => return Err(why.into()),
    };
    let runtime = Runtime::new()?;
    println!("\n{}\n", runtime.block_on(said(&cluster))?);
    run(&runtime, &cluster)
}

/// The server's version and settings.
async fn said(cluster: &Cluster) -> Outcome<String> {
    let all = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', ' || \
               string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) \
               FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', \
               'shared_buffers', 'max_wal_size', 'checkpoint_timeout')";
    Ok(connect(&cluster.admin()).await.query_one(all, &[]).await?.get(0))
}

fn beside_pgbench(runtime: &Runtime, cluster: &Cluster, rows: &[Row], whole: bool) -> Outcome {
    let (rounds, span) = if whole { (5, 1_000) } else { (1, 20) };
    let span = Duration::from_millis(span);
    let database = runtime.block_on(Database::on(cluster.admin()));
    let config = database.config();
    let all = Town::new(&config, CONNECTIONS);
    runtime.block_on(all.start());
    // All statements are on its one connection.
    let town = Town::new(&config, 1);
    for work in [Work::Post, Work::Poll] {
        runtime.block_on(town.work(work, 1, Duration::from_millis(20)));
    }
    let pgbench = runtime.block_on(Pgbench::new(cluster, &config, &town.pool))?;
    runtime.block_on(async { connect(&config).await.batch_execute("VACUUM ANALYZE").await })?;

    let mut expected = runtime.block_on(all.messages());
    println!(
        "| | locations | connections | ours a second | pgbench | ours, median µs | pgbench | ratio | at most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for &(work, locations, connections) in rows {
        let town = Town::new(&config, connections);
        // It connects and prepares, which pgbench does before its clock runs.
        let warm_up = runtime.block_on(town.work(work, locations, span / 10));
        let turns = Turns::take(
            rounds,
            || runtime.block_on(town.work(work, locations, span)),
            || pgbench.work(work, connections, locations, span).expect("pgbench runs"),
        );
        println!("| {work} | {locations} | {connections} | {}", turns.columns(Some(AT_MOST)));
        if work != Work::Poll {
            expected += warm_up.operations() + turns.operations();
        }
        assert_eq!(runtime.block_on(all.messages()), expected, "a message is missing");
    }
    Ok(())
}
