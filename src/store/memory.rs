use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::{Bound, RangeInclusive};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::lock::RwLock;
use super::{
    Changes, Commit, CommitOutcome, Direction, Filter, NewMessage, Revision, StoreError, Stored,
    ThreadPage, ThreadState, ThreadStore,
};
use crate::id::{BookingId, IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::thread::Thread;

/// A store in this process's memory: the default, for tests, demos and small
/// deployments that may forget.
///
/// Each location is a shard with a lock of its own, held for a lookup or a
/// commit and never over an await. Cloning it shares what is stored. It works on
/// any executor.
///
/// What it forgets at the end of the process, browsers remember: give the desk another
/// [`epoch`](crate::desk::FrontDeskBuilder::epoch) at each start, the seconds since 1970
/// for one, or cursors from before the restart pass over new messages.
///
/// ```
/// use frontdesk::FrontDesk;
/// use frontdesk::store::MemoryStore;
///
/// let store = MemoryStore::new();
/// let desk = FrontDesk::new(store.clone());
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    shards: Arc<RwLock<HashMap<LocationId, Arc<RwLock<Shard>>>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    // The map is let go of before a shard is waited for: locations are independent.
    fn shard(&self, location: &LocationId) -> Option<Arc<RwLock<Shard>>> {
        self.shards.read().unwrap_or_else(PoisonError::into_inner).get(location).cloned()
    }

    fn shard_or_new(&self, location: &LocationId) -> Arc<RwLock<Shard>> {
        self.shard(location).unwrap_or_else(|| {
            let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(shards.entry(location.clone()).or_default())
        })
    }

    /// What `read` finds in a location, or what it would find in an empty one.
    fn read<T: Default>(&self, location: &LocationId, read: impl FnOnce(&Shard) -> T) -> T {
        match self.shard(location) {
            Some(shard) => read(&shard.read().unwrap_or_else(PoisonError::into_inner)),
            None => T::default(),
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shards = self.shards.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("MemoryStore").field("locations", &shards.len()).finish_non_exhaustive()
    }
}

/// One location.
#[derive(Default)]
struct Shard {
    revision: Revision,
    /// Threads and tombstones. None is ever taken out, so that the indexes can say
    /// where one is.
    slots: Vec<Slot>,
    slot_of: HashMap<BookingId, usize>,
    inbox: BTreeMap<InboxPosition, usize>,
    unread: BTreeMap<InboxPosition, usize>,
    feed: BTreeMap<Revision, usize>,
}

/// One thread or tombstone.
struct Slot {
    stored: Stored,
    /// In the order of their numbers, without gaps, from the thread's first.
    messages: Vec<Message>,
    /// Which messages came with a key; a message knows its side and author (I4).
    keys: BTreeSet<(IdempotencyKey, MessageNumber)>,
}

impl Shard {
    fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let Commit { next, expected, message } = commit;
        let found = self.slot_of.get(&next.id().booking).copied();
        let slot = found.map(|at| &self.slots[at]);

        if let Some(taken) = slot.and_then(|slot| slot.message_with_key_of(message.as_ref()?)) {
            return Ok(CommitOutcome::KeyTaken(taken.clone()));
        }
        if slot.map(|slot| slot.stored.revision) != expected {
            return Ok(CommitOutcome::Conflict(slot.map(|slot| slot.stored.clone())));
        }
        let revision = self
            .revision
            .next()
            .ok_or_else(|| StoreError::other("the location has the highest revision there is"))?;

        // Nothing below can fail, so that nothing is half written.
        self.revision = revision;
        let stored = Stored { revision, state: next };
        let at = found.unwrap_or(self.slots.len());
        if found.is_some() {
            self.delist(at, &stored.state);
        } else {
            self.slot_of.insert(stored.state.id().booking.clone(), at);
        }
        self.enlist(at, &stored);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.stored = stored;
        } else {
            self.slots.push(Slot { stored, messages: Vec::new(), keys: BTreeSet::new() });
        }
        self.slots[at].take_in(message);
        Ok(CommitOutcome::Committed(revision))
    }

    fn enlist(&mut self, at: usize, stored: &Stored) {
        self.feed.insert(stored.revision, at);
        if let ThreadState::Live(thread) = &stored.state {
            let position = InboxPosition::of(thread);
            if thread.awaits_operator() {
                self.unread.insert(position.clone(), at);
            }
            self.inbox.insert(position, at);
        }
    }

    /// Takes out of the indexes what the slot had there and its successor will not.
    fn delist(&mut self, at: usize, next: &ThreadState) {
        let before = &self.slots[at].stored;
        self.feed.remove(&before.revision);
        let ThreadState::Live(before) = &before.state else { return };
        let position = InboxPosition::of(before);
        let stays = next.live().filter(|next| InboxPosition::of(*next) == position);
        if !stays.is_some_and(Thread::awaits_operator) {
            self.unread.remove(&position);
        }
        if stays.is_none() {
            self.inbox.remove(&position);
        }
    }

    fn slot(&self, booking: &BookingId) -> Option<&Slot> {
        self.slots.get(*self.slot_of.get(booking)?)
    }

    fn page(&self, after: Option<&InboxPosition>, limit: usize, filter: Filter) -> ThreadPage {
        let index = match filter {
            Filter::All => &self.inbox,
            Filter::Unread => &self.unread,
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        ThreadPage {
            threads: index
                .range((from, Bound::Unbounded))
                .take(limit)
                .filter_map(|(_, &at)| self.slots[at].stored.state.live().cloned())
                .collect(),
            unread: self.unread.len() as u64,
            revision: self.revision,
        }
    }

    fn changes(&self, since: Revision, limit: usize) -> Changes {
        let mut changes = Changes {
            changed: Vec::new(),
            more: false,
            unread: self.unread.len() as u64,
            revision: self.revision,
        };
        // For most polls there is nothing.
        if since < self.revision {
            let later = (Bound::Excluded(since), Bound::Unbounded);
            let mut later = self.feed.range(later).map(|(_, &at)| self.slots[at].stored.clone());
            changes.changed = later.by_ref().take(limit).collect();
            changes.more = later.next().is_some();
        }
        changes
    }
}

