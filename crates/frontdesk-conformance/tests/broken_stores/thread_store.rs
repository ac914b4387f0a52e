use frontdesk::store::{
    Answer, Change, ChangeToken, ChangedLocations, Changes, Commit, CommitOutcome, Epoch,
    ForgottenKeys, KeyQuery, LocationRevision, MessageQuery, NewMessage, Revision, StoreError,
    StoreResult, StoredMessage, ThreadPage, ThreadQuery, ThreadStore, VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};
use frontdesk_conformance::Fault;

use crate::broken_store::BrokenStore;
use crate::bug::Bug;
use crate::lists::{KeyRow, MessageRow, lock};

pub(crate) const EPOCH: Epoch = Epoch::new(7);

#[expect(clippy::unnecessary_wraps, reason = "every method returns a result")]
fn answer<T>(value: T) -> StoreResult<T> {
    Ok(Answer::new(value, EPOCH))
}

impl BrokenStore {
    /// Commits under one lock.
    fn commit_at_once(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let mut lists = lock(&self.lists);
        match self.refusal(&mut lists, &commit) {
            Some(refusal) => Ok(refusal),
            None => self.write(&mut lists, commit),
        }
    }

    /// Checks the commit under one lock and writes it under another.
    async fn commit_in_two_locks(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        if let Some(refusal) = self.refusal(&mut lock(&self.lists), &commit) {
            return Ok(refusal);
        }
        tokio::task::yield_now().await;
        self.write(&mut lock(&self.lists), commit)
    }

    /// Looks the keys up under one lock, and compares and writes under another.
    async fn commit_after_key_lookup(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        if let Some(taken) = self.key_taken(&mut lock(&self.lists), &commit) {
            return Ok(taken);
        }
        tokio::task::yield_now().await;
        let mut lists = lock(&self.lists);
        match self.conflict(&mut lists, &commit) {
            Some(conflict) => Ok(conflict),
            None => self.write(&mut lists, commit),
        }
    }

    /// Commits although a fault happens.
    fn commit_with_fault(
        &self,
        commit: Commit,
        fault: &Fault,
    ) -> Result<CommitOutcome, StoreError> {
        const LOST: &str = "the connection was lost";
        match fault {
            Fault::LostBeforeCommit => match self.bug {
                Some(Bug::LostCommitAcknowledged) => {
                    let location = &commit.id().location;
                    let revision = self.take_revision(&mut lock(&self.lists), location)?;
                    Ok(CommitOutcome::Committed(revision))
                }
                Some(Bug::LostIsOther) => Err(StoreError::other(LOST)),
                _ => Err(StoreError::unavailable(LOST)),
            },
            Fault::LostAfterCommit => {
                let _ = self.commit_at_once(commit)?;
                Err(match self.bug {
                    Some(Bug::UnavailableThoughWritten) => StoreError::unavailable(LOST),
                    _ => StoreError::outcome_unknown(LOST),
                })
            }
            _ if self.has(Bug::ConflictForDeadlock) => {
                let head = self.head(&lock(&self.lists), commit.id());
                Ok(CommitOutcome::Conflict(head))
            }
            // The second attempt succeeds.
            _ => self.commit_at_once(commit),
        }
    }

    /// Takes the revision some time before the lock.
    async fn commit_at_early_revision(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let location = commit.id().location.clone();
        let revision = self.take_revision(&mut lock(&self.lists), &location)?;
        for _ in 0..revision.get() % 4 {
            tokio::task::yield_now().await;
        }
        let mut lists = lock(&self.lists);
        Ok(match self.refusal(&mut lists, &commit) {
            Some(refusal) => refusal,
            None => self.write_at(&mut lists, commit, revision),
        })
    }

    /// Writes the messages or their keys after the rest of the commit.
    async fn commit_with_late_rows(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let (id, change) = (commit.id().clone(), commit.change().clone());
        let outcome = self.commit_at_once(commit)?;
        let (Change::Messages(new), CommitOutcome::Committed(revision)) = (change, &outcome) else {
            return Ok(outcome);
        };
        for (index, NewMessage { message, key, .. }) in new.into_vec().into_iter().enumerate() {
            tokio::task::yield_now().await;
            let mut lists = lock(&self.lists);
            let row = MessageRow::new(&id, message, *revision);
            if self.has(Bug::KeysAfterCommit) {
                lists.keys.extend(key.map(|key| KeyRow { message: row, key }));
            } else if index > 0 {
                lists.add_message(row, key);
            }
        }
        Ok(outcome)
    }
}

