//! `PostgresStore` on a Citus cluster compared with `PostgresStore` on one server.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_postgres::{PostgresBuilder, PostgresStore};
use tokio::runtime::Runtime;
use tokio_postgres::Config;

use crate::Outcome;
use crate::baseline::{BASELINES, Baseline};
use crate::comparison::{Comparison, Turn};
use crate::fixture::{CONNECTIONS, Fixture};
use crate::postgres::{Cluster, Database, Listen, NoServer, citus, connect, schema_prefix};
use crate::worker::Operation;

/// The number of shards of each table.
const SHARDS: u16 = 32;
/// The highest permitted ratio of the latencies at one location.
const LIMIT: f64 = 1.6;

/// The operation, the number of locations and of connections, and the limit.
const ROWS: [(Operation, usize, usize, Option<f64>); 8] = [
    (Operation::Post, 1, 1, Some(LIMIT)),
    (Operation::Page, 1, 1, Some(LIMIT)),
    (Operation::History, 1, 1, Some(LIMIT)),
    (Operation::Poll, 1, 1, Some(LIMIT)),
    (Operation::Replay, 1, 1, None),
    (Operation::Post, 1, 16, None),
    (Operation::Post, 16, 16, None),
    (Operation::Poll, 16, 16, None),
];

/// One of the two databases.
struct Side {
    schema: String,
    builder: PostgresBuilder,
    config: Config,
}

impl Side {
    fn new(schema: &str, builder: PostgresBuilder, config: Config) -> Self {
        Self { schema: schema.to_owned(), builder: builder.schema(schema), config }
    }

    fn fixture(&self, connections: usize) -> Fixture {
        Fixture::with_builder(self.builder.clone(), &self.config, connections)
    }
}

/// Runs each operation on the cluster and on a server of its own in turns. Both use TCP.
pub(crate) fn run(runtime: &Runtime, is_measuring: bool) -> Outcome {
    let Some(url) = citus::url("the comparison") else { return Ok(()) };
    let server = match Cluster::start_with(Listen::OnPort, "-c fsync=off") {
        Ok(server) => server,
        Err(NoServer::Missing(reason)) => {
            println!("not run: {reason}");
            return Ok(());
        }
        Err(NoServer::Broken(reason)) => return Err(reason.into()),
    };
    let database = runtime.block_on(Database::on(server.admin()));
    let config = database.config_on_port(server.port());
    let schema = format!("{}bench", schema_prefix());
    let on_server = Side::new(&schema, PostgresStore::builder(), config);
    let cluster = Database::existing(url.parse()?);
    let builder = PostgresStore::builder().distributed(SHARDS);
    let on_citus = Side::new(&schema, builder, cluster.config());
    println!("\n{}\n", runtime.block_on(versions(&on_citus.config))?);
    for side in [&on_server, &on_citus] {
        runtime.block_on(side.fixture(CONNECTIONS).create_threads());
        runtime.block_on(async {
            connect(&side.config).await.batch_execute("VACUUM ANALYZE").await
        })?;
    }

    let (rounds, span) = if is_measuring { (5, 1_000) } else { (1, 20) };
    let span = Duration::from_millis(span);
    println!(
        "| operation | locations | connections | Citus, per second | one server, per second \
         | Citus, median µs | one server, median µs | ratio | limit |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (operation, locations, connections, limit) in ROWS {
        let fixtures = [&on_citus, &on_server].map(|side| side.fixture(connections));
        let turn = |fixture: &Fixture, span| -> Turn {
            runtime.block_on(fixture.run(operation, locations, span))
        };
        // In these untimed runs the connections prepare their statements.
        for fixture in &fixtures {
            turn(fixture, span / 5);
        }
        let [on_citus, on_server] = &fixtures;
        let comparison = Comparison::run(rounds, || turn(on_citus, span), || turn(on_server, span));
        let columns = comparison.columns(limit);
        println!("| {operation} | {locations} | {connections} | {columns}");
    }
    compare_with_baselines(runtime, [&on_citus, &on_server], rounds, span)?;
    println!("\n{}", runtime.block_on(connections_of_workers(&on_citus.config))?);
    Ok(())
}

/// Compares the least statements of each operation on the cluster and on the server, and then the
/// operation on the cluster with its least statements there.
fn compare_with_baselines(
    runtime: &Runtime,
    sides: [&Side; 2],
    rounds: usize,
    span: Duration,
) -> Outcome {
    println!(
        "\n| operation | compared | first, per second | second, per second | first, median µs \
         | second, median µs | ratio | |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let fixture = sides[0].fixture(1);
    for (operation, statements) in BASELINES {
        let prepare = |side: &Side| -> Outcome<Arc<Baseline>> {
            let baseline = Baseline::new(&side.config, &side.schema, statements);
            Ok(Arc::new(runtime.block_on(baseline)?))
        };
        let [on_citus, on_server] = [prepare(sides[0])?, prepare(sides[1])?];
        let statements =
            |baseline: &Arc<Baseline>| runtime.block_on(Arc::clone(baseline).run(span));
        let store = || runtime.block_on(fixture.run(operation, 1, span));
        let engine = Comparison::run(rounds, || statements(&on_citus), || statements(&on_server));
        println!("| {operation} | Citus, one server | {}", engine.columns(None));
        let of_store = Comparison::run(rounds, store, || statements(&on_citus));
        println!("| {operation} | store, statements | {}", of_store.columns(None));
    }
    Ok(())
}

/// Returns the versions and the number of workers of a cluster.
async fn versions(config: &Config) -> Outcome<String> {
    let sql = "SELECT split_part(citus_version(), ' on ', 1) || ', PostgreSQL ' \
               || current_setting('server_version') || ', ' || count(*) || ' workers, fsync ' \
               || current_setting('fsync') FROM pg_dist_node WHERE groupid > 0";
    Ok(connect(config).await.query_one(sql, &[]).await?.get(0))
}

/// Returns the number of connections from the coordinator to each worker.
async fn connections_of_workers(config: &Config) -> Outcome<String> {
    let sql = "SELECT 'connections of the coordinator to each worker: ' \
               || string_agg(result, ', ') FROM run_command_on_workers($$SELECT count(*) \
               FROM pg_stat_activity WHERE application_name LIKE 'citus_internal%'$$)";
    Ok(connect(config).await.query_one(sql, &[]).await?.get(0))
}
