//! `PostgresStore` compared with `pgbench` running the same statements, a large database compared
//! with a small one, and a Citus cluster compared with one server.
//!
//! `README.md` describes the comparisons and has the figures.

mod baseline;
mod bytes;
mod citus;
mod comparison;
mod dataset;
mod fixture;
mod locations;
mod pgbench;
#[path = "../../../crates/frontdesk-postgres/tests/support/postgres/mod.rs"]
mod postgres;
#[path = "../../../tests/support/rng.rs"]
mod rng;
mod scale;
mod worker;

use std::error::Error;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::comparison::Comparison;
use crate::fixture::{CONNECTIONS, Fixture};
use crate::pgbench::{EPOCH_FILES, Pgbench};
use crate::postgres::{Cluster, Database, Listen, connect};
use crate::worker::Operation;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// An operation, the number of locations and the number of connections.
type Row = (Operation, usize, usize);

/// The rows with `fsync=off`. In the rows of [`Operation::Commit`] each connection writes at one
/// location only, so more locations than connections would make no difference.
const ROWS: [Row; 16] = [
    (Operation::Post, 1, 1),
    (Operation::Post, 1, 4),
    (Operation::Post, 1, 16),
    (Operation::Post, 16, 1),
    (Operation::Post, 16, 4),
    (Operation::Post, 16, 16),
    (Operation::Commit, 1, 1),
    (Operation::Commit, 1, 4),
    (Operation::Commit, 1, 16),
    (Operation::Commit, 16, 16),
    (Operation::Poll, 1, 1),
    (Operation::Poll, 1, 4),
    (Operation::Poll, 1, 16),
    (Operation::Poll, 16, 1),
    (Operation::Poll, 16, 4),
    (Operation::Poll, 16, 16),
];

/// The rows with `fsync=on`, in which each commit waits for the disk.
const FLUSHED_ROWS: [Row; 5] = [
    (Operation::Post, 1, 1),
    (Operation::Post, 1, 16),
    (Operation::Post, 16, 16),
    (Operation::Commit, 1, 1),
    (Operation::Commit, 1, 16),
];

/// The highest permitted ratio of the store's latency to that of `pgbench`.
const LIMIT: f64 = 1.5;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo passes `--bench` only for a measurement.
    let is_measuring = arguments.iter().any(|argument| argument == "--bench");
    let parts = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let parts: Vec<&str> = parts.map(String::as_str).collect();
    if let ["scale", sizes @ ..] = &parts[..] {
        return with_server(scale::SETTINGS, |runtime, cluster| {
            scale::run(runtime, cluster, sizes, is_measuring)
        });
    }
    if parts == ["bytes"] {
        return with_server(scale::SETTINGS, |runtime, cluster| {
            bytes::run(runtime, cluster, is_measuring)
        });
    }
    if parts == ["locations"] {
        return with_server("-c fsync=off", |runtime, cluster| {
            locations::run(runtime, cluster, is_measuring)
        });
    }
    if parts == ["citus"] {
        return citus::run(&Runtime::new()?, is_measuring);
    }
    if parts == ["epoch"] {
        return with_server("-c fsync=off", |runtime, cluster| {
            measure_epoch(runtime, cluster, is_measuring)
        });
    }
    let is_selected = |row: &&Row| parts.iter().all(|part| row.0.to_string().contains(part));
    for (settings, rows) in [("-c fsync=off", &ROWS[..]), ("-c fsync=on", &FLUSHED_ROWS)] {
        // A test run needs one row of each operation.
        let rows = rows.iter().step_by(if is_measuring { 1 } else { 6 });
        let rows: Vec<Row> = rows.filter(is_selected).copied().collect();
        if rows.is_empty() {
            continue;
        }
        with_server(settings, |runtime, cluster| {
            compare_with_pgbench(runtime, cluster, &rows, is_measuring)
        })?;
    }
    Ok(())
}

