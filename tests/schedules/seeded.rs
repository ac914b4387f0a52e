//! A store with a seeded race. The tests check that the model checker finds the race.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use frontdesk::store::{
    Answer, Change, Changes, Commit, CommitOutcome, CommitParts, ForgottenKeys, KeyQuery,
    LocationRevision, MemoryStore, MessageQuery, NewMessage, NewMessages, Revision, StoreResult,
    StoredMessage, ThreadPage, ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, IdempotencyKey, LocationId, Role, ThreadId, Timestamp};

use crate::switching::{SwitchingStore, switching};

/// A mistake that splits one atomic step into two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Race {
    /// A commit compares the revision in one step and writes in a second step.
    ComparesThenWrites,
    /// A commit writes its idempotency key in a second step after its message.
    KeyAfterMessage,
    /// The feed reads the changes first and the newest revision second.
    FeedInTwoReads,
    /// A commit updates the number of unread threads in a second step after the thread.
    UnreadCountedSeparately,
    /// A commit takes its revision before readers can see its changes, like a sequence that
    /// is incremented before the transaction ends.
    RevisionBeforeVisible,
}

/// A store with a race, or a correct store if `race` is `None`.
pub(crate) struct SeededStore {
    inner: SwitchingStore<MemoryStore>,
    race: Option<Race>,
    keys: Mutex<Vec<(ThreadId, IdempotencyKey, StoredMessage)>>,
    unread: Mutex<u64>,
    invisible: Mutex<BTreeSet<Revision>>,
}

impl SeededStore {
    pub(crate) fn new(race: Option<Race>) -> Self {
        Self {
            inner: switching(MemoryStore::new()),
            race,
            keys: Mutex::default(),
            unread: Mutex::default(),
            invisible: Mutex::default(),
        }
    }

    async fn compare_then_write(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let found = self.inner.thread(commit.id()).await?;
        let revision = found.value.as_ref().map(|stored| stored.revision);
        if commit.conflicts_with(revision, found.epoch) {
            return Ok(Answer::new(CommitOutcome::Conflict(found.value), found.epoch));
        }
        self.inner.hook.switch();
        let current = self.inner.inner.thread(commit.id()).await?.value;
        let mut parts = commit.into_parts();
        parts.expected = current.map(|stored| stored.revision);
        self.inner.inner.commit(rebuilt(parts)).await
    }

    async fn key_after_message(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let id = commit.id().clone();
        let Change::Messages(messages) = commit.change().clone() else {
            return self.inner.commit(commit).await;
        };
        for (index, new) in messages.iter().enumerate() {
            let query = new.key.as_ref().map(|key| KeyQuery::new(&id, new.message.author(), key));
            if let Some(message) = query.and_then(|query| self.message_by_key(&query)) {
                let epoch = self.inner.inner.thread(&id).await?.epoch;
                return Ok(Answer::new(CommitOutcome::KeyTaken { index, message }, epoch));
            }
        }
        let without_keys = messages.iter().map(|new| NewMessage::new(new.message.clone(), None));
        let without_keys = NewMessages::new(without_keys.collect())
            .expect("the messages are those of a valid commit");
        let mut parts = commit.into_parts();
        parts.change = Change::Messages(without_keys);
        let outcome = self.inner.commit(rebuilt(parts)).await?;
        if let CommitOutcome::Committed(revision) = outcome.value {
            let keys = messages.into_vec().into_iter().filter_map(
                |NewMessage { message, key, .. }| {
                    Some((id.clone(), key?, StoredMessage::new(message, revision)))
                },
            );
            self.keys.lock().unwrap().extend(keys);
        }
        Ok(outcome)
    }

    fn message_by_key(&self, query: &KeyQuery<'_>) -> Option<StoredMessage> {
        let keys = self.keys.lock().unwrap();
        let found = keys.iter().find(|(thread, key, stored)| {
            thread == query.thread
                && key == query.key
                && stored.message.role() == query.role
                && stored.message.author().id == *query.author
        });
        found.map(|(.., stored)| stored.clone())
    }

    async fn count_unread_separately(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let is_unread = |state: &ThreadState| {
            state.live().is_some_and(|thread| thread.is_unread_by(Role::Operator))
        };
        let found = self.inner.thread(commit.id()).await?.value;
        let before = found.is_some_and(|stored| is_unread(&stored.state));
        let after = is_unread(commit.next());
        let outcome = self.inner.commit(commit).await?;
        if let CommitOutcome::Committed(_) = outcome.value {
            let mut unread = self.unread.lock().unwrap();
            *unread = (*unread + u64::from(after)).saturating_sub(u64::from(before));
        }
        Ok(outcome)
    }

    async fn revision_before_visible(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        self.inner.hook.switch();
        let outcome = self.inner.inner.commit(commit).await?;
        if let CommitOutcome::Committed(revision) = outcome.value {
            self.invisible.lock().unwrap().insert(revision);
            self.inner.hook.switch();
            self.invisible.lock().unwrap().remove(&revision);
        }
        self.inner.hook.switch();
        Ok(outcome)
    }
}

/// Makes a commit from the changed parts of another commit.
fn rebuilt(parts: CommitParts) -> Commit {
    let CommitParts { next, expected, expected_epoch: _, change } = parts;
    let found = expected.map(|revision| VersionedThread::new(revision, next.clone()));
    let commit = Commit::new(next, found.as_ref());
    let rebuilt = match change {
        Change::None => Ok(commit),
        Change::Messages(messages) => commit.with_messages(messages),
        Change::Redact(redaction) => commit.with_redaction(redaction),
        Change::RedactAuthor(redaction) => commit.with_author_redaction(redaction),
    };
    rebuilt.expect("the parts are those of a valid commit")
}

#[async_trait]
impl ThreadStore for SeededStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.inner.thread(id).await
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        self.inner.heads(location, bookings).await
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        match self.race {
            Some(Race::ComparesThenWrites) => self.compare_then_write(commit).await,
            Some(Race::KeyAfterMessage) => self.key_after_message(commit).await,
            Some(Race::UnreadCountedSeparately) => self.count_unread_separately(commit).await,
            Some(Race::RevisionBeforeVisible) => self.revision_before_visible(commit).await,
            Some(Race::FeedInTwoReads) | None => self.inner.commit(commit).await,
        }
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        self.inner.messages(query).await
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let mut found = self.inner.message_by_key(query).await?;
        if self.race == Some(Race::KeyAfterMessage) {
            found.value = self.message_by_key(query);
        }
        Ok(found)
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let mut page = self.inner.threads(query).await?;
        if self.race == Some(Race::UnreadCountedSeparately) {
            page.value.counts.unread = *self.unread.lock().unwrap();
        }
        Ok(page)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        let mut changes = self.inner.changes(location, since, limit).await?;
        match self.race {
            Some(Race::FeedInTwoReads) => {
                let newest = self.inner.changes(location, Revision::MAX, 0).await?;
                changes.value.counts.revision = newest.value.counts.revision;
            }
            Some(Race::UnreadCountedSeparately) => {
                changes.value.counts.unread = *self.unread.lock().unwrap();
            }
            Some(Race::RevisionBeforeVisible) => {
                let invisible = self.invisible.lock().unwrap();
                changes.value.changed.retain(|stored| !invisible.contains(&stored.revision));
            }
            Some(Race::ComparesThenWrites | Race::KeyAfterMessage) | None => {}
        }
        Ok(changes)
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        self.inner.locations(after, limit).await
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.inner.forget_keys(location, before, limit).await
    }
}
