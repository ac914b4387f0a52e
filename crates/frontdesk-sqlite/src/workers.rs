use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Builder, JoinHandle};

use frontdesk::ThreadId;
use frontdesk::store::{Change, Commit, CommitOutcome, StoreError, VersionedThread};

use crate::database::Database;
use crate::read_queue::{DatabaseCall, Read, ReadBatch, ReadQueue};
use crate::response::{Responder, respond_all, response};

/// The highest number of commits in one transaction. This limit bounds the time until the first
/// commit of the transaction is acknowledged.
const MAX_BATCH: usize = 256;

/// The number of messages in a transaction from which the writer adds no more commits to it.
/// When commits are large, this limit bounds the time until the first commit is acknowledged.
const MAX_BATCH_MESSAGES: usize = 1_000;

enum Job {
    Commit(Box<Commit>, Responder<Result<CommitOutcome, StoreError>>),
    /// A read, or a write that shares its transaction with no other job.
    Call(DatabaseCall),
}

/// The OS threads that call SQLite, so that no thread of an executor waits for the disk.
pub(super) struct Workers {
    /// The channel to the writer. It is `None` once the store is dropped, so that the writer ends.
    jobs: Option<Sender<Job>>,
    /// The queue of the readers, or `None` if the writer also reads.
    reads: Option<Arc<ReadQueue>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(writer: Database, readers: Vec<Database>) -> io::Result<Self> {
        let (jobs, received) = channel();
        let writer =
            named_thread("frontdesk-writer").spawn(move || run_writer(&writer, &received))?;
        let (jobs, writer) = (Some(jobs), Some(writer));
        let mut workers = Self { jobs, reads: None, writer, readers: Vec::new() };
        if !readers.is_empty() {
            let reads = Arc::clone(workers.reads.insert(Arc::default()));
            for reader in readers {
                let reads = Arc::clone(&reads);
                let run = move || run_reader(&reader, &reads);
                workers.readers.push(named_thread("frontdesk-reader").spawn(run)?);
            }
        }
        Ok(workers)
    }

    /// Runs a commit on the writer thread, perhaps in one transaction with other commits.
    pub(super) async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let (responder, response) = response();
        self.send(Job::Commit(commit.into(), responder));
        // If no response comes, the writer has ended or panicked, perhaps after the commit.
        response.await.unwrap_or_else(|ended| Err(StoreError::outcome_unknown(ended)))
    }

    /// Runs a write on the writer thread, in a separate transaction.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (responder, response) = response();
        self.send(Job::Call(responding_call(responder, write)));
        response.await.unwrap_or_else(|ended| Err(StoreError::outcome_unknown(ended)))
    }

    /// Reads the state of a thread's id. A reader answers several such reads that wait at the same time.
    pub(super) async fn thread(&self, id: ThreadId) -> Result<Option<VersionedThread>, StoreError> {
        let Some(reads) = &self.reads else {
            return self.read(move |database| database.thread(&id)).await;
        };
        let (responder, response) = response();
        reads.push(Read::Head((id, responder)));
        response.await.unwrap_or_else(|ended| Err(StoreError::other(ended)))
    }

    /// Runs a read on a reader thread, or on the writer thread if the store is in memory.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (responder, response) = response();
        let call = responding_call(responder, read);
        match &self.reads {
            Some(reads) => reads.push(Read::Call(call)),
            None => self.send(Job::Call(call)),
        }
        response.await.unwrap_or_else(|ended| Err(StoreError::other(ended)))
    }

    /// Sends a job to the writer. If the writer has ended, the job and its responder are
    /// dropped, and the caller gets an error.
    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
    }
}

/// Waits until all jobs are done and all connections are closed.
///
/// The readers' connections close before the writer's connection. SQLite moves the write-ahead
/// log into the file when the last connection closes. If two connections closed at the same time,
/// SQLite would treat neither as the last one.
impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(reads) = &self.reads {
            reads.close();
        }
        self.readers.drain(..).for_each(join_other_thread);
        self.jobs = None;
        self.writer.take().into_iter().for_each(join_other_thread);
    }
}

/// Joins an OS thread, unless it is the current OS thread.
///
/// Some executors run a task on the OS thread that wakes the task. If that task drops the last
/// clone of the store, this function runs on one of the store's own OS threads, which cannot join
/// itself.
fn join_other_thread(thread: JoinHandle<()>) {
    if thread.thread().id() != thread::current().id() {
        drop(thread.join());
    }
}

/// Makes a call that executes `run` and sends the result to the responder.
fn responding_call<T: Send + 'static>(
    responder: Responder<T>,
    run: impl FnOnce(&Database) -> T + Send + 'static,
) -> DatabaseCall {
    Box::new(move |database| responder.respond(run(database)))
}

fn named_thread(name: &str) -> Builder {
    Builder::new().name(name.to_owned())
}

/// Runs reads until the queue is closed and empty.
fn run_reader(database: &Database, reads: &ReadQueue) {
    while let Some(batch) = reads.pop() {
        match batch {
            ReadBatch::Call(call) => call(database),
            ReadBatch::Heads(heads) => {
                let (ids, responders): (Vec<_>, Vec<_>) = heads.into_iter().unzip();
                respond_all(responders, database.states(&ids));
            }
        }
    }
}

/// Runs jobs in the order in which they were sent. Commits that wait at the same time, or arrive
/// during a transaction, share the transaction.
fn run_writer(database: &Database, jobs: &Receiver<Job>) {
    let mut next = jobs.recv().ok();
    while let Some(job) = next.take() {
        match job {
            Job::Call(call) => call(database),
            Job::Commit(commit, responder) => {
                let mut messages = added_messages(&commit);
                let mut responders = vec![responder];
                let results = database.commit_all(*commit, || {
                    let is_full = responders.len() >= MAX_BATCH || messages >= MAX_BATCH_MESSAGES;
                    if is_full || next.is_some() {
                        return None;
                    }
                    match jobs.try_recv() {
                        Ok(Job::Commit(commit, responder)) => {
                            messages += added_messages(&commit);
                            responders.push(responder);
                            Some(*commit)
                        }
                        Ok(call) => {
                            next = Some(call);
                            None
                        }
                        Err(_) => None,
                    }
                });
                respond_all(responders, results);
            }
        }
        if next.is_none() {
            next = jobs.recv().ok();
        }
    }
}

fn added_messages(commit: &Commit) -> usize {
    match commit.change() {
        Change::Messages(messages) => messages.len(),
        Change::None | Change::Redact(_) | Change::RedactAuthor(_) => 0,
    }
}