/// Starts a server with these settings, prints its version and settings, and calls `run`.
fn with_server(settings: &str, run: impl FnOnce(&Runtime, &Cluster) -> Outcome) -> Outcome {
    let cluster = match Cluster::start_with(Listen::OnSocket, settings) {
        Ok(cluster) => cluster,
        Err(no_server) => return Ok(no_server.report()?),
    };
    let runtime = Runtime::new()?;
    println!("\n{}\n", runtime.block_on(server_settings(&cluster))?);
    run(&runtime, &cluster)
}

/// Returns the server's version and settings.
async fn server_settings(cluster: &Cluster) -> Outcome<String> {
    let sql = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', ' || \
               string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) \
               FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', \
               'shared_buffers', 'max_wal_size', 'checkpoint_timeout')";
    Ok(connect(&cluster.admin()).await.query_one(sql, &[]).await?.get(0))
}

/// Compares the reads of the store with the same reads without the epoch.
fn measure_epoch(runtime: &Runtime, cluster: &Cluster, is_measuring: bool) -> Outcome {
    let rounds = if is_measuring { 11 } else { 1 };
    let database = runtime.block_on(Database::on(cluster.admin()));
    let config = database.config();
    let single = Fixture::new(&config, 1);
    runtime.block_on(single.create_threads());
    for operation in [Operation::Post, Operation::Poll] {
        runtime.block_on(single.run(operation, 1, Duration::from_millis(20)));
    }
    let pgbench = runtime.block_on(Pgbench::new(cluster, &config, &single.pool))?;
    runtime.block_on(async { connect(&config).await.batch_execute("VACUUM ANALYZE").await })?;
    println!(
        "| statement | with the epoch, per second | without | with the epoch, median µs \
         | without | ratio | |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (statement, with, without) in EPOCH_FILES {
        let run = |file| pgbench.run_file(file, 1, 1, Duration::from_secs(1)).expect("it runs");
        let comparison = Comparison::run(rounds, || run(with), || run(without));
        println!("| {statement} | {}", comparison.columns(None));
    }
    Ok(())
}

fn compare_with_pgbench(
    runtime: &Runtime,
    cluster: &Cluster,
    rows: &[Row],
    is_measuring: bool,
) -> Outcome {
    let (rounds, span) = if is_measuring { (5, 1_000) } else { (1, 20) };
    let span = Duration::from_millis(span);
    let database = runtime.block_on(Database::on(cluster.admin()));
    let config = database.config();
    let all = Fixture::new(&config, CONNECTIONS);
    runtime.block_on(all.create_threads());
    // `pgbench` gets the statements that this single connection prepares.
    let single = Fixture::new(&config, 1);
    for operation in [Operation::Post, Operation::Poll] {
        runtime.block_on(single.run(operation, 1, Duration::from_millis(20)));
    }
    let pgbench = runtime.block_on(Pgbench::new(cluster, &config, &single.pool))?;
    runtime.block_on(async { connect(&config).await.batch_execute("VACUUM ANALYZE").await })?;

    let mut expected = runtime.block_on(all.count_messages());
    println!(
        "| operation | locations | connections | store, per second | pgbench, per second \
         | store, median µs | pgbench, median µs | ratio | limit |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for &(operation, locations, connections) in rows {
        let fixture = Fixture::new(&config, connections);
        // In this untimed run the connections prepare their statements. `pgbench` does not time
        // this either.
        let warm_up = runtime.block_on(fixture.run(operation, locations, span / 10));
        let comparison = Comparison::run(
            rounds,
            || runtime.block_on(fixture.run(operation, locations, span)),
            || pgbench.run(operation, connections, locations, span).expect("pgbench runs"),
        );
        let columns = comparison.columns(Some(LIMIT));
        println!("| {operation} | {locations} | {connections} | {columns}");
        if operation != Operation::Poll {
            expected += warm_up.operations() + comparison.operations();
        }
        let messages = runtime.block_on(all.count_messages());
        assert_eq!(messages, expected, "the number of messages is wrong");
    }
    Ok(())
}
