//! What goes wrong, by dice.

use std::fmt;
use std::time::{Duration, Instant, UNIX_EPOCH};
use std::{env, thread};

use crate::dice::Dice;
use crate::office::Post;
use crate::postgres::{Cluster, Database, connect};
use crate::process::{LONG, Processes};
use crate::proxy::{Cut, Proxy};
use crate::writing::{WITHOUT_KEY, WORDS};

pub(crate) const PROCESSES: usize = 4;

/// The way to a server, with a line of its own for each process.
pub(crate) struct Gate {
    lines: Vec<Proxy>,
}

impl Gate {
    pub(crate) fn to(server: &Cluster) -> Self {
        Self { lines: (0..PROCESSES).map(|_| Proxy::to(server.port())).collect() }
    }

    pub(crate) fn port(&self, process: usize) -> u16 {
        self.lines[process].port()
    }

    fn cuts(&self) -> u32 {
        self.lines.iter().map(Proxy::cuts).sum()
    }
}

/// How bad it gets, and how bad it got.
pub(crate) struct Faults {
    dice: Dice,
    seed: u64,
    start: Instant,
    /// How long it goes on.
    whole: Duration,
    dropped: u32,
    /// The processes of the connections that were ended.
    terminated: Vec<i32>,
    crashes: u32,
    promotions: u32,
}

impl Faults {
    pub(crate) fn new() -> Self {
        let number = |name| env::var(name).ok().map(|number| number.parse::<u64>().unwrap());
        let seconds = number("FRONTDESK_FAULT_SECONDS").unwrap_or(12);
        let by_clock = || u64::from(UNIX_EPOCH.elapsed().unwrap().subsec_micros());
        let seed = number("FRONTDESK_FAULT_SEED").unwrap_or_else(by_clock);
        println!("{seconds} seconds, FRONTDESK_FAULT_SEED={seed}");
        Self {
            dice: Dice::new(seed),
            seed,
            start: Instant::now(),
            whole: Duration::from_secs(seconds),
            dropped: 0,
            terminated: Vec::new(),
            crashes: 0,
            promotions: 0,
        }
    }

    /// The processes, each at the servers that it is to use by these URLs, and at work.
    pub(crate) fn processes(&mut self, urls: impl Fn(usize) -> Vec<String>) -> Processes {
        let seed = self.seed;
        let posts = (0..PROCESSES).map(|process| Post {
            name: format!("p{process}"),
            urls: urls(process),
            seed: seed + process as u64,
        });
        let processes = Processes::start(posts);
        processes.hear(1);
        self.start = Instant::now();
        processes
    }

    /// Cuts lines until so many percent of the time are over, in the middle of requests,
    /// of commits and of their answers; and ends connections on these servers.
    pub(crate) async fn storm(&mut self, gates: &[Gate], at: &[(&Cluster, &Database)], until: u32) {
        let until = self.start + self.whole * until / 100;
        // However late it is, each part of the script has its share.
        let enough: Vec<u32> = gates.iter().map(|gate| gate.cuts() + 3).collect();
        let is_enough = || gates.iter().zip(&enough).all(|(gate, enough)| gate.cuts() >= *enough);
        for turn in 0.. {
            if turn >= 10 && Instant::now() >= until && is_enough() {
                break;
            }
            assert!(Instant::now() < until + LONG, "nothing is left to cut");
            let line = &gates[self.dice.below::<usize>(gates.len() as u64)].lines;
            let line = &line[self.dice.below::<usize>(line.len() as u64)];
            match self.dice.below::<u8>(8) {
                0..=2 => line.cut_next(Cut::Bytes(self.dice.below(20_000))),
                3 => line.cut_next(Cut::Before(WORDS)),
                4 => line.cut_next(Cut::After(WORDS)),
                5 => line.cut_next(Cut::After(WITHOUT_KEY)),
                // What every commit has, a mark too.
                6 => line.cut_next(Cut::After(b"Harbour tour")),
                _ => {
                    line.cut_all();
                    self.dropped += 1;
                }
            }
            if let Some((server, database)) = at.get(turn % 8) {
                self.terminate(server, database).await;
            }
            thread::sleep(Duration::from_millis(10 + self.dice.below::<u64>(70)));
        }
    }

    /// Ends some connections, those in the middle of something first.
    async fn terminate(&mut self, server: &Cluster, database: &Database) {
        let name = database.config().get_dbname().unwrap().to_owned();
        let some = 1 + self.dice.below::<u8>(10);
        let end = format!(
            "SELECT pid FROM (SELECT pid FROM pg_stat_activity WHERE usename = '{name}' \
             ORDER BY state LIMIT {some}) chosen WHERE pg_terminate_backend(pid)"
        );
        let ended = connect(&server.admin()).await.query(&end, &[]).await.unwrap();
        self.terminated.extend(ended.iter().map(|row| row.get::<_, i32>(0)));
    }

    /// Waits until the connections that were ended are gone, and the replica has all that
    /// was written up to then.
    pub(crate) async fn caught_up(&self, primary: &mut Cluster) {
        primary.soon(&format!(
            "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY ('{{{}}}'))",
            self.terminated.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
        ));
        let now = "SELECT pg_current_wal_insert_lsn()::text";
        let now: String = connect(&primary.admin()).await.query_one(now, &[]).await.unwrap().get(0);
        primary.soon(&format!(
            "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '{now}'"
        ));
    }

    /// A server crashes, and is back a little later.
    pub(crate) fn crash(&mut self, server: &mut Cluster) {
        server.crash();
        self.wait_a_little();
        server.start_again();
        self.crashes += 1;
    }

    /// A server crashes for good, and a little later its replica takes over.
    pub(crate) fn fail_over(&mut self, server: &mut Cluster, replica: &mut Cluster) {
        server.crash();
        self.wait_a_little();
        replica.promote();
        self.promotions += 1;
    }

    fn wait_a_little(&mut self) {
        thread::sleep(Duration::from_millis(self.dice.below(400)));
    }

    /// Says what happened, and that all of it did.
    pub(crate) fn happened(&self, gates: &[Gate], crashes: u32, promotions: u32) {
        let cuts: u32 = gates.iter().map(Gate::cuts).sum();
        println!(
            "faults: {cuts} lines cut at a chosen place, {} times all lines of a process, {self}",
            self.dropped,
        );
        assert!(!self.terminated.is_empty(), "no connection was ended");
        assert_eq!((self.crashes, self.promotions), (crashes, promotions));
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terminated, crashes, promotions, .. } = self;
        write!(f, "{} connections ended by the server, ", terminated.len())?;
        write!(f, "{crashes} crashes and restarts, {promotions} promotions")
    }
}
