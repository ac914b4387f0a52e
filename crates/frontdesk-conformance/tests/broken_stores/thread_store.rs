use frontdesk::store::{
    Answer, Change, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery,
    LocationRevision, MessageQuery, NewMessage, Revision, StoreResult, StoredMessage, ThreadPage,
    ThreadQuery, ThreadStore, VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

use crate::broken_store::BrokenStore;
use crate::bug::Bug;
use crate::lists::{KeyRow, MessageRow, lock};

const EPOCH: Epoch = Epoch::new(7);

#[expect(clippy::unnecessary_wraps, reason = "every method returns a result")]
fn answer<T>(value: T) -> StoreResult<T> {
    Ok(Answer::new(value, EPOCH))
}

impl BrokenStore {
    /// Commits under one lock.
    fn commit_at_once(&self, commit: Commit) -> CommitOutcome {
        let mut lists = lock(&self.lists);
        match self.refusal(&mut lists, &commit) {
            Some(refusal) => refusal,
            None => self.write(&mut lists, commit),
        }
    }

    /// Checks the commit under one lock and writes it under another.
    async fn commit_in_two_locks(&self, commit: Commit) -> CommitOutcome {
        if let Some(refusal) = self.refusal(&mut lock(&self.lists), &commit) {
            return refusal;
        }
        tokio::task::yield_now().await;
        self.write(&mut lock(&self.lists), commit)
    }

    /// Takes the revision some time before the lock.
    async fn commit_at_early_revision(&self, commit: Commit) -> CommitOutcome {
        let location = commit.id().location.clone();
        let revision = self.take_revision(&mut lock(&self.lists), &location);
        for _ in 0..revision.get() % 4 {
            tokio::task::yield_now().await;
        }
        let mut lists = lock(&self.lists);
        match self.refusal(&mut lists, &commit) {
            Some(refusal) => refusal,
            None => self.write_at(&mut lists, commit, revision),
        }
    }

    /// Writes the messages or their keys after the rest of the commit.
    async fn commit_with_late_rows(&self, commit: Commit) -> CommitOutcome {
        let (id, change) = (commit.id().clone(), commit.change().clone());
        let outcome = self.commit_at_once(commit);
        let (Change::Messages(new), CommitOutcome::Committed(revision)) = (change, &outcome) else {
            return outcome;
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
        outcome
    }
}

#[async_trait]
impl ThreadStore for BrokenStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let head = self.head(&self.read(), id);
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
        answer(match self.bug {
            Some(Bug::LostUpdate) => self.commit_in_two_locks(commit).await,
            Some(Bug::RevisionOutside) => self.commit_at_early_revision(commit).await,
            Some(Bug::KeysAfterCommit | Bug::MessagesInSteps) => {
                self.commit_with_late_rows(commit).await
            }
            _ => self.commit_at_once(commit),
        })
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

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        answer(self.forget_old_keys(location, before, limit))
    }
}