/// A commit whose head is written without its messages if the commit is dropped.
struct HalfCommit<'a> {
    store: &'a BrokenStore,
    commit: Option<Commit>,
}

impl Drop for HalfCommit<'_> {
    fn drop(&mut self) {
        let Some(commit) = self.commit.take() else { return };
        let mut lists = lock(&self.store.lists);
        if self.store.refusal(&mut lists, &commit).is_none() {
            let head = self.store.head(&lists, commit.id());
            let half = Commit::new(commit.next().clone(), head.as_ref());
            // An error means that no revision is left.
            let _ = self.store.write(&mut lists, half);
        }
    }
}

#[async_trait]
impl ThreadStore for BrokenStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let head = self.head(&self.read(), id);
        let cached = self.cache().heads.iter().find(|head| head.state.id() == id).cloned();
        if self.has(Bug::HeadsCached) {
            if let Some(cached) = cached {
                return answer(Some(cached));
            }
            self.cache().heads.extend(head.clone());
        }
        if head.is_none() && self.has(Bug::NoEpochForUnknown) {
            return Ok(Answer::new(None, Epoch::ZERO));
        }
        answer(head.map(|head| self.read_head(&head)).transpose()?)
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        if !self.has(Bug::HeadsOneByOne) {
            return answer(self.read_heads(location, bookings)?);
        }
        let mut heads = Vec::new();
        for booking in bookings {
            heads.extend(self.read_heads(location, std::slice::from_ref(booking))?);
            tokio::task::yield_now().await;
        }
        answer(heads)
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        if self.is_damaged(commit.id()) {
            return Err(StoreError::corrupt(commit.id().clone(), "a damaged row"));
        }
        let fault = lock(&self.lists).fault.take();
        if let Some(fault) = fault {
            return answer(self.commit_with_fault(commit, &fault)?);
        }
        let outcome = match self.bug {
            Some(Bug::LostUpdate) => self.commit_in_two_locks(commit).await,
            Some(Bug::LockOfInstance) => {
                let _lock = self.lock_of_instance.lock().await;
                self.commit_in_two_locks(commit).await
            }
            Some(Bug::PoolDeadlocks) => {
                let _first = self.pool.acquire().await;
                tokio::task::yield_now().await;
                let _second = self.pool.acquire().await;
                self.commit_at_once(commit)
            }
            Some(Bug::KeysBeforeTransaction) => self.commit_after_key_lookup(commit).await,
            Some(Bug::DroppedLeavesHalf) => {
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                let mut half = HalfCommit { store: self, commit: Some(commit) };
                tokio::task::yield_now().await;
                self.commit_at_once(half.commit.take().expect("the commit is not written"))
            }
            Some(Bug::RevisionOutside) => self.commit_at_early_revision(commit).await,
            Some(Bug::KeysAfterCommit | Bug::MessagesInSteps) => {
                self.commit_with_late_rows(commit).await
            }
            _ => self.commit_at_once(commit),
        };
        answer(outcome?)
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        answer(self.read_messages(query)?)
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let lists = self.read();
        let found = self.find_key(&lists.keys, query);
        let found = found.map(|stored| self.read_message(&lists, query.thread, &stored));
        answer(found.transpose()?)
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let mut page = self.read_page(query)?;
        if self.has(Bug::TwoReads) {
            tokio::task::yield_now().await;
            page.counts = self.counts(&self.read(), query.location);
        }
        answer(page)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        if self.has(Bug::ReadCreatesLocation) {
            let first = Revision::ZERO.next().expect("a first revision");
            lock(&self.lists).counters.entry(location.clone()).or_insert(first);
        }
        answer(self.read_changes(location, since, limit)?)
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        answer(self.read_locations(after, limit))
    }

    async fn changed_locations(
        &self,
        since: Option<ChangeToken>,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<ChangedLocations> {
        let mut locations = self.read_locations(after, limit);
        if self.has(Bug::ChangedLocationMissing) && since.is_some() && after.is_none() {
            locations.drain(..locations.len().min(1));
        }
        answer(ChangedLocations::new(locations, Some(ChangeToken::new(1))))
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        answer(self.forget_old_keys(location, before, limit))
    }
}
