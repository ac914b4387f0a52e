//! A second implementation of the storage contract: flat lists, searched and sorted on each read.
//! This store is slow and simple on purpose. If this store and `MemoryStore` agree on a result, the
//! result follows from the contract and not from one implementation.

use std::cmp::Reverse;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use frontdesk::store::{
    Answer, Change, Changes, Commit, CommitOutcome, CommitParts, Direction, Epoch, ForgottenKeys,
    KeyQuery, LocationCounts, LocationRevision, MessageQuery, MessageSelection, NewMessage,
    NewMessages, Revision, StoreError, StoreResult, StoredMessage, ThreadList, ThreadPage,
    ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{
    BookingId, IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, Thread,
    ThreadId, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A store of flat lists behind one lock.
#[derive(Default)]
pub(crate) struct NaiveStore {
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    revisions: Vec<(LocationId, Revision)>,
    heads: Vec<VersionedThread>,
    messages: Vec<(ThreadId, StoredMessage)>,
    keys: Vec<StoredKey>,
}

#[derive(PartialEq)]
struct StoredKey {
    thread: ThreadId,
    role: Role,
    author: ParticipantId,
    key: IdempotencyKey,
    number: MessageNumber,
}

impl NaiveStore {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serializes and deserializes a value, as a database does when it stores and reads the value (T8).
fn round_trip<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let json = serde_json::to_string(value).expect("a committed value serializes");
    serde_json::from_str(&json).expect("a committed value deserializes")
}

/// Returns an answer with the only epoch of this store. A store's epoch changes when commits may
/// have been lost, and this store loses no commit while its process runs.
fn answer<T>(value: T) -> Answer<T> {
    Answer::new(value, Epoch::ZERO)
}

impl Lists {
    fn head(&self, id: &ThreadId) -> Option<VersionedThread> {
        self.heads.iter().find(|head| head.state.id() == id).cloned()
    }

    fn revision(&self, location: &LocationId) -> Revision {
        let found = self.revisions.iter().find(|(known, _)| known == location);
        found.map_or(Revision::ZERO, |(_, revision)| *revision)
    }

    fn message(&self, id: &ThreadId, number: MessageNumber) -> Option<&StoredMessage> {
        let mut messages = self.messages.iter();
        let found =
            messages.find(|(thread, stored)| thread == id && stored.message.number() == number);
        found.map(|(_, stored)| stored)
    }

    fn message_by_key(&self, query: &KeyQuery<'_>) -> Option<StoredMessage> {
        let mut keys = self.keys.iter();
        let found = keys.find(|stored| {
            stored.thread == *query.thread
                && stored.role == query.role
                && stored.author == *query.author
                && stored.key == *query.key
        })?;
        self.message(query.thread, found.number).cloned()
    }

    /// Returns the outcome for the first new message whose idempotency key is taken, or `None` if
    /// no key is taken.
    fn taken_key(&self, id: &ThreadId, messages: &NewMessages) -> Option<CommitOutcome> {
        messages.iter().enumerate().find_map(|(index, new)| {
            let query = KeyQuery::new(id, new.message.author(), new.key.as_ref()?);
            let message = self.message_by_key(&query)?;
            Some(CommitOutcome::KeyTaken { index, message })
        })
    }

    fn add(&mut self, id: &ThreadId, new: NewMessage, revision: Revision) {
        let message = round_trip(&new.message);
        if let Some(key) = new.key {
            self.keys.push(StoredKey {
                thread: id.clone(),
                role: message.role(),
                author: message.author().id.clone(),
                key,
                number: message.number(),
            });
        }
        self.messages.push((id.clone(), StoredMessage::new(message, revision)));
    }

    /// Replaces each message of a thread for which `replace` returns `Some`.
    fn replace(&mut self, id: &ThreadId, replace: impl Fn(&Message) -> Option<Message>) {
        for (thread, stored) in &mut self.messages {
            if thread == id
                && let Some(message) = replace(&stored.message)
            {
                stored.message = round_trip(&message);
            }
        }
    }

    fn apply(&mut self, id: &ThreadId, change: Change, revision: Revision) {
        match change {
            Change::None => {}
            Change::Messages(messages) => {
                messages.into_vec().into_iter().for_each(|new| self.add(id, new, revision));
            }
            Change::Redact(redaction) => self.replace(id, |message| {
                let is_redacted = message.number() == redaction.number;
                is_redacted.then(|| message.clone().redacted(redaction.ordinal))
            }),
            Change::RedactAuthor(redaction) => self.replace(id, |message| {
                let matches = message.role() == redaction.role
                    && message.author().id == redaction.author
                    && redaction.messages.contains(&message.number());
                matches.then(|| message.clone().without_author_name())
            }),
        }
    }

    /// Returns the threads of a location that are neither erased nor linked, in no particular
    /// order.
    fn threads(&self, location: &LocationId) -> impl Iterator<Item = &Thread> {
        let live = self.heads.iter().filter_map(|head| head.state.live());
        live.filter(move |thread| thread.id().location == *location)
    }

    fn counts(&self, location: &LocationId) -> LocationCounts {
        let unread = self.threads(location).filter(|thread| thread.is_unread_by(Role::Operator));
        let waiting = self.threads(location).filter(|thread| thread.waiting_since().is_some());
        LocationCounts::new(self.revision(location), unread.count() as u64, waiting.count() as u64)
    }
}

fn booking_bytes(thread: &Thread) -> &[u8] {
    thread.id().booking.as_str().as_bytes()
}

#[async_trait]
impl ThreadStore for NaiveStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        Ok(answer(self.lists().head(id)))
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let lists = self.lists();
        let ids = bookings.iter().map(|booking| ThreadId::new(location.clone(), booking.clone()));
        Ok(answer(ids.filter_map(|id| lists.head(&id)).collect()))
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let mut lists = self.lists();
        let id = commit.id().clone();
        if let Change::Messages(messages) = commit.change()
            && let Some(taken) = lists.taken_key(&id, messages)
        {
            return Ok(answer(taken));
        }
        let current = lists.head(&id);
        if commit.conflicts_with(current.as_ref().map(|stored| stored.revision), Epoch::ZERO) {
            return Ok(answer(CommitOutcome::Conflict(current)));
        }
        let CommitParts { next, expected: _, expected_epoch: _, change } = commit.into_parts();

        // The contract allows gaps between revisions, so this store skips a revision before each
        // commit.
        let revision = lists.revision(&id.location).next().and_then(Revision::next);
        let revision = revision.ok_or_else(|| StoreError::other("no revision is left"))?;
        lists.revisions.retain(|(location, _)| *location != id.location);
        lists.revisions.push((id.location.clone(), revision));
        match next {
            ThreadState::Live(_) => {}
            ThreadState::Linked(_) | ThreadState::Erased(_) => {
                lists.messages.retain(|(thread, _)| *thread != id);
                lists.keys.retain(|stored| stored.thread != id);
            }
        }
        lists.apply(&id, change, revision);
        lists.heads.retain(|head| *head.state.id() != id);
        lists.heads.push(VersionedThread::new(revision, round_trip(&next)));
        Ok(answer(CommitOutcome::Committed(revision)))
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let lists = self.lists();
        let of_thread = lists.messages.iter().filter(|(thread, _)| thread == query.thread);
        let mut found: Vec<StoredMessage> = of_thread.map(|(_, stored)| stored.clone()).collect();
        match &query.selection {
            MessageSelection::Numbers { range, direction } => {
                found.retain(|stored| range.contains(&stored.message.number()));
                found.sort_by_key(|stored| stored.message.number());
                if *direction == Direction::NewestFirst {
                    found.reverse();
                }
            }
            MessageSelection::RedactedAfter(ordinal) => {
                found.retain(|stored| stored.message.redaction() > Some(*ordinal));
                found.sort_by_key(|stored| stored.message.redaction());
            }
        }
        found.truncate(query.limit);
        Ok(answer(found))
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        Ok(answer(self.lists().message_by_key(query)))
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let lists = self.lists();
        let mut threads: Vec<Thread> = lists.threads(query.location).cloned().collect();
        match &query.list {
            ThreadList::All(after) | ThreadList::Unread(after) => {
                if let ThreadList::Unread(_) = query.list {
                    threads.retain(|thread| thread.is_unread_by(Role::Operator));
                }
                let key =
                    |thread: &Thread| (Reverse(thread.active_at()), booking_bytes(thread).to_vec());
                if let Some(after) = after {
                    let after = (Reverse(after.active_at()), after.booking().as_bytes().to_vec());
                    threads.retain(|thread| key(thread) > after);
                }
                threads.sort_by_key(key);
            }
            ThreadList::Waiting(after) => {
                threads.retain(|thread| thread.waiting_since().is_some());
                let key =
                    |thread: &Thread| (thread.waiting_since(), booking_bytes(thread).to_vec());
                if let Some(after) = after {
                    let after = (Some(after.waiting_since()), after.booking().as_bytes().to_vec());
                    threads.retain(|thread| key(thread) > after);
                }
                threads.sort_by_key(key);
            }
        }
        threads.truncate(query.limit);
        Ok(answer(ThreadPage::new(threads, lists.counts(query.location))))
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        let lists = self.lists();
        let mut changed = lists.heads.clone();
        changed.retain(|head| head.state.id().location == *location && head.revision > since);
        changed.sort_by_key(|head| head.revision);
        let more = changed.len() > limit;
        changed.truncate(limit);
        Ok(answer(Changes::new(changed, more, lists.counts(location))))
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let bytes = |location: &LocationId| location.as_str().as_bytes().to_vec();
        let mut revisions = self.lists().revisions.clone();
        revisions.retain(|(location, _)| after.is_none_or(|after| bytes(location) > bytes(after)));
        revisions.sort_by_key(|(location, _)| bytes(location));
        revisions.truncate(limit);
        let found = revisions
            .into_iter()
            .map(|(location, revision)| LocationRevision::new(location, revision));
        Ok(answer(found.collect()))
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let mut lists = self.lists();
        let (mut kept, mut old) = (Vec::new(), Vec::new());
        for key in std::mem::take(&mut lists.keys) {
            let message = lists.message(&key.thread, key.number).map(|stored| &stored.message);
            let is_old = key.thread.location == *location
                && message.is_some_and(|it| it.sent_at() < before && !it.is_imported());
            if is_old { old.push(key) } else { kept.push(key) }
        }
        let removed = old.len().min(limit);
        let more = old.len() > removed;
        kept.extend(old.into_iter().skip(removed));
        lists.keys = kept;
        Ok(answer(ForgottenKeys::new(removed, more)))
    }
}
