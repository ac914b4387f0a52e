use std::future::Future;
use std::ops::RangeInclusive;

use async_trait::async_trait;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadStore,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, ThreadId,
};
use shuttle::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// A store of which each call is one step, with a place before and after it where the
/// checker may let anybody else run.
#[derive(Default)]
pub(crate) struct Switching<S> {
    pub(crate) store: S,
    switches: AtomicUsize,
}

impl<S: ThreadStore> Switching<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, switches: AtomicUsize::new(0) }
    }

    /// Lets others run. Not by yielding, which the checker takes for a wish to be
    /// last.
    pub(crate) fn switch(&self) {
        self.switches.fetch_add(1, SeqCst);
    }

    async fn one_step<T>(&self, call: impl Future<Output = T>) -> T {
        self.switch();
        let answer = call.await;
        self.switch();
        answer
    }
}

#[async_trait]
impl<S: ThreadStore> ThreadStore for Switching<S> {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.one_step(self.store.thread(id)).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.one_step(self.store.commit(commit)).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.one_step(self.store.messages(id, range, limit, direction)).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.one_step(self.store.message_by_key(id, role, author, key)).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.one_step(self.store.threads(location, after, limit, filter)).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.one_step(self.store.changes(location, since, limit)).await
    }
}
