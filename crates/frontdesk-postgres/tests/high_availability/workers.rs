//! The processes that write and poll, as their parent sees them.

use std::env;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, UNIX_EPOCH};

use frontdesk_conformance::history::{History, HistoryFile, HistoryReport, check};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::report::Report;
use crate::worker::{HISTORY, URL, WORKER};

const PROCESSES: usize = 4;

/// The time after which no standby takes over anymore.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Running workers.
pub(crate) struct Workers {
    processes: Vec<WorkerProcess>,
    /// The time of the last acknowledgement that [`longest_pause`](Self::longest_pause) has
    /// counted.
    counted: u64,
    histories: Histories,
}

struct WorkerProcess {
    child: Child,
    commands: ChildStdin,
    reports: Arc<Mutex<Vec<Report>>>,
    /// A thread that ends with the process.
    reader: JoinHandle<()>,
}

/// The files of the recorded calls of all processes.
pub(crate) struct Histories(TempDir);

impl Histories {
    fn of_worker(&self, worker: usize) -> PathBuf {
        self.0.path().join(format!("worker-{worker}.jsonl"))
    }

    fn of_test(&self) -> PathBuf {
        self.0.path().join("test.jsonl")
    }

    /// Checks the calls of all processes.
    pub(crate) fn check(&self) -> HistoryReport {
        let workers = (0..PROCESSES).map(|worker| self.of_worker(worker));
        check(&History::read(workers.chain([self.of_test()])).unwrap())
    }
}

/// Returns the booking of a worker.
pub(crate) fn booking_of(worker: usize) -> String {
    format!("b-{worker}")
}

impl Workers {
    pub(crate) fn start(url: &str) -> Self {
        let histories = Histories(tempfile::tempdir().unwrap());
        let start = |worker| {
            let history = histories.of_worker(worker);
            let mut program = Command::new(env::current_exe().unwrap());
            program.env(WORKER, booking_of(worker)).env(URL, url).env(HISTORY, history);
            WorkerProcess::start(&mut program)
        };
        Self { processes: (0..PROCESSES).map(start).collect(), counted: 0, histories }
    }

    /// Creates the file for the calls of the test itself.
    pub(crate) fn create_history(&self) -> HistoryFile {
        HistoryFile::create(self.histories.of_test()).unwrap()
    }

    /// Waits until each worker gets an acknowledgement that is later than this call by at least
    /// a time. Earlier acknowledgements can belong to calls from before a fault.
    pub(crate) async fn wait_for_messages(&self, later: Duration) {
        let since = (UNIX_EPOCH.elapsed().unwrap() + later).as_micros();
        let has_message = |process: &WorkerProcess| {
            process.times().last().is_some_and(|time| u128::from(*time) > since)
        };
        let start = Instant::now();
        while !self.processes.iter().all(has_message) {
            let has_ended = |process: &WorkerProcess| process.reader.is_finished();
            assert!(!self.processes.iter().any(has_ended), "a worker has ended");
            assert!(start.elapsed() < TIMEOUT, "no leader acknowledges the workers' messages");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns the longest time in which no worker got an acknowledgement, since the last call.
    pub(crate) fn longest_pause(&mut self) -> Duration {
        let times = self.processes.iter().flat_map(WorkerProcess::times);
        let mut times: Vec<u64> = times.filter(|time| *time > self.counted).collect();
        times.sort_unstable();
        self.counted = times.last().copied().unwrap_or(self.counted);
        let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
        Duration::from_micros(pauses.max().unwrap_or_default())
    }

    /// Stops all workers, then lets them poll once more. Returns the reports of each worker, and
    /// the recorded calls.
    pub(crate) async fn finish(mut self) -> (Vec<Vec<Report>>, Histories) {
        self.processes.iter_mut().for_each(|process| process.send("stop"));
        for process in &self.processes {
            process.wait_for(|report| *report == Report::Stopped).await;
        }
        self.processes.iter_mut().for_each(|process| process.send("finish"));
        for process in &mut self.processes {
            process.wait_for(|report| matches!(report, Report::Inbox(_))).await;
            assert!(process.child.wait().unwrap().success(), "a worker failed");
        }
        let reports = |process: &WorkerProcess| process.reports.lock().unwrap().clone();
        (self.processes.iter().map(reports).collect(), self.histories)
    }
}

impl WorkerProcess {
    fn start(program: &mut Command) -> Self {
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let commands = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let reports = Arc::<Mutex<Vec<Report>>>::default();
        let received = Arc::clone(&reports);
        let read = move || {
            Report::read_all(output).for_each(|report| received.lock().unwrap().push(report));
        };
        Self { child, commands, reports, reader: thread::spawn(read) }
    }

    fn send(&mut self, command: &str) {
        writeln!(self.commands, "{command}").expect("the worker reads its commands");
    }

    /// Returns the times of all acknowledgements.
    fn times(&self) -> Vec<u64> {
        let time = |report: &Report| match report {
            Report::Acknowledged { time, .. } => Some(*time),
            _ => None,
        };
        self.reports.lock().unwrap().iter().filter_map(time).collect()
    }

    /// Waits for a report that is the worker's last one at that time.
    async fn wait_for(&self, is_expected: impl Fn(&Report) -> bool) {
        while !self.reports.lock().unwrap().last().is_some_and(&is_expected) {
            assert!(!self.reader.is_finished(), "a worker has ended");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
