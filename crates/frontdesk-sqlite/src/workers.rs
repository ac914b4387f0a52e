use std::io;
use std::sync::Arc;
use std::thread::{self, Builder, JoinHandle};

use frontdesk::ThreadId;
use frontdesk::store::{Change, Commit, CommitOutcome, StoreError, VersionedThread};

use crate::database::Database;
use crate::job_queue::{CommitJob, DatabaseCall, Job, JobQueue, Read, Write};
use crate::response::{Responder, respond_all, response};

/// The highest number of commits in one transaction. This limit bounds the time until the first
/// commit of the transaction is acknowledged.
const MAX_BATCH: usize = 256;

/// The number of messages in a transaction from which the writer adds no more commits to it.
/// When commits are large, this limit bounds the time until the first commit is acknowledged.
const MAX_BATCH_MESSAGES: usize = 1_000;

/// The OS threads that call SQLite, so that no thread of an executor waits for the disk.
pub(super) struct Workers {
    queue: Arc<JobQueue>,
    /// Returns its connection at its end. It is `None` once the store is dropped.
    writer: Option<JoinHandle<Database>>,
    /// Empty if the store is in memory. The writer then runs all reads.
    readers: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(super) fn start(writer: Database, readers: Vec<Database>) -> io::Result<Self> {
        let queue = Arc::<JobQueue>::default();
        let jobs = Arc::clone(&queue);
        let run = move || {
            run_writer(&writer, &jobs);
            writer
        };
        let writer = Some(named_thread("frontdesk-writer").spawn(run)?);
        let mut workers = Self { queue, writer, readers: Vec::new() };
        for reader in readers {
            let reads = Arc::clone(&workers.queue);
            let run = move || run_reader(&reader, &reads);
            workers.readers.push(named_thread("frontdesk-reader").spawn(run)?);
        }
        Ok(workers)
    }

    /// Runs a commit on the writer thread, perhaps in one transaction with other commits.
    pub(super) async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let (responder, response) = response();
        self.queue.push_write(Write::Commit((commit, responder).into()));
        // If no response comes, the writer has ended or panicked, perhaps after the commit.
        response.await.unwrap_or_else(|ended| Err(StoreError::outcome_unknown(ended)))
    }

    /// Runs a write on the writer thread, in a separate transaction.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (responder, response) = response();
        self.queue.push_write(Write::Call(responding_call(responder, write)));
        response.await.unwrap_or_else(|ended| Err(StoreError::outcome_unknown(ended)))
    }

    /// Reads the state of a thread's id, on a reader thread or on the writer thread. An OS thread
    /// answers several such reads that wait at the same time.
    pub(super) async fn thread(&self, id: ThreadId) -> Result<Option<VersionedThread>, StoreError> {
        if self.readers.is_empty() {
            return self.read(move |database| database.thread(&id)).await;
        }
        let (responder, response) = response();
        self.queue.push_read(Read::Head((id, responder)));
        response.await.unwrap_or_else(|ended| Err(StoreError::other(ended)))
    }

    /// Runs a read on a reader thread, or on the writer thread if the store is in memory.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (responder, response) = response();
        let call = responding_call(responder, read);
        if self.readers.is_empty() {
            self.queue.push_write(Write::Call(call));
        } else {
            self.queue.push_read(Read::Call(call));
        }
        response.await.unwrap_or_else(|ended| Err(StoreError::other(ended)))
    }
}

/// Waits until all jobs are done and all connections are closed.
///
/// The readers' connections close before the writer's connection. SQLite moves the write-ahead
/// log into the file when the last connection closes. If two connections closed at the same time,
/// SQLite would treat neither as the last one.
impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.close();
        self.readers.drain(..).for_each(join_other_thread);
        self.writer.take().into_iter().for_each(join_other_thread);
    }
}

/// Joins an OS thread, unless it is the current OS thread.
///
/// Some executors run a task on the OS thread that wakes the task. If that task drops the last
/// clone of the store, this function runs on one of the store's own OS threads, which cannot join
/// itself.
fn join_other_thread<T>(thread: JoinHandle<T>) {
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
fn run_reader(database: &Database, queue: &JobQueue) {
    while let Some(job) = queue.pop_for_reader() {
        run_job(database, queue, job);
    }
}

/// Runs writes in the order in which they were pushed, and reads of heads, until the queue is closed
/// and has no more of them.
fn run_writer(database: &Database, queue: &JobQueue) {
    let _end = EndOfWrites(queue);
    while let Some(job) = queue.pop_for_writer() {
        run_job(database, queue, job);
    }
}

/// Lets the writes that wait fail when the writer ends or panics.
struct EndOfWrites<'a>(&'a JobQueue);

