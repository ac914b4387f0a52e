use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use frontdesk::ThreadId;
use frontdesk::store::{Commit, CommitOutcome, StoreError, VersionedThread};

use crate::database::Database;
use crate::response::Responder;

/// A call that runs on the OS thread of a connection.
pub(super) type DatabaseCall = Box<dyn FnOnce(&Database) + Send>;

/// A read of the head of one thread, and the responder for the result.
pub(super) type HeadRead = (ThreadId, Responder<Result<Option<VersionedThread>, StoreError>>);

/// A commit, and the responder for its outcome.
pub(super) type CommitJob = (Commit, Responder<Result<CommitOutcome, StoreError>>);

/// A job that waits for the writer.
pub(super) enum Write {
    Commit(Box<CommitJob>),
    /// A write that shares its transaction with no other job, or a read if there are no readers.
    Call(DatabaseCall),
}

/// A read that waits. The readers run all reads, and the writer runs reads of heads.
pub(super) enum Read {
    Head(HeadRead),
    Call(DatabaseCall),
}

/// A job that an OS thread takes from the queue.
pub(super) enum Job {
    Commit(Box<CommitJob>),
    Call(DatabaseCall),
    /// Reads of heads that waited at the same time. One snapshot answers all of them.
    Heads(Vec<HeadRead>),
}

/// The highest number of heads that one snapshot reads. This limit bounds the time until the first
/// of them is answered.
const MAX_HEADS: usize = 32;

/// The time for which the writer stays awake without a job. A caller that gets a response often sends
/// its next job soon afterwards, and to wake an OS thread on an idle core can take as long.
const AWAKE_TIME: Duration = Duration::from_micros(50);

/// The jobs of the writer and of all readers.
///
/// Between two writes, the writer reads heads. Most commits follow a read of their head, and SQLite
/// discards the pages that a reader has in memory after each commit of another connection, but not
/// those of the writer.
///
/// A channel is slower, because the readers have to share its receiver behind a lock. Each time a
/// reader takes a read and releases the lock, another reader wakes up and finds nothing to read.
/// On two cores, a poll without changes took 17 µs with a channel and 11 µs with this queue
/// (`cargo bench -p frontdesk-benches --bench sqlite`).
#[derive(Default)]
pub(super) struct JobQueue {
    state: Mutex<QueueState>,
    /// Tells a writer that is awake whether it has a job.
    writer_has_job: AtomicBool,
    writer_notified: Condvar,
    reader_notified: Condvar,
}

#[derive(Default)]
struct QueueState {
    writes: VecDeque<Write>,
    reads: VecDeque<Read>,
    writer: Waiting,
    readers: Waiting,
    writer_state: WriterState,
    /// The number of heads that the writer has read since its last write.
    heads_since_write: usize,
    is_closed: bool,
}

#[derive(Default, PartialEq, Eq)]
enum WriterState {
    /// The writer has no job or reads heads.
    #[default]
    BetweenWrites,
    Writing,
    /// The writer has ended or panicked.
    Ended,
}

/// The OS threads that wait at one of the condition variables.
#[derive(Default)]
struct Waiting {
    /// The number of OS threads that wait.
    idle: usize,
    /// `true` from the notification of an OS thread until one wakes up.
    is_waking: bool,
}

impl Waiting {
    /// Returns `true` if one of the OS threads must be notified.
    fn must_wake(&mut self) -> bool {
        let must_wake = self.idle > 0 && !self.is_waking;
        self.is_waking |= must_wake;
        must_wake
    }
}

impl QueueState {
    fn has_head_first(&self) -> bool {
        matches!(self.reads.front(), Some(Read::Head(_)))
    }

    /// Takes heads before writes, so that the commits that follow can share the next transaction.
    /// After [`MAX_HEADS`] heads, a write comes first.
    fn next_for_writer(&mut self) -> Option<Job> {
        let may_read = self.writes.is_empty() || self.heads_since_write < MAX_HEADS;
        if may_read && self.has_head_first() {
            let heads = self.next_for_reader();
            if let Some(Job::Heads(heads)) = &heads {
                self.heads_since_write = self.heads_since_write.saturating_add(heads.len());
            }
            return heads;
        }
        let write = self.writes.pop_front()?;
        self.writer_state = WriterState::Writing;
        self.heads_since_write = 0;
        Some(match write {
            Write::Commit(commit) => Job::Commit(commit),
            Write::Call(call) => Job::Call(call),
        })
    }

    /// Takes one call, or the reads of heads before the next call.
    fn next_for_reader(&mut self) -> Option<Job> {
        let mut heads = match self.reads.pop_front()? {
            Read::Call(call) => return Some(Job::Call(call)),
            Read::Head(head) => vec![head],
        };
        while heads.len() < MAX_HEADS
            && self.has_head_first()
            && let Some(Read::Head(head)) = self.reads.pop_front()
        {
            heads.push(head);
        }
        Some(Job::Heads(heads))
    }
}