impl Slot {
    fn take_in(&mut self, new: Option<NewMessage>) {
        if self.stored.state.live().is_none() {
            self.messages = Vec::new();
            self.keys = BTreeSet::new();
        }
        let Some(NewMessage { mut message, key }) = new else { return };
        if let Some(key) = key {
            self.keys.insert((key, message.number()));
        }
        // The few who talk in a thread stand among its latest messages.
        for known in self.messages.iter().rev().take(8) {
            message = message.sharing_author_with(known);
        }
        self.messages.push(message);
    }

    fn message_with_key_of(&self, new: &NewMessage) -> Option<&Message> {
        self.message_by_key(new.message.role(), &new.message.author().id, new.key.as_ref()?)
    }

    fn message_by_key(
        &self,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Option<&Message> {
        let from = (key.clone(), MessageNumber::START);
        let with_key = self.keys.range(from..).take_while(|(other, _)| other == key);
        with_key
            .filter_map(|&(_, number)| self.slice(number..=number).first())
            .find(|message| message.role() == role && message.author().id == *author)
    }

    fn slice(&self, range: RangeInclusive<MessageNumber>) -> &[Message] {
        let from = self.messages.partition_point(|message| message.number() < *range.start());
        let to = self.messages.partition_point(|message| message.number() <= *range.end());
        self.messages.get(from..to).unwrap_or_default()
    }
}

#[async_trait]
impl ThreadStore for MemoryStore {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        Ok(self.read(&id.location, |shard| Some(shard.slot(&id.booking)?.stored.clone())))
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let shard = self.shard_or_new(&commit.id().location);
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        shard.commit(commit)
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        Ok(self.read(&id.location, |shard| {
            let Some(slot) = shard.slot(&id.booking) else { return Vec::new() };
            let slice = slot.slice(range).iter();
            match direction {
                Direction::OldestFirst => slice.take(limit).cloned().collect(),
                Direction::NewestFirst => slice.rev().take(limit).cloned().collect(),
            }
        }))
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        Ok(self.read(&id.location, |shard| {
            shard.slot(&id.booking)?.message_by_key(role, author, key).cloned()
        }))
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        Ok(self.read(location, |shard| shard.page(after, limit, filter)))
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        Ok(self.read(location, |shard| shard.changes(since, limit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Booking;
    use crate::timestamp::Timestamp;

    /// P1: a location takes the last revision there is, and then no commit.
    #[test]
    fn p1_past_the_last_revision_nothing_is_written() {
        let mut shard = Shard { revision: Revision::MAX.previous(), ..Shard::default() };
        let start = |booking: &str| {
            let now = Timestamp::UNIX_EPOCH;
            let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2", "Tour", now);
            let here = LocationId::new("here").unwrap();
            let thread = Thread::start(here, booking, now, MessageNumber::START).unwrap();
            Commit::new(ThreadState::Live(thread), None)
        };
        let last = shard.commit(start("b-1")).unwrap();
        assert_eq!(last, CommitOutcome::Committed(Revision::MAX));
        assert!(shard.commit(start("b-2")).is_err());
        let left = shard.changes(Revision::ZERO, 9);
        assert_eq!((left.changed.len(), left.revision), (1, Revision::MAX));
        assert_eq!((shard.slots.len(), shard.inbox.len()), (1, 1));
    }
}
