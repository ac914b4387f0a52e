//! A store that can fail, report write conflicts, or run other code between two calls.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use frontdesk::store::{
    Commit, CommitOutcome, Epoch, MemoryStore, StoreError, StoredMessage, ThreadStore,
};

use super::hooked_store::{Hook, HookedStore};

/// A function that makes the error of a failing call.
pub(crate) type Failure = fn() -> StoreError;

/// Code that runs right before a call. If the code returns an error, the call fails with that
/// error.
type Interruption = Box<dyn FnOnce(&MemoryStore) -> Result<(), StoreError> + Send>;

/// A `MemoryStore` for which a test can plan faults. Each call first yields to the executor, so
/// that other tasks can run.
pub(crate) type FaultyStore = HookedStore<MemoryStore, Faults>;

#[derive(Clone, Default)]
pub(crate) struct Faults {
    store: MemoryStore,
    conflicts: Arc<AtomicUsize>,
    interruption: Arc<Mutex<Option<(usize, Interruption)>>>,
    taken: Arc<Mutex<Option<StoredMessage>>>,
    epochs: Arc<AtomicU64>,
    changes_epoch: Arc<AtomicBool>,
    commits: Arc<Mutex<Vec<Option<Epoch>>>>,
}

impl FaultyStore {
    pub(crate) fn in_memory() -> Self {
        let store = MemoryStore::new();
        Self::new(store.clone(), Faults { store, ..Faults::default() })
    }

    /// Answers the next `times` commits with a conflict.
    pub(crate) fn conflict(&self, times: usize) {
        self.hook.conflicts.store(times, SeqCst);
    }

    /// Makes the next call fail.
    pub(crate) fn fail(&self, error: Failure) {
        self.interrupt_after(0, move |_| Err(error()));
    }

    /// Lets `calls` calls pass, and runs `interruption` right before the call after them.
    pub(crate) fn interrupt_after(
        &self,
        calls: usize,
        interruption: impl FnOnce(&MemoryStore) -> Result<(), StoreError> + Send + 'static,
    ) {
        *self.hook.interruption.lock().unwrap() = Some((calls, Box::new(interruption)));
    }

    /// Answers the next commit as if `message` already had the commit's idempotency key.
    pub(crate) fn report_key_taken(&self, message: StoredMessage) {
        *self.hook.taken.lock().unwrap() = Some(message);
    }

    /// Reports another epoch in all further answers, as a store does after a failover that lost
    /// commits.
    pub(crate) fn change_epoch(&self) {
        self.hook.epochs.fetch_add(1, SeqCst);
    }

    /// Changes the epoch right before the next commit. Forgets the commits so far.
    pub(crate) fn change_epoch_before_commit(&self) {
        self.hook.changes_epoch.store(true, SeqCst);
        self.hook.commits.lock().unwrap().clear();
    }

    /// Returns the epochs that the commits named.
    pub(crate) fn epochs_of_commits(&self) -> Vec<Option<Epoch>> {
        self.hook.commits.lock().unwrap().clone()
    }
}

#[async_trait]
impl Hook for Faults {
    async fn before_call(&self) -> Result<(), StoreError> {
        yield_once().await;
        let due = {
            let mut planned = self.interruption.lock().unwrap();
            match &mut *planned {
                Some((calls @ 1.., _)) => {
                    *calls -= 1;
                    None
                }
                planned => planned.take(),
            }
        };
        due.map_or(Ok(()), |(_, interruption)| interruption(&self.store))
    }

    async fn after_call(&self) {}

    async fn replace_commit(&self, commit: &Commit) -> Result<Option<CommitOutcome>, StoreError> {
        self.commits.lock().unwrap().push(commit.expected_epoch());
        if self.changes_epoch.swap(false, SeqCst) {
            self.epochs.fetch_add(1, SeqCst);
        }
        let fails = self.conflicts.fetch_update(SeqCst, SeqCst, |times| times.checked_sub(1));
        if fails.is_ok() {
            let current = self.store.thread(commit.id()).await?.value;
            return Ok(Some(CommitOutcome::Conflict(current)));
        }
        let taken = self.taken.lock().unwrap().take();
        Ok(taken.map(|message| CommitOutcome::KeyTaken { index: 0, message }))
    }

    fn inner_epoch(&self, reported: Epoch) -> Epoch {
        Epoch::new(reported.get().wrapping_sub(self.epochs.load(SeqCst)))
    }

    fn epoch(&self, inner: Epoch) -> Epoch {
        Epoch::new(inner.get().wrapping_add(self.epochs.load(SeqCst)))
    }
}

/// Returns control to the executor once.
pub(crate) async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut yielded, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