impl Drop for EndOfWrites<'_> {
    fn drop(&mut self) {
        self.0.end_writes();
    }
}

fn run_job(database: &Database, queue: &JobQueue, job: Job) {
    match job {
        Job::Call(call) => call(database),
        Job::Heads(heads) => {
            let (ids, responders): (Vec<_>, Vec<_>) = heads.into_iter().unzip();
            respond_all(responders, database.states(&ids));
        }
        Job::Commit(first) => write_commits(database, queue, *first),
    }
}

/// Writes a commit. Commits that wait at the same time, or arrive during the transaction, share the
/// transaction.
fn write_commits(database: &Database, queue: &JobQueue, (commit, responder): CommitJob) {
    let mut messages = added_messages(&commit);
    let mut responders = vec![responder];
    let results = database.commit_all(commit, || {
        if responders.len() >= MAX_BATCH || messages >= MAX_BATCH_MESSAGES {
            return None;
        }
        let (commit, responder) = queue.pop_commit()?;
        messages += added_messages(&commit);
        responders.push(responder);
        Some(commit)
    });
    respond_all(responders, results);
}

fn added_messages(commit: &Commit) -> usize {
    match commit.change() {
        Change::Messages(messages) => messages.len(),
        Change::None | Change::Redact(_) | Change::RedactAuthor(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
    use std::time::Duration;

    use frontdesk::store::StoreErrorKind;
    use frontdesk::{BookingId, LocationId};
    use futures::executor::block_on;

    use super::*;

    /// Returns a database without threads.
    fn database() -> Database {
        let mut database = Database::open_in_memory().unwrap();
        database.migrate().unwrap();
        database
    }

    /// Starts a writer and one reader, each with a database of its own.
    fn workers() -> Workers {
        Workers::start(database(), vec![database()]).unwrap()
    }

    fn id() -> ThreadId {
        ThreadId::new(LocationId::new("harbour").unwrap(), BookingId::new("b-1").unwrap())
    }

    /// Reads a head while `run_call` runs a call that ends after the read.
    fn read_beside<F: Future<Output = Result<bool, StoreError>>>(
        workers: &Workers,
        run_call: impl FnOnce(Receiver<()>, Sender<()>) -> F,
    ) {
        let (head_is_read, waits) = channel();
        let (starts, has_started) = channel();
        let read = async {
            has_started.recv().unwrap();
            assert_eq!(workers.thread(id()).await.unwrap(), None);
            drop(head_is_read);
        };
        let (ended, ()) = block_on(futures::future::join(run_call(waits, starts), read));
        assert_eq!(ended.ok(), Some(true), "the head waited");
    }

    #[test]
    fn a_head_waits_neither_for_a_write_nor_for_a_long_read() {
        let workers = workers();
        let run = |waits: Receiver<()>, starts: Sender<()>| {
            move |_: &Database| {
                starts.send(()).unwrap();
                let waited = waits.recv_timeout(Duration::from_secs(10));
                Ok(waited == Err(RecvTimeoutError::Disconnected))
            }
        };
        read_beside(&workers, |waits, starts| workers.write(run(waits, starts)));
        read_beside(&workers, |waits, starts| workers.read(run(waits, starts)));
    }

    /// After a panic of the writer, no write waits without end, and the readers read heads.
    #[test]
    fn writes_fail_once_the_writer_has_panicked() {
        let workers = workers();
        let writes = || workers.write(|_| Ok(()));
        let panics = workers.write::<()>(|_| panic!("the writer ends here"));
        let (first, second) = block_on(futures::future::join(panics, writes()));
        for result in [first, second, block_on(writes())] {
            assert_eq!(result.unwrap_err().kind(), StoreErrorKind::OutcomeUnknown);
        }
        assert_eq!(block_on(workers.thread(id())).unwrap(), None);
    }

    #[test]
    fn heads_do_not_show_a_transaction_that_was_not_rolled_back() {
        let database = database();
        database.execute("BEGIN", ()).unwrap();
        for count in 1..3 {
            assert!(database.states(&vec![id(); count]).iter().all(Result::is_err));
        }
        database.roll_back();
        assert!(database.states(&[id()]).iter().all(Result::is_ok));
    }
}
