//! Random faults of connections and servers.

use std::fmt;
use std::time::{Duration, Instant, UNIX_EPOCH};
use std::{env, thread};

use crate::histories::Histories;
use crate::postgres::{Cluster, Database, connect};
use crate::proxy::{Cut, Proxy};
use crate::rng::Rng;
use crate::worker_config::{DistributedTables, WorkerConfig};
use crate::worker_processes::{TIMEOUT, WorkerProcesses};
use crate::writer::{KEYLESS_PREFIX, MESSAGE_PREFIX};

pub(crate) const PROCESSES: usize = 4;

/// The proxies in front of a server, one for each process.
pub(crate) struct ServerProxies {
    proxies: Vec<Proxy>,
}

impl ServerProxies {
    pub(crate) fn to(server: &Cluster) -> Self {
        Self { proxies: (0..PROCESSES).map(|_| Proxy::to(server.port())).collect() }
    }

    pub(crate) fn port(&self, process: usize) -> u16 {
        self.proxies[process].port()
    }

    fn cuts(&self) -> u32 {
        self.proxies.iter().map(Proxy::cuts).sum()
    }
}

/// The source of the faults, and a count of those that happened.
pub(crate) struct FaultInjector {
    rng: Rng,
    seed: u64,
    start: Instant,
    pub(crate) histories: Histories,
    /// The tables of the processes on Citus.
    pub(crate) distributed: Option<DistributedTables>,
    /// The duration of all faults together.
    duration: Duration,
    /// The number of times that all connections of a process were cut.
    cut_alls: u32,
    /// The server processes of the connections that the server closed.
    terminated: Vec<i32>,
    crashes: u32,
    promotions: u32,
}

impl FaultInjector {
    pub(crate) fn new() -> Self {
        let variable = |name| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
        let seconds = variable("FRONTDESK_FAULT_SECONDS").unwrap_or(12);
        let from_clock = || u64::from(UNIX_EPOCH.elapsed().unwrap().subsec_micros());
        let seed = variable("FRONTDESK_FAULT_SEED").unwrap_or_else(from_clock);
        println!("{seconds} seconds, FRONTDESK_FAULT_SEED={seed}");
        Self {
            rng: Rng::new(seed),
            seed,
            start: Instant::now(),
            histories: Histories::new(PROCESSES),
            distributed: None,
            duration: Duration::from_secs(seconds),
            cut_alls: 0,
            terminated: Vec::new(),
            crashes: 0,
            promotions: 0,
        }
    }

    /// Starts the processes, each with the URLs of its servers, and waits until they work.
    pub(crate) fn start_workers(&mut self, urls: impl Fn(usize) -> Vec<String>) -> WorkerProcesses {
        let seed = self.seed;
        let configs = (0..PROCESSES).map(|process| WorkerConfig {
            name: format!("p{process}"),
            urls: urls(process),
            seed: seed + process as u64,
            distributed: self.distributed.clone(),
            history: self.histories.of_worker(process).to_owned(),
        });
        let workers = WorkerProcesses::start(configs);
        workers.wait_for_acknowledged(1);
        self.start = Instant::now();
        workers
    }

