//! A store that gives the answers that a test puts in.

use std::sync::{Arc, Mutex};

use frontdesk::store::{
    Answer, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery, LocationRevision,
    MessageQuery, Revision, StoreError, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    ThreadStore, VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

use crate::request::Response;

/// A store whose next answer is set before each call. Without one, the outcome is unknown.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScriptedStore(Arc<Mutex<Option<(Response, u64)>>>);

impl ScriptedStore {
    /// Sets the next answer and its epoch.
    pub(crate) fn set(&self, response: Response, epoch: u64) {
        *self.0.lock().unwrap() = Some((response, epoch));
    }

    /// Waits once, so that a test can act between the beginning and the end of the call.
    async fn answer<T>(&self, value: impl FnOnce(Response) -> Option<T>) -> StoreResult<T> {
        tokio::task::yield_now().await;
        let next = self.0.lock().unwrap().take();
        let (response, epoch) = next.ok_or(StoreError::outcome_unknown("no answer"))?;
        let value = value(response).expect("the answer is of the method that was called");
        Ok(Answer::new(value, Epoch::new(epoch)))
    }
}

macro_rules! answer {
    ($store:expr, $variant:ident) => {
        $store
            .answer(|response| match response {
                Response::$variant(value) => Some(value),
                _ => None,
            })
            .await
    };
}

#[async_trait]
impl ThreadStore for ScriptedStore {
    async fn thread(&self, _: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        answer!(self, Thread)
    }

    async fn heads(&self, _: &LocationId, _: &[BookingId]) -> StoreResult<Vec<VersionedThread>> {
        answer!(self, Heads)
    }

    async fn commit(&self, _: Commit) -> StoreResult<CommitOutcome> {
        answer!(self, Commit)
    }

    async fn messages(&self, _: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        answer!(self, Messages)
    }

    async fn message_by_key(&self, _: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        answer!(self, Message)
    }

    async fn threads(&self, _: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        answer!(self, Threads)
    }

    async fn changes(&self, _: &LocationId, _: Revision, _: usize) -> StoreResult<Changes> {
        answer!(self, Changes)
    }

    async fn locations(
        &self,
        _: Option<&LocationId>,
        _: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        answer!(self, Locations)
    }

    async fn forget_keys(
        &self,
        _: &LocationId,
        _: Timestamp,
        _: usize,
    ) -> StoreResult<ForgottenKeys> {
        answer!(self, ForgottenKeys)
    }
}
