//! A store that runs a hook around each call of another store.

use std::future::Future;

use async_trait::async_trait;
use frontdesk::store::{
    Answer, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery, LocationRevision,
    MessageQuery, Revision, StoreError, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

/// Code that runs around the calls of a [`HookedStore`].
#[async_trait]
pub(crate) trait Hook: Send + Sync {
    /// Runs before each call. If the hook returns an error, the call fails with that error and does
    /// not reach the inner store.
    async fn before_call(&self) -> Result<(), StoreError>;

    /// Runs after each call.
    async fn after_call(&self);

    /// Called for each commit. Returns the outcome that answers the commit, or `None` to pass the
    /// commit to the inner store.
    async fn replace_commit(&self, _: &Commit) -> Result<Option<CommitOutcome>, StoreError> {
        Ok(None)
    }

    /// Returns the epoch to pass on in place of `reported`, the epoch of a commit.
    fn inner_epoch(&self, reported: Epoch) -> Epoch {
        reported
    }

    /// Returns the epoch to report in place of `inner`, the epoch of the inner store.
    fn epoch(&self, inner: Epoch) -> Epoch {
        inner
    }
}

/// A store whose calls go through a [`Hook`].
#[derive(Clone)]
pub(crate) struct HookedStore<S, H> {
    pub(crate) inner: S,
    pub(crate) hook: H,
}

impl<S: ThreadStore, H: Hook> HookedStore<S, H> {
    pub(crate) fn new(inner: S, hook: H) -> Self {
        Self { inner, hook }
    }

    async fn call<T>(&self, call: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.hook.before_call().await?;
        let answer = call.await;
        self.hook.after_call().await;
        answer.map(|answer| Answer::new(answer.value, self.hook.epoch(answer.epoch)))
    }

    async fn commit_or_replace(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        match self.hook.replace_commit(&commit).await? {
            Some(outcome) => Ok(Answer::new(outcome, self.inner.thread(commit.id()).await?.epoch)),
            None => match commit.expected_epoch() {
                Some(epoch) => {
                    let epoch = self.hook.inner_epoch(epoch);
                    self.inner.commit(commit.with_epoch(epoch)).await
                }
                None => self.inner.commit(commit).await,
            },
        }
    }
}

#[async_trait]
impl<S: ThreadStore, H: Hook> ThreadStore for HookedStore<S, H> {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.call(self.inner.thread(id)).await
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        self.call(self.inner.heads(location, bookings)).await
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        self.call(self.commit_or_replace(commit)).await
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        self.call(self.inner.messages(query)).await
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        self.call(self.inner.message_by_key(query)).await
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        self.call(self.inner.threads(query)).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        self.call(self.inner.changes(location, since, limit)).await
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        self.call(self.inner.locations(after, limit)).await
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.call(self.inner.forget_keys(location, before, limit)).await
    }
}
