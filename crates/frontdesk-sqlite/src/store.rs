use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::store::{
    Answer, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery, LocationRevision,
    MessageQuery, Revision, StoreError, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

use crate::reads::PageStart;
use crate::workers::Workers;

/// A store in an SQLite file.
///
/// The store works on any executor, and no call blocks the executor. One OS thread writes to the
/// file, and a few OS threads read from it. Commits that wait at the same time share one
/// transaction and one `fsync`. A commit that conflicts or fails does not affect the other
/// commits. Several stores, also in different processes, can open the same file.
///
/// Clones of a store share these OS threads. Dropping the last clone blocks until all sent
/// commits are written and the file is closed.
///
/// With [`Synchronous::Full`](crate::Synchronous::Full), the default, acknowledged commits
/// survive a power failure. The [crate documentation](crate) describes the settings, the
/// limits, backups and erasure.
///
/// ```
/// use frontdesk::FrontDesk;
/// use frontdesk_sqlite::SqliteStore;
///
/// let store = SqliteStore::open_in_memory()?;
/// let desk = FrontDesk::new(store);
/// # Ok::<(), frontdesk_sqlite::SqliteOpenError>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    workers: Arc<Workers>,
    epoch: Epoch,
}

impl SqliteStore {
    pub(super) fn new(workers: Workers, epoch: Epoch) -> Self {
        Self { workers: Arc::new(workers), epoch }
    }

    /// Adds the epoch to the answer of the writer or a reader.
    async fn answer<T>(
        &self,
        result: impl Future<Output = Result<T, StoreError>>,
    ) -> StoreResult<T> {
        Ok(Answer::new(result.await?, self.epoch))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl ThreadStore for SqliteStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.answer(self.workers.thread(id.clone())).await
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let (location, bookings) = (location.clone(), bookings.to_vec());
        let read = self.workers.read(move |database| database.heads(&location, bookings));
        self.answer(read).await
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        self.answer(self.workers.commit(commit)).await
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let MessageQuery { thread, selection, limit } = query.clone();
        let thread = thread.clone();
        let read = self.workers.read(move |database| {
            database.messages(&MessageQuery { thread: &thread, selection, limit })
        });
        self.answer(read).await
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let KeyQuery { thread, role, author, key } = *query;
        let (thread, author, key) = (thread.clone(), author.clone(), key.clone());
        let read = self.workers.read(move |database| {
            let (thread, author, key) = (&thread, &author, &key);
            database.message_by_key(&KeyQuery { thread, role, author, key })
        });
        self.answer(read).await
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let ThreadQuery { location, list, limit } = *query;
        let (location, start) = (location.clone(), PageStart::from(list));
        let read = self.workers.read(move |database| database.threads(&location, &start, limit));
        self.answer(read).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        let location = location.clone();
        let read = self.workers.read(move |database| database.changes(&location, since, limit));
        self.answer(read).await
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let after = after.cloned();
        let read = self.workers.read(move |database| database.locations(after.as_ref(), limit));
        self.answer(read).await
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let location = location.clone();
        let write =
            self.workers.write(move |database| database.forget_keys(&location, before, limit));
        self.answer(write).await
    }
}
