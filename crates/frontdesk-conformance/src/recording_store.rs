use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use frontdesk::store::{
    Change, ChangeToken, ChangedLocations, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys,
    KeyQuery, LocationRevision, MessageQuery, Revision, StoreError, StoreResult, StoredMessage,
    ThreadPage, ThreadQuery, ThreadStore, VersionedThread,
};
use frontdesk::{
    BookingId, IdempotencyKey, LocationId, Participant, ParticipantId, Role, ThreadId, Timestamp,
};

use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{LISTS, NO_LIMIT, all_messages};

/// The store under test.
///
/// It has the methods of [`ThreadStore`] and returns the values of the answers. It fails
/// a case on any error and on a changed epoch, and it records which threads and keys were
/// written, so that they can be read again after reopening.
pub(crate) struct RecordingStore {
    store: Arc<dyn ThreadStore>,
    epoch: OnceLock<Epoch>,
    written: Arc<Written>,
}

/// A handle to the store under test.
pub(crate) type StoreHandle = Arc<RecordingStore>;

impl RecordingStore {
    pub(crate) fn new(store: Arc<dyn ThreadStore>, written: &Arc<Written>) -> StoreHandle {
        Arc::new(Self { store, epoch: OnceLock::new(), written: Arc::clone(written) })
    }

    fn value<T>(&self, method: &str, answer: StoreResult<T>) -> CaseResult<T> {
        let answer = answer.map_err(|error| Failure::from_store_error(method, &error))?;
        let first = self.epoch.get_or_init(|| answer.epoch);
        check_eq(&answer.epoch, first, format_args!("the epoch of the answer of `{method}`"))?;
        Ok(answer.value)
    }

    /// Returns the epoch of the first answer. Every other answer must have the same epoch.
    #[track_caller]
    pub(crate) fn epoch(&self) -> Epoch {
        *self.epoch.get().expect("an answer before")
    }

    pub(crate) async fn thread(&self, id: &ThreadId) -> CaseResult<Option<VersionedThread>> {
        self.value("thread", self.store.thread(id).await)
    }

    pub(crate) async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> CaseResult<Vec<VersionedThread>> {
        self.value("heads", self.store.heads(location, bookings).await)
    }

    pub(crate) async fn commit(&self, commit: Commit) -> CaseResult<CommitOutcome> {
        self.written.record(&commit);
        self.value("commit", self.store.commit(commit).await)
    }

    /// Commits and returns an error of the store to the case.
    pub(crate) async fn try_commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.written.record(&commit);
        self.store.commit(commit).await.map(|answer| answer.value)
    }

    /// Returns the store itself. The kit does not record what is written through it.
    pub(crate) fn unrecorded(&self) -> &dyn ThreadStore {
        &*self.store
    }

    pub(crate) async fn messages(
        &self,
        query: &MessageQuery<'_>,
    ) -> CaseResult<Vec<StoredMessage>> {
        self.value("messages", self.store.messages(query).await)
    }

    pub(crate) async fn message_by_key(
        &self,
        query: &KeyQuery<'_>,
    ) -> CaseResult<Option<StoredMessage>> {
        self.value("message_by_key", self.store.message_by_key(query).await)
    }

    pub(crate) async fn threads(&self, query: &ThreadQuery<'_>) -> CaseResult<ThreadPage> {
        self.value("threads", self.store.threads(query).await)
    }

    pub(crate) async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> CaseResult<Changes> {
        self.value("changes", self.store.changes(location, since, limit).await)
    }

    pub(crate) async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> CaseResult<Vec<LocationRevision>> {
        self.value("locations", self.store.locations(after, limit).await)
    }

    pub(crate) async fn changed_locations(
        &self,
        since: Option<ChangeToken>,
        after: Option<&LocationId>,
        limit: usize,
    ) -> CaseResult<ChangedLocations> {
        let answer = self.store.changed_locations(since, after, limit).await;
        self.value("changed_locations", answer)
    }

    pub(crate) async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> CaseResult<ForgottenKeys> {
        self.value("forget_keys", self.store.forget_keys(location, before, limit).await)
    }
}

/// The threads that a case tried to write, and the keys that it sent to each.
#[derive(Default)]
pub(crate) struct Written {
    threads: Mutex<BTreeMap<ThreadId, BTreeSet<SentKey>>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SentKey {
    role: Role,
    author: ParticipantId,
    key: IdempotencyKey,
}

impl Written {
    fn threads(&self) -> MutexGuard<'_, BTreeMap<ThreadId, BTreeSet<SentKey>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, commit: &Commit) {
        let mut threads = self.threads();
        let keys = threads.entry(commit.id().clone()).or_default();
        if let Change::Messages(new) = commit.change() {
            keys.extend(new.iter().filter_map(|new| {
                let Participant { role, id, .. } = new.message.author();
                let key = new.key.clone()?;
                Some(SentKey { role: *role, author: id.clone(), key })
            }));
        }
    }

    /// Reads everything that was written.
    pub(crate) async fn read(&self, store: &RecordingStore) -> CaseResult<Snapshot> {
        let threads = self.threads().clone();
        let locations: BTreeSet<&LocationId> = threads.keys().map(|id| &id.location).collect();
        let mut snapshot =
            Snapshot { locations: store.locations(None, NO_LIMIT).await?, ..Snapshot::default() };
        for location in locations {
            snapshot.feeds.push(store.changes(location, Revision::ZERO, NO_LIMIT).await?);
            for list in LISTS {
                let query = ThreadQuery::new(location, list, NO_LIMIT);
                snapshot.lists.push(store.threads(&query).await?);
            }
        }
        for (id, keys) in &threads {
            snapshot.heads.push(store.thread(id).await?);
            snapshot.histories.push(store.messages(&all_messages(id)).await?);
            let redacted = MessageQuery::redacted_after(id, 0, NO_LIMIT);
            snapshot.histories.push(store.messages(&redacted).await?);
            for SentKey { role, author, key } in keys {
                let query = KeyQuery { thread: id, role: *role, author, key };
                snapshot.by_key.push(store.message_by_key(&query).await?);
            }
        }
        Ok(snapshot)
    }
}

/// All answers of a store about the threads that a case wrote.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Snapshot {
    locations: Vec<LocationRevision>,
    feeds: Vec<Changes>,
    lists: Vec<ThreadPage>,
    heads: Vec<Option<VersionedThread>>,
    histories: Vec<Vec<StoredMessage>>,
    by_key: Vec<Option<StoredMessage>>,
}
