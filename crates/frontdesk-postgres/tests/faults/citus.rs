//! A Citus cluster whose shards move while its servers restart.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use frontdesk_postgres::PostgresStore;
use tokio::time::sleep;
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::checker::{assert_nothing_is_lost, assert_start_overs};
use crate::fault_injector::FaultInjector;
use crate::postgres::{Database, citus, schema_prefix};
use crate::worker::LOCATIONS;
use crate::worker_config::DistributedTables;
use crate::worker_processes::WorkerProcesses;

/// The time between the moves of a shard.
const MOVE_INTERVAL: Duration = Duration::from_secs(2);

/// The variable with a program that restarts a server of the cluster. Its argument is the port of
/// the server.
const RESTART: &str = "FRONTDESK_CITUS_RESTART";

/// P1, P2, P7, I3, I4: shards move from worker to worker, a worker restarts, and the coordinator
/// restarts. Every acknowledged message is stored once, all clients saw one history, and no poll
/// starts over.
pub(crate) async fn test(url: String, coordinator: Config) {
    let mut faults = FaultInjector::new();
    let database = Database::existing(coordinator.clone());
    let tables =
        DistributedTables { schema: format!("{}faults", schema_prefix()), shards: citus::SHARDS };
    tables.store(&url).migrate().await.unwrap();
    faults.distributed = Some(tables.clone());
    let workers = faults.start_workers(|_| vec![url.clone()]);
    let mut cluster = CitusCluster { coordinator, tables, moves: 0, restarts: 0 };

    let mut gaps = AcknowledgementGaps::new(&workers);
    let third = faults.duration() / 3;
    cluster.move_shards(third, &mut gaps).await;
    cluster.restart(Server::Worker).await;
    cluster.move_shards(third, &mut gaps).await;
    cluster.restart(Server::Coordinator).await;
    cluster.move_shards(third, &mut gaps).await;

    workers.wait_for_acknowledged(1);
    println!(
        "{} moves of shards, {} restarts; longest time without an acknowledgement: {} ms",
        cluster.moves,
        cluster.restarts,
        gaps.longest.as_millis()
    );
    let reports = workers.finish();
    assert!(cluster.moves >= 2, "only {} shards were moved", cluster.moves);
    assert_start_overs(&reports, 0);
    let store: PostgresStore = cluster.tables.store(&url);
    assert_nothing_is_lost(store, &reports, faults.histories).await;
    drop(database);
}

#[derive(Debug, Clone, Copy)]
enum Server {
    Worker,
    Coordinator,
}

/// The cluster, and a count of the faults that happened.
struct CitusCluster {
    coordinator: Config,
    tables: DistributedTables,
    moves: u32,
    restarts: u32,
}

impl CitusCluster {
    /// Moves the shards of one location after the other for a span of time.
    async fn move_shards(&mut self, span: Duration, gaps: &mut AcknowledgementGaps<'_>) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            let location = LOCATIONS[self.moves as usize % LOCATIONS.len()];
            let (tables, coordinator) = (self.tables.clone(), self.coordinator.clone());
            let moving =
                tokio::spawn(async move { move_shard(&coordinator, &tables, location).await });
            while !moving.is_finished() {
                gaps.observe();
                sleep(Duration::from_millis(5)).await;
            }
            match moving.await.unwrap() {
                Ok(()) => self.moves += 1,
                Err(error) => println!("a move failed: {error}"),
            }
            let pause = Instant::now() + MOVE_INTERVAL;
            while Instant::now() < pause.min(end) {
                gaps.observe();
                sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Restarts a server with the program of the host.
    async fn restart(&mut self, server: Server) {
        let Some(program) = env::var_os(RESTART) else {
            println!("not run: the restart of a server, because {RESTART} is not set");
            return;
        };
        let port = match server {
            Server::Coordinator => i32::from(self.coordinator.get_ports()[0]),
            Server::Worker => {
                let client = connect(&self.coordinator).await.unwrap();
                let sql = "SELECT nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY 1 LIMIT 1";
                client.query_one(sql, &[]).await.unwrap().get(0)
            }
        };
        let restart = move || Command::new(program).arg(port.to_string()).status();
        let status = tokio::task::spawn_blocking(restart).await.unwrap().unwrap();
        assert!(status.success(), "{server:?}: {status}");
        self.restarts += 1;
    }
}

/// Moves the shards of a location to another worker, while clients read and write.
async fn move_shard(
    coordinator: &Config,
    tables: &DistributedTables,
    location: &str,
) -> Result<(), Error> {
    let client = connect(coordinator).await?;
    let sql = format!(
        "SELECT citus_move_shard_placement(p.shardid, p.nodename, p.nodeport, n.nodename, \
         n.nodeport, 'force_logical') \
         FROM pg_dist_shard_placement p, pg_dist_node n \
         WHERE p.shardid = get_shard_id_for_distribution_column('{}.location', '{location}') \
         AND n.groupid > 0 AND n.noderole = 'primary' \
         AND (n.nodename, n.nodeport) <> (p.nodename, p.nodeport) LIMIT 1",
        tables.schema
    );
    client.batch_execute(&sql).await
}

async fn connect(config: &Config) -> Result<Client, Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The longest time in which no process got an acknowledgement.
struct AcknowledgementGaps<'a> {
    workers: &'a WorkerProcesses,
    acknowledged: u32,
    since: Instant,
    longest: Duration,
}

impl<'a> AcknowledgementGaps<'a> {
    fn new(workers: &'a WorkerProcesses) -> Self {
        let acknowledged = workers.acknowledged();
        Self { workers, acknowledged, since: Instant::now(), longest: Duration::ZERO }
    }

    fn observe(&mut self) {
        let acknowledged = self.workers.acknowledged();
        if acknowledged > self.acknowledged {
            self.longest = self.longest.max(self.since.elapsed());
            (self.acknowledged, self.since) = (acknowledged, Instant::now());
        }
    }
}
