//! The stores that everything runs on.

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, Revision, StoreError, Stored,
    ThreadPage, ThreadStore,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, ThreadId,
};
use tokio::task::yield_now;

use crate::support::naive::NaiveStore;

/// A store that lets everybody else run before and after each call, so that what
/// was read is old by the time of the commit: each conflict that can be, is.
pub(crate) struct Yielding<S>(pub(crate) S);

impl<S: ThreadStore> Yielding<S> {
    async fn let_others_run<T>(&self, call: impl Future<Output = T>) -> T {
        yield_now().await;
        let answer = call.await;
        yield_now().await;
        answer
    }
}

#[async_trait]
impl<S: ThreadStore> ThreadStore for Yielding<S> {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.let_others_run(self.0.thread(id)).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.let_others_run(self.0.commit(commit)).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.let_others_run(self.0.messages(id, range, limit, direction)).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.let_others_run(self.0.message_by_key(id, role, author, key)).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.let_others_run(self.0.threads(location, after, limit, filter)).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.let_others_run(self.0.changes(location, since, limit)).await
    }
}

/// The stores that everything here runs on, by name.
pub(crate) fn stores() -> [(&'static str, Arc<dyn ThreadStore>); 3] {
    [
        ("memory", Arc::new(MemoryStore::new())),
        ("naive", Arc::new(NaiveStore::new())),
        ("yielding", Arc::new(Yielding(MemoryStore::new()))),
    ]
}