impl JobQueue {
    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a write. If the writer has ended, the write is dropped, and the caller gets an error.
    pub(super) fn push_write(&self, write: Write) {
        let mut state = self.state();
        if state.writer_state != WriterState::Ended {
            state.writes.push_back(write);
            self.notify(state);
        }
    }

    pub(super) fn push_read(&self, read: Read) {
        let mut state = self.state();
        state.reads.push_back(read);
        self.notify(state);
    }

    /// Notifies sleeping OS threads that have a job, after the lock is released.
    ///
    /// The OS thread that wakes up notifies the next one if jobs are left. If the writer takes all
    /// reads with its next job, no reader is notified: the commits after these reads share a
    /// transaction more often if one OS thread answers all of them.
    fn notify(&self, mut state: MutexGuard<'_, QueueState>) {
        let writer_reads =
            state.writer_state == WriterState::BetweenWrites && state.has_head_first();
        let writer_has_job = writer_reads || !state.writes.is_empty();
        let is_head = |read: &Read| matches!(read, Read::Head(_));
        let writer_takes_all =
            writer_reads && state.reads.len() <= MAX_HEADS && state.reads.iter().all(is_head);
        let reader_has_job = !state.reads.is_empty() && !writer_takes_all;
        self.writer_has_job.store(writer_has_job, Ordering::Relaxed);
        let wakes_writer = writer_has_job && state.writer.must_wake();
        let wakes_reader = reader_has_job && state.readers.must_wake();
        drop(state);
        if wakes_writer {
            self.writer_notified.notify_one();
        }
        if wakes_reader {
            self.reader_notified.notify_one();
        }
    }

    /// Waits for the next job of the writer. Returns `None` once the queue is closed and has no job for
    /// the writer.
    pub(super) fn pop_for_writer(&self) -> Option<Job> {
        let mut state = self.state();
        state.writer_state = WriterState::BetweenWrites;
        self.notify(state);
        let start = Instant::now();
        while !self.writer_has_job.load(Ordering::Relaxed) && start.elapsed() < AWAKE_TIME {
            thread::yield_now();
        }
        self.pop(&self.writer_notified, |state| &mut state.writer, QueueState::next_for_writer)
    }

    /// Waits for the next reads. Returns `None` once the queue is closed and has no reads.
    pub(super) fn pop_for_reader(&self) -> Option<Job> {
        self.pop(&self.reader_notified, |state| &mut state.readers, QueueState::next_for_reader)
    }

    fn pop(
        &self,
        notified: &Condvar,
        waiting: fn(&mut QueueState) -> &mut Waiting,
        next: fn(&mut QueueState) -> Option<Job>,
    ) -> Option<Job> {
        let mut state = self.state();
        let job = loop {
            let job = next(&mut state);
            if job.is_some() || state.is_closed {
                break job;
            }
            waiting(&mut state).idle += 1;
            state = notified.wait(state).unwrap_or_else(PoisonError::into_inner);
            let waiting = waiting(&mut state);
            waiting.idle -= 1;
            waiting.is_waking = false;
        };
        self.notify(state);
        job
    }

    /// Takes the next write if it is a commit.
    pub(super) fn pop_commit(&self) -> Option<CommitJob> {
        let mut state = self.state();
        if let Some(Write::Commit(_)) = state.writes.front()
            && let Some(Write::Commit(commit)) = state.writes.pop_front()
        {
            return Some(*commit);
        }
        None
    }

