//! A store that is right but for one race, to see that the checker finds it.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Mutex;

use async_trait::async_trait;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, NewMessage, Revision,
    StoreError, Stored, ThreadPage, ThreadState, ThreadStore,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, Thread, ThreadId,
};

use crate::switching::Switching;

/// What is done in two steps that has to be done in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A commit compares the revision, and then writes.
    ComparesThenWrites,
    /// A key is written after its message.
    KeyAfterTheMessage,
    /// A poll reads what changed, and then the newest revision.
    FeedInTwoReads,
    /// The unread number is kept apart, and written after the thread.
    UnreadKeptApart,
    /// A revision is taken, and the commit seen later: a sequence drawn before the
    /// transaction ends.
    RevisionBeforeItShows,
}

pub(crate) struct Seeded {
    inner: Switching<MemoryStore>,
    bug: Option<Bug>,
    keys: Mutex<Vec<(ThreadId, IdempotencyKey, Message)>>,
    unread: Mutex<u64>,
    unseen: Mutex<BTreeSet<Revision>>,
}

impl Seeded {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        Self {
            inner: Switching::new(MemoryStore::new()),
            bug,
            keys: Mutex::default(),
            unread: Mutex::default(),
            unseen: Mutex::default(),
        }
    }

    async fn compare_then_write(&self, mut commit: Commit) -> Result<CommitOutcome, StoreError> {
        let found = self.inner.thread(commit.id()).await?;
        if found.as_ref().map(|stored| stored.revision) != commit.expected {
            return Ok(CommitOutcome::Conflict(found));
        }
        self.inner.switch();
        let now = self.inner.store.thread(commit.id()).await?;
        commit.expected = now.map(|stored| stored.revision);
        self.inner.store.commit(commit).await
    }

    async fn key_after_the_message(&self, mut commit: Commit) -> Result<CommitOutcome, StoreError> {
        let id = commit.id().clone();
        let Some((key, message)) = commit
            .message
            .as_mut()
            .and_then(|NewMessage { message, key, .. }| Some((key.take()?, message.clone())))
        else {
            return self.inner.commit(commit).await;
        };
        if let Some(first) = self.sent_with(&id, message.role(), &message.author().id, &key) {
            return Ok(CommitOutcome::KeyTaken(first));
        }
        let outcome = self.inner.commit(commit).await?;
        if let CommitOutcome::Committed(_) = outcome {
            self.keys.lock().unwrap().push((id, key, message));
        }
        Ok(outcome)
    }

    fn sent_with(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Option<Message> {
        let keys = self.keys.lock().unwrap();
        let mut keys = keys.iter().filter(|(thread, used, _)| thread == id && used == key);
        let sent = keys.find(|(.., one)| one.role() == role && one.author().id == *author);
        sent.map(|(.., message)| message.clone())
    }

    async fn unread_kept_apart(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let awaits = |state: &ThreadState| state.live().is_some_and(Thread::awaits_operator);
        let found = self.inner.thread(commit.id()).await?;
        let before = found.is_some_and(|stored| awaits(&stored.state));
        let after = awaits(&commit.next);
        let outcome = self.inner.commit(commit).await?;
        if let CommitOutcome::Committed(_) = outcome {
            let mut unread = self.unread.lock().unwrap();
            *unread = (*unread + u64::from(after)).saturating_sub(u64::from(before));
        }
        Ok(outcome)
    }

    async fn revision_before_it_shows(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.inner.switch();
        let outcome = self.inner.store.commit(commit).await?;
        if let CommitOutcome::Committed(revision) = outcome {
            self.unseen.lock().unwrap().insert(revision);
            self.inner.switch();
            self.unseen.lock().unwrap().remove(&revision);
        }
        self.inner.switch();
        Ok(outcome)
    }
}

#[async_trait]
impl ThreadStore for Seeded {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.inner.thread(id).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        match self.bug {
            Some(Bug::ComparesThenWrites) => self.compare_then_write(commit).await,
            Some(Bug::KeyAfterTheMessage) => self.key_after_the_message(commit).await,
            Some(Bug::UnreadKeptApart) => self.unread_kept_apart(commit).await,
            Some(Bug::RevisionBeforeItShows) => self.revision_before_it_shows(commit).await,
            Some(Bug::FeedInTwoReads) | None => self.inner.commit(commit).await,
        }
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.inner.messages(id, range, limit, direction).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        if self.bug == Some(Bug::KeyAfterTheMessage) {
            return Ok(self.sent_with(id, role, author, key));
        }
        self.inner.message_by_key(id, role, author, key).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let mut page = self.inner.threads(location, after, limit, filter).await?;
        if self.bug == Some(Bug::UnreadKeptApart) {
            page.unread = *self.unread.lock().unwrap();
        }
        Ok(page)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let mut changes = self.inner.changes(location, since, limit).await?;
        match self.bug {
            Some(Bug::FeedInTwoReads) => {
                let newest = self.inner.changes(location, Revision::MAX, 0).await?;
                changes.revision = newest.revision;
            }
            Some(Bug::UnreadKeptApart) => changes.unread = *self.unread.lock().unwrap(),
            Some(Bug::RevisionBeforeItShows) => {
                let unseen = self.unseen.lock().unwrap();
                changes.changed.retain(|stored| !unseen.contains(&stored.revision));
            }
            _ => {}
        }
        Ok(changes)
    }
}
