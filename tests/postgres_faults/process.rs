//! The processes, as those who start them see them.

use std::env;
use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::office::{POST, Post};
use crate::report::Report;

/// How long anything may take that has no reason to.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// All that work at once.
pub(crate) struct Processes(Vec<Process>);

struct Process {
    child: Child,
    orders: ChildStdin,
    acknowledged: Arc<AtomicU32>,
    stopped: Receiver<()>,
    /// Ends with the process, and has all that it said.
    listener: Option<JoinHandle<Vec<Report>>>,
}

impl Processes {
    pub(crate) fn start(posts: impl Iterator<Item = Post>) -> Self {
        Self(posts.map(|post| Process::start(&post)).collect())
    }

    /// Waits until each was told that so many more of its messages are stored.
    pub(crate) fn hear(&self, more: u32) {
        let count = |process: &Process| process.acknowledged.load(SeqCst);
        let enough: Vec<u32> = self.0.iter().map(|process| count(process) + more).collect();
        let start = Instant::now();
        while self.0.iter().zip(&enough).any(|(process, enough)| count(process) < *enough) {
            assert!(!self.0.iter().any(Process::has_ended), "a process failed");
            assert!(start.elapsed() < LONG, "a process is told nothing any more");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// How many messages they were told are stored.
    pub(crate) fn acknowledged(&self) -> u32 {
        self.0.iter().map(|process| process.acknowledged.load(SeqCst)).sum()
    }

    /// Has all of them stop writing, and then read what there is to read; what they said.
    pub(crate) fn finish(mut self) -> Vec<Vec<Report>> {
        self.0.iter_mut().for_each(|process| process.tell("stop"));
        for process in &self.0 {
            process.stopped.recv_timeout(LONG).expect("a process stops writing");
        }
        self.0.iter_mut().for_each(|process| process.tell("finish"));
        self.0.iter_mut().map(Process::end).collect()
    }
}

impl Process {
    fn start(post: &Post) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .env(POST, serde_json::to_string(post).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, said) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let acknowledged = Arc::new(AtomicU32::new(0));
        let (stop, stopped) = channel();
        let count = Arc::clone(&acknowledged);
        let said =
            Report::heard(BufReader::new(said)).inspect(move |said| noted(said, &count, &stop));
        let listener = Some(thread::spawn(move || said.collect()));
        Self { child, orders, acknowledged, stopped, listener }
    }

    fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("a process listens");
    }

    fn has_ended(&self) -> bool {
        self.listener.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// What it said, once it has ended well.
    fn end(&mut self) -> Vec<Report> {
        let start = Instant::now();
        while !self.has_ended() {
            assert!(start.elapsed() < LONG, "a process does not come to an end");
            thread::sleep(Duration::from_millis(10));
        }
        let said = self.listener.take().unwrap().join().unwrap();
        assert!(self.child.wait().unwrap().success(), "a process failed");
        said
    }
}

fn noted(said: &Report, acknowledged: &AtomicU32, stopped: &Sender<()>) {
    match said {
        Report::Acknowledged { .. } => {
            acknowledged.fetch_add(1, SeqCst);
        }
        // Nobody waits any more when the test has failed.
        Report::Stopped => drop(stopped.send(())),
        _ => {}
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Which it may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