    /// Closes the queue. The OS threads run the jobs that are still in the queue, and then end.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.writer_notified.notify_all();
        self.reader_notified.notify_all();
    }

    /// Drops all writes, also those that are pushed later. Their callers get an error.
    pub(super) fn end_writes(&self) {
        let mut state = self.state();
        state.writer_state = WriterState::Ended;
        let writes = mem::take(&mut state.writes);
        // The heads that wait for the writer need a reader now.
        self.notify(state);
        // A caller can run here and use the queue, so the lock is released first.
        drop(writes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use frontdesk::{BookingId, LocationId};

    use super::*;
    use crate::response::response;

    fn head() -> Read {
        let location = LocationId::new("harbour").unwrap();
        let id = ThreadId::new(location, BookingId::new("b-1").unwrap());
        Read::Head((id, response().0))
    }

    fn call() -> Read {
        Read::Call(Box::new(|_| ()))
    }

    fn write_call() -> Write {
        Write::Call(Box::new(|_| ()))
    }

    /// Returns the number of heads of a job, or `None` for a call.
    fn heads(job: Option<Job>) -> Option<usize> {
        match job.expect("the queue has a job") {
            Job::Heads(heads) => Some(heads.len()),
            Job::Call(_) | Job::Commit(_) => None,
        }
    }

    #[test]
    fn heads_are_read_together_up_to_the_next_call_or_the_limit() {
        let queue = JobQueue::default();
        for read in [head(), head(), call(), head(), call(), call()] {
            queue.push_read(read);
        }
        (0..=MAX_HEADS).for_each(|_| queue.push_read(head()));
        let batches = [Some(2), None, Some(1), None, None, Some(MAX_HEADS), Some(1)];
        assert_eq!(batches.map(|_| heads(queue.pop_for_reader())), batches);
        queue.close();
        assert!(queue.pop_for_reader().is_none());
    }

    #[test]
    fn the_writer_reads_heads_before_it_writes_but_not_without_end() {
        let queue = JobQueue::default();
        (0..2).for_each(|_| queue.push_write(write_call()));
        (0..=MAX_HEADS).for_each(|_| queue.push_read(head()));
        queue.push_read(call());
        // The writer never runs a call of the readers.
        let jobs = [Some(MAX_HEADS), None, Some(1), None];
        assert_eq!(jobs.map(|_| heads(queue.pop_for_writer())), jobs);
        queue.close();
        assert!(queue.pop_for_writer().is_none());
    }

    /// Adds reads after `prepare`, while the writer and a reader sleep. Returns whether the writer and
    /// whether the reader is notified.
    fn notified_by(reads: Vec<Read>, prepare: impl FnOnce(&JobQueue)) -> [bool; 2] {
        let queue = JobQueue::default();
        prepare(&queue);
        let mut state = queue.state();
        (state.writer.idle, state.readers.idle) = (1, 1);
        drop(state);
        for read in reads {
            queue.push_read(read);
        }
        let state = queue.state();
        [state.writer.is_waking, state.readers.is_waking]
    }

    #[test]
    fn heads_go_to_the_writer_unless_it_writes_or_has_ended() {
        fn write(queue: &JobQueue) {
            queue.push_write(write_call());
            assert_eq!(heads(queue.pop_for_writer()), None);
        }
        fn write_and_wait(queue: &JobQueue) {
            write(queue);
            queue.close();
            assert!(queue.pop_for_writer().is_none());
        }
        let notified = |prepare: fn(&JobQueue)| notified_by(vec![head()], prepare);
        assert_eq!(notified(|_| ()), [true, false]);
        assert_eq!(notified(JobQueue::end_writes), [false, true]);
        assert_eq!(notified(write), [false, true]);
        assert_eq!(notified(write_and_wait), [true, false]);
    }

    /// The writer takes a limited number of heads and no calls, so the readers must take the rest.
    #[test]
    fn a_reader_is_notified_if_the_writer_does_not_take_all_reads() {
        let heads = |count: usize| (0..count).map(|_| head()).collect::<Vec<_>>();
        assert_eq!(notified_by(heads(MAX_HEADS), |_| ()), [true, false]);
        assert_eq!(notified_by(heads(MAX_HEADS + 1), |_| ()), [true, true]);
        assert_eq!(notified_by(vec![call()], |_| ()), [false, true]);
        assert_eq!(notified_by(vec![call(), head()], |_| ()), [false, true]);
        assert_eq!(notified_by(vec![head(), call()], |_| ()), [true, true]);
    }

    #[test]
    fn the_end_of_the_writer_leaves_its_heads_to_a_reader() {
        let queue = JobQueue::default();
        queue.push_read(head());
        queue.state().readers.idle = 1;
        queue.end_writes();
        assert!(queue.state().readers.is_waking);
    }

    #[test]
    fn a_commit_does_not_overtake_a_call() {
        let queue = JobQueue::default();
        queue.push_write(write_call());
        assert!(queue.pop_commit().is_none());
    }

    /// A notified reader takes one call and notifies the next reader, so that a long call does not
    /// delay the calls after it.
    #[test]
    fn a_reader_notifies_the_next_reader_if_reads_are_left() {
        let queue = JobQueue::default();
        let (second_runs, first_waits) = channel();
        let (first_runs, result) = channel();
        let first = Read::Call(Box::new(move |_| {
            let waited = first_waits.recv_timeout(Duration::from_secs(10));
            first_runs.send(waited.is_ok()).unwrap();
        }));
        let second = Read::Call(Box::new(move |_| second_runs.send(()).unwrap_or_default()));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let database = Database::open_in_memory().unwrap();
                    while let Some(Job::Call(call)) = queue.pop_for_reader() {
                        call(&database);
                    }
                });
            }
            while queue.state().readers.idle < 2 {
                thread::yield_now();
            }
            let mut state = queue.state();
            state.reads.extend([first, second]);
            queue.notify(state);
            let has_run = result.recv();
            queue.close();
            assert_eq!(has_run, Ok(true), "the second call waited for the first one");
        });
    }
}
