use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use frontdesk::ThreadId;
use frontdesk::store::{StoreError, VersionedThread};

use crate::database::Database;
use crate::response::Responder;

/// A call that runs on the OS thread of a connection.
pub(super) type DatabaseCall = Box<dyn FnOnce(&Database) + Send>;

/// A read of the head of one thread, and the responder for the result.
pub(super) type HeadRead = (ThreadId, Responder<Result<Option<VersionedThread>, StoreError>>);

/// A read that waits for a reader.
pub(super) enum Read {
    Head(HeadRead),
    Call(DatabaseCall),
}

/// The reads that one reader runs before it takes others.
pub(super) enum ReadBatch {
    /// Reads of heads that waited at the same time. One snapshot answers all of them.
    Heads(Vec<HeadRead>),
    Call(DatabaseCall),
}

/// The highest number of heads that one snapshot reads. This limit bounds the time until the first
/// of them is answered.
const MAX_HEADS: usize = 32;

/// A queue of reads that all reader threads share.
///
/// A channel is slower, because the readers have to share its receiver behind a lock. Each time a
/// reader takes a read and releases the lock, another reader wakes up and finds nothing to read.
/// On two cores, a poll without changes took 17 µs with a channel and 11 µs with this queue
/// (`cargo bench -p frontdesk-benches --bench sqlite`).
#[derive(Default)]
pub(super) struct ReadQueue {
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    reads: VecDeque<Read>,
    /// The number of readers that wait.
    idle: usize,
    /// `true` from the notification of a reader until a reader wakes up.
    is_waking: bool,
    is_closed: bool,
}

impl QueueState {
    /// Returns `true` if a reader must be notified. While a reader wakes up, no other reader is
    /// notified: the first one takes all reads of heads, and then notifies the next reader if reads
    /// are left.
    fn must_notify(&mut self) -> bool {
        let must_notify = !self.reads.is_empty() && self.idle > 0 && !self.is_waking;
        self.is_waking |= must_notify;
        must_notify
    }

    fn take_batch(&mut self) -> Option<ReadBatch> {
        let mut heads = match self.reads.pop_front()? {
            Read::Call(call) => return Some(ReadBatch::Call(call)),
            Read::Head(head) => vec![head],
        };
        while heads.len() < MAX_HEADS
            && let Some(Read::Head(_)) = self.reads.front()
            && let Some(Read::Head(head)) = self.reads.pop_front()
        {
            heads.push(head);
        }
        Some(ReadBatch::Heads(heads))
    }
}

impl ReadQueue {
    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, read: Read) {
        let mut state = self.state();
        state.reads.push_back(read);
        self.notify(state);
    }

    /// Notifies a reader if this is necessary, after the lock is released.
    fn notify(&self, mut state: MutexGuard<'_, QueueState>) {
        let must_notify = state.must_notify();
        drop(state);
        if must_notify {
            self.changed.notify_one();
        }
    }

    /// Waits for the next reads. Returns `None` once the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<ReadBatch> {
        let mut state = self.state();
        while state.reads.is_empty() && !state.is_closed {
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
            state.is_waking = false;
        }
        let batch = state.take_batch();
        self.notify(state);
        batch
    }

    /// Closes the queue. The readers run the reads that are still in the queue, and then end.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
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

    /// Returns the number of heads of the next batch, or `None` for a call.
    fn pop(queue: &ReadQueue) -> Option<usize> {
        match queue.pop().expect("the queue is not empty") {
            ReadBatch::Heads(heads) => Some(heads.len()),
            ReadBatch::Call(_) => None,
        }
    }

    #[test]
    fn heads_are_read_together_up_to_the_next_call_or_the_limit() {
        let queue = ReadQueue::default();
        for read in [head(), head(), call(), head(), call(), call()] {
            queue.push(read);
        }
        (0..=MAX_HEADS).for_each(|_| queue.push(head()));
        let batches = [Some(2), None, Some(1), None, None, Some(MAX_HEADS), Some(1)];
        assert_eq!(batches.map(|_| pop(&queue)), batches);
        queue.close();
        assert!(queue.pop().is_none());
    }
    /// A notified reader takes one call and notifies the next reader, so that a long call does not
    /// delay the calls after it.
    #[test]
    fn a_reader_notifies_the_next_reader_if_reads_are_left() {
        let queue = ReadQueue::default();
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
                    while let Some(ReadBatch::Call(call)) = queue.pop() {
                        call(&database);
                    }
                });
            }
            while queue.state().idle < 2 {
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