    /// Cuts connections until `percent` of the duration are over: during requests, commits and
    /// responses. The injector also makes the given servers close connections of the databases.
    pub(crate) async fn disturb_until(
        &mut self,
        percent: u32,
        proxies: &[ServerProxies],
        servers: &[(&Cluster, &Database)],
    ) {
        let until = self.start + self.duration * percent / 100;
        // Each phase has at least three cuts, even if it begins late.
        let enough: Vec<u32> = proxies.iter().map(|proxies| proxies.cuts() + 3).collect();
        let is_enough =
            || proxies.iter().zip(&enough).all(|(proxies, enough)| proxies.cuts() >= *enough);
        for turn in 0.. {
            if turn >= 10 && Instant::now() >= until && is_enough() {
                break;
            }
            assert!(Instant::now() < until + TIMEOUT, "no connection can be cut anymore");
            let server = &proxies[self.rng.below::<usize>(proxies.len() as u64)].proxies;
            let proxy = &server[self.rng.below::<usize>(server.len() as u64)];
            match self.rng.below::<u8>(8) {
                0..=2 => proxy.cut_next(Cut::Bytes(self.rng.below(20_000))),
                3 => proxy.cut_next(Cut::Before(MESSAGE_PREFIX)),
                4 => proxy.cut_next(Cut::After(MESSAGE_PREFIX)),
                5 => proxy.cut_next(Cut::After(KEYLESS_PREFIX)),
                // Every commit contains this activity, even a commit of a read mark.
                6 => proxy.cut_next(Cut::After(b"Harbour tour")),
                _ => {
                    proxy.cut_all();
                    self.cut_alls += 1;
                }
            }
            if let Some((server, database)) = servers.get(turn % 8) {
                self.terminate_connections(server, database).await;
            }
            thread::sleep(Duration::from_millis(10 + self.rng.below::<u64>(70)));
        }
    }

    /// Makes a server close some connections, first those that are executing something.
    async fn terminate_connections(&mut self, server: &Cluster, database: &Database) {
        let name = database.name();
        let limit = 1 + self.rng.below::<u8>(10);
        let terminate = format!(
            "SELECT pid FROM (SELECT pid FROM pg_stat_activity WHERE usename = '{name}' \
             ORDER BY state LIMIT {limit}) chosen WHERE pg_terminate_backend(pid)"
        );
        let pids = connect(&server.admin()).await.query(&terminate, &[]).await.unwrap();
        self.terminated.extend(pids.iter().map(|row| row.get::<_, i32>(0)));
    }

    /// Waits until the terminated connections are gone and the replica has everything that was
    /// written until then.
    pub(crate) async fn wait_for_replica(&self, primary: &mut Cluster) {
        let pids: Vec<String> = self.terminated.iter().map(i32::to_string).collect();
        let pids = pids.join(",");
        primary.wait_for_row(&format!(
            "SELECT 1 WHERE NOT EXISTS \
             (SELECT FROM pg_stat_activity WHERE pid = ANY ('{{{pids}}}'))"
        ));
        let position = "SELECT pg_current_wal_insert_lsn()::text";
        let client = connect(&primary.admin()).await;
        let position: String = client.query_one(position, &[]).await.unwrap().get(0);
        primary.wait_for_row(&format!(
            "SELECT 1 FROM pg_stat_replication \
             WHERE sync_state = 'sync' AND flush_lsn >= '{position}'"
        ));
    }

    /// Returns the time of all faults together.
    pub(crate) fn duration(&self) -> Duration {
        self.duration
    }

    /// Crashes a server and restarts it a little later.
    pub(crate) fn crash_and_restart(&mut self, server: &mut Cluster) {
        server.crash();
        self.wait_a_little();
        server.start_again();
        self.crashes += 1;
    }

    /// Crashes a server and promotes its replica a little later.
    pub(crate) fn fail_over(&mut self, server: &mut Cluster, replica: &mut Cluster) {
        server.crash();
        self.wait_a_little();
        replica.promote();
        self.promotions += 1;
    }

    fn wait_a_little(&mut self) {
        thread::sleep(Duration::from_millis(self.rng.below(400)));
    }

    /// Prints the faults that happened, and asserts that there were faults of every kind.
    pub(crate) fn assert_happened(&self, proxies: &[ServerProxies], crashes: u32, promotions: u32) {
        let cuts: u32 = proxies.iter().map(ServerProxies::cuts).sum();
        println!("faults: {cuts} connections cut at a chosen point, {self}");
        assert!(!self.terminated.is_empty(), "no server closed a connection");
        assert_eq!((self.crashes, self.promotions), (crashes, promotions));
    }
}

impl fmt::Display for FaultInjector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cut_alls, terminated, crashes, promotions, .. } = self;
        write!(f, "{cut_alls} times all connections of a process, ")?;
        write!(f, "{} connections closed by the server, ", terminated.len())?;
        write!(f, "{crashes} crashes and restarts, {promotions} promotions")
    }
}
