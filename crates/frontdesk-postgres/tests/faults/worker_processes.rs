//! The worker processes, as the test sees them.

use std::env;
use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::report::Report;
use crate::worker_config::{WORKER_CONFIG, WorkerConfig};

/// The time after which a step of the test has failed.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// All worker processes of a test.
pub(crate) struct WorkerProcesses(Vec<WorkerProcess>);

struct WorkerProcess {
    child: Child,
    commands: ChildStdin,
    acknowledged: Arc<AtomicU32>,
    stopped: Receiver<()>,
    /// A thread that ends with the process and returns its reports.
    reader: Option<JoinHandle<Vec<Report>>>,
}

impl WorkerProcesses {
    pub(crate) fn start(configs: impl Iterator<Item = WorkerConfig>) -> Self {
        Self(configs.map(|config| WorkerProcess::start(&config)).collect())
    }

    /// Waits until each process has `more` further acknowledged messages.
    pub(crate) fn wait_for_acknowledged(&self, more: u32) {
        let count = |process: &WorkerProcess| process.acknowledged.load(SeqCst);
        let enough: Vec<u32> = self.0.iter().map(|process| count(process) + more).collect();
        let start = Instant::now();
        while self.0.iter().zip(&enough).any(|(process, enough)| count(process) < *enough) {
            assert!(!self.0.iter().any(WorkerProcess::has_ended), "a process failed");
            assert!(start.elapsed() < TIMEOUT, "a process gets no acknowledgement anymore");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the number of acknowledged messages of all processes.
    pub(crate) fn acknowledged(&self) -> u32 {
        self.0.iter().map(|process| process.acknowledged.load(SeqCst)).sum()
    }

    /// Stops all writers, then makes the readers read to the end. Returns the reports of each
    /// process.
    pub(crate) fn finish(mut self) -> Vec<Vec<Report>> {
        self.0.iter_mut().for_each(|process| process.send("stop"));
        for process in &self.0 {
            process.stopped.recv_timeout(TIMEOUT).expect("a process stops writing");
        }
        self.0.iter_mut().for_each(|process| process.send("finish"));
        self.0.iter_mut().map(WorkerProcess::wait).collect()
    }
}

impl WorkerProcess {
    fn start(config: &WorkerConfig) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .env(WORKER_CONFIG, serde_json::to_string(config).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let acknowledged = Arc::new(AtomicU32::new(0));
        let (stop, stopped) = channel();
        let count = Arc::clone(&acknowledged);
        let reports = Report::read_all(BufReader::new(output))
            .inspect(move |report| observe(report, &count, &stop));
        let reader = Some(thread::spawn(move || reports.collect()));
        Self { child, commands, acknowledged, stopped, reader }
    }

    fn send(&mut self, command: &str) {
        writeln!(self.commands, "{command}").expect("the process reads its commands");
    }

    fn has_ended(&self) -> bool {
        self.reader.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits for the successful end of the process and returns its reports.
    fn wait(&mut self) -> Vec<Report> {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < TIMEOUT, "a process does not end");
            thread::sleep(Duration::from_millis(10));
        }
        let reports = self.reader.take().unwrap().join().unwrap();
        assert!(self.child.wait().unwrap().success(), "a process failed");
        reports
    }
}

fn observe(report: &Report, acknowledged: &AtomicU32, stopped: &Sender<()>) {
    match report {
        Report::Acknowledged { .. } => {
            acknowledged.fetch_add(1, SeqCst);
        }
        // An error means that the test has failed and waits no more.
        Report::Stopped => drop(stopped.send(())),
        _ => {}
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
