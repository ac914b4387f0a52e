//! A store where others are faster, or which fails, or changes between two calls.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, Revision, StoreError, Stored,
    ThreadPage, ThreadStore,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, ThreadId,
};

/// What a store fails with.
pub(crate) type Failure = fn() -> StoreError;

/// What comes in between two calls.
type Interruption = Box<dyn FnOnce(&MemoryStore) -> Result<(), StoreError> + Send>;

/// A store where somebody else is faster in the next so many commits, or which
/// answers with an error; and where everybody else runs before each answer.
#[derive(Clone, Default)]
pub(crate) struct Busy {
    store: MemoryStore,
    faster: Arc<AtomicUsize>,
    interruption: Arc<Mutex<Option<(usize, Interruption)>>>,
    claimed: Arc<Mutex<Option<Message>>>,
}

impl Busy {
    /// Others are faster in the next so many commits.
    pub(crate) fn conflict(&self, times: usize) {
        self.faster.store(times, SeqCst);
    }

    /// The next call fails.
    pub(crate) fn fail(&self, error: Failure) {
        self.interrupt(0, move |_| Err(error()));
    }

    /// After so many calls, this happens before the next.
    pub(crate) fn interrupt(
        &self,
        calls: usize,
        happens: impl FnOnce(&MemoryStore) -> Result<(), StoreError> + Send + 'static,
    ) {
        *self.interruption.lock().unwrap() = Some((calls, Box::new(happens)));
    }

    /// The next commit is told that its key brought this message before.
    pub(crate) fn claim(&self, message: Message) {
        *self.claimed.lock().unwrap() = Some(message);
    }

    async fn answer(&self) -> Result<(), StoreError> {
        yield_once().await;
        let now = {
            let mut waiting = self.interruption.lock().unwrap();
            match &mut *waiting {
                Some((calls @ 1.., _)) => {
                    *calls -= 1;
                    None
                }
                waiting => waiting.take(),
            }
        };
        now.map_or(Ok(()), |(_, happens)| happens(&self.store))
    }
}

/// Lets everybody else run.
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

#[async_trait]
impl ThreadStore for Busy {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.answer().await?;
        self.store.thread(id).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.answer().await?;
        let faster = self.faster.fetch_update(SeqCst, SeqCst, |times| times.checked_sub(1));
        if faster.is_ok() {
            let id = commit.id().clone();
            return Ok(CommitOutcome::Conflict(self.store.thread(&id).await?));
        }
        let claimed = self.claimed.lock().unwrap().take();
        if let Some(message) = claimed {
            return Ok(CommitOutcome::KeyTaken(message));
        }
        self.store.commit(commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.answer().await?;
        self.store.messages(id, range, limit, direction).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.answer().await?;
        self.store.message_by_key(id, role, author, key).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.answer().await?;
        self.store.threads(location, after, limit, filter).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.answer().await?;
        self.store.changes(location, since, limit).await
    }
}
