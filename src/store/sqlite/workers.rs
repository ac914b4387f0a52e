use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder, JoinHandle};

use futures_channel::oneshot;

use super::database::Database;
use crate::store::{Commit, CommitOutcome, StoreError};

/// How many commits share a transaction at most, so that the first does not wait
/// for ever longer ones.
const MOST_TOGETHER: usize = 256;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;
type Read = Box<dyn FnOnce(&Database) + Send>;

enum Job {
    Commit(Box<Commit>, Answer<CommitOutcome>),
    Read(Read),
}

/// The threads that block so that no executor does.
pub(super) struct Workers {
    /// `None` once they are told to end.
    jobs: Option<Sender<Job>>,
    /// `None` where the writer reads, too.
    reads: Option<Arc<Reads>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

/// What waits to be read, for whichever reader is free.
///
/// Not a channel whose receiver the readers share behind a lock: whoever takes a
/// read gives up the lock, which wakes another reader for nothing. On two cores
/// that makes a poll with nothing new 17 µs instead of 11.
#[derive(Default)]
struct Reads {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    reads: VecDeque<Read>,
    ended: bool,
}

impl Reads {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, read: Read) {
        self.waiting().reads.push_back(read);
        self.more.notify_one();
    }

    /// The next one; `None` when all are done that ever will be.
    fn next(&self) -> Option<Read> {
        let more = |waiting: &mut Waiting| waiting.reads.is_empty() && !waiting.ended;
        let waiting = self.more.wait_while(self.waiting(), more);
        waiting.unwrap_or_else(PoisonError::into_inner).reads.pop_front()
    }

    fn end(&self) {
        self.waiting().ended = true;
        self.more.notify_all();
    }
}

impl Workers {
    pub(super) fn start(writer: Database, readers: Vec<Database>) -> io::Result<Self> {
        let (jobs, to_write) = channel();
        let writer = named("frontdesk-writer").spawn(move || work_through(&writer, &to_write))?;
        let (jobs, writer) = (Some(jobs), Some(writer));
        let mut workers = Self { jobs, reads: None, writer, readers: Vec::new() };
        if !readers.is_empty() {
            let reads = Arc::clone(workers.reads.insert(Arc::default()));
            for reader in readers {
                let reads = Arc::clone(&reads);
                let read = move || {
                    while let Some(read) = reads.next() {
                        read(&reader);
                    }
                };
                workers.readers.push(named("frontdesk-reader").spawn(read)?);
            }
        }
        Ok(workers)
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Commit(commit.into(), answer));
        // The thread is gone, or it panicked in the middle.
        answered.await.unwrap_or_else(|gone| Err(StoreError::outcome_unknown(gone)))
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Read = Box::new(move |database| {
            let found = read(database);
            tell(answer, found);
        });
        match &self.reads {
            Some(reads) => reads.add(job),
            None => self.send(Job::Read(job)),
        }
        answered.await.unwrap_or_else(|gone| Err(StoreError::other(gone)))
    }

    /// A job that nobody takes is dropped, and with it whoever would answer.
    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
    }
}

/// Ends when what was sent is done and the files are closed: the writer's last
/// and alone, for only the last to close brings the log into the file, and of two
/// that close at once neither is.
impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(reads) = &self.reads {
            reads.end();
        }
        self.readers.drain(..).for_each(wait_for);
        self.jobs = None;
        self.writer.take().into_iter().for_each(wait_for);
    }
}

/// Not for the thread that this is: an executor that runs what it wakes where it
/// wakes it can drop the last store here.
fn wait_for(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() {
        drop(thread.join());
    }
}

/// What is woken by this may run here, too; should it panic, the thread goes on.
/// Whoever asked may have gone; what was committed stands.
fn tell<T>(answer: Answer<T>, outcome: Result<T, StoreError>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(answer.send(outcome))));
}

fn named(name: &str) -> Builder {
    Builder::new().name(name.to_owned())
}

/// Does jobs in their order; commits that wait together are committed together.
fn work_through(database: &Database, jobs: &Receiver<Job>) {
    let mut next = jobs.recv().ok();
    while let Some(job) = next.take() {
        match job {
            Job::Read(read) => read(database),
            Job::Commit(commit, answer) => {
                let (mut commits, mut answers) = (vec![*commit], vec![answer]);
                while commits.len() < MOST_TOGETHER && next.is_none() {
                    match jobs.try_recv() {
                        Ok(Job::Commit(commit, answer)) => {
                            commits.push(*commit);
                            answers.push(answer);
                        }
                        Ok(read) => next = Some(read),
                        Err(_) => break,
                    }
                }
                for (answer, outcome) in answers.into_iter().zip(database.commit_all(&commits)) {
                    tell(answer, outcome);
                }
            }
        }
        if next.is_none() {
            next = jobs.recv().ok();
        }
    }
}
