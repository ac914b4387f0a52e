//! A second implementation of the storage contract, written to be read and not
//! to be fast: flat lists, looked through and sorted at each read. What it and
//! `MemoryStore` agree on is what the trait says, not how one of them works.

use std::cmp::Reverse;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, NewMessage, Revision, StoreError, Stored,
    ThreadPage, ThreadStore,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageNumber, ParticipantId, Role, Thread, ThreadId,
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
    heads: Vec<Stored>,
    messages: Vec<(ThreadId, Message)>,
    keys: Vec<(ThreadId, Message, IdempotencyKey)>,
}

impl NaiveStore {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a database gives back: whatever was committed must survive its records (T8).
fn written_and_read<T: Serialize + DeserializeOwned>(written: &T) -> T {
    let json = serde_json::to_string(written).expect("it can be written");
    serde_json::from_str(&json).expect("what was committed can be read back")
}

impl Lists {
    fn head(&self, id: &ThreadId) -> Option<Stored> {
        self.heads.iter().find(|head| head.state.id() == id).cloned()
    }

    fn revision(&self, location: &LocationId) -> Revision {
        let found = self.revisions.iter().find(|(known, _)| known == location);
        found.map_or(Revision::ZERO, |(_, revision)| *revision)
    }

    fn sent_with(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Option<Message> {
        let mut keys = self.keys.iter();
        let found = keys.find(|(thread, message, used)| {
            thread == id && message.role() == role && message.author().id == *author && used == key
        });
        found.map(|(_, message, _)| message.clone())
    }

    /// The location's live threads, in no order.
    fn threads(&self, location: &LocationId) -> impl Iterator<Item = &Thread> {
        let live = self.heads.iter().filter_map(|head| head.state.live());
        live.filter(move |thread| thread.id().location == *location)
    }

    fn unread(&self, location: &LocationId) -> u64 {
        self.threads(location).filter(|thread| thread.awaits_operator()).count() as u64
    }
}

#[async_trait]
impl ThreadStore for NaiveStore {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        Ok(self.lists().head(id))
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let mut lists = self.lists();
        let id = commit.id().clone();
        if let Some(NewMessage { message, key: Some(key), .. }) = &commit.message
            && let Some(first) = lists.sent_with(&id, message.role(), &message.author().id, key)
        {
            return Ok(CommitOutcome::KeyTaken(first));
        }
        let current = lists.head(&id);
        if current.as_ref().map(|stored| stored.revision) != commit.expected {
            return Ok(CommitOutcome::Conflict(current));
        }

        // Revisions rise, but nobody said by one.
        let revision = lists.revision(&id.location).next().and_then(Revision::next);
        let revision = revision.ok_or_else(|| StoreError::other("no revision is left"))?;
        lists.revisions.retain(|(location, _)| *location != id.location);
        lists.revisions.push((id.location.clone(), revision));
        if commit.next.live().is_none() {
            lists.messages.retain(|(thread, _)| *thread != id);
            lists.keys.retain(|(thread, ..)| *thread != id);
        }
        if let Some(NewMessage { message, key, .. }) = commit.message {
            if let Some(key) = key {
                lists.keys.push((id.clone(), message.clone(), key));
            }
            lists.messages.push((id.clone(), written_and_read(&message)));
        }
        lists.heads.retain(|head| *head.state.id() != id);
        lists.heads.push(Stored { revision, state: written_and_read(&commit.next) });
        Ok(CommitOutcome::Committed(revision))
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        let lists = self.lists();
        let of_thread = lists.messages.iter().filter(|(thread, _)| thread == id);
        let mut found: Vec<Message> = of_thread.map(|(_, message)| message.clone()).collect();
        found.retain(|message| range.contains(&message.number()));
        match direction {
            Direction::OldestFirst => found.sort_by_key(Message::number),
            Direction::NewestFirst => found.sort_by_key(|message| Reverse(message.number())),
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        Ok(self.lists().sent_with(id, role, author, key))
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let lists = self.lists();
        let mut threads: Vec<Thread> = lists.threads(location).cloned().collect();
        if filter == Filter::Unread {
            threads.retain(Thread::awaits_operator);
        }
        if let Some(after) = after {
            threads.retain(|thread| {
                let booking = thread.id().booking.as_str();
                thread.active_at() < after.active_at()
                    || thread.active_at() == after.active_at()
                        && booking.as_bytes() > after.booking().as_bytes()
            });
        }
        threads.sort_by(|a, b| {
            let bytes = |thread: &Thread| thread.id().booking.as_str().as_bytes().to_vec();
            b.active_at().cmp(&a.active_at()).then(bytes(a).cmp(&bytes(b)))
        });
        threads.truncate(limit);
        let (unread, revision) = (lists.unread(location), lists.revision(location));
        Ok(ThreadPage { threads, unread, revision })
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let lists = self.lists();
        let mut changed = lists.heads.clone();
        changed.retain(|head| head.state.id().location == *location && head.revision > since);
        changed.sort_by_key(|head| head.revision);
        let more = changed.len() > limit;
        changed.truncate(limit);
        let (unread, revision) = (lists.unread(location), lists.revision(location));
        Ok(Changes { changed, more, unread, revision })
    }
}
