use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::{Bound, RangeInclusive};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

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
    slots: HashMap<BookingId, Slot>,
    inbox: BTreeSet<InboxPosition>,
    unread: BTreeSet<InboxPosition>,
    feed: BTreeMap<Revision, BookingId>,
}

/// One thread or tombstone.
struct Slot {
    stored: Stored,
    /// In the order of their numbers, without gaps, from the thread's first.
    messages: Vec<Message>,
    keys: HashMap<KeyOf, MessageNumber>,
}

/// What an idempotency key is unique per, beside the thread (I4).
#[derive(PartialEq, Eq, Hash)]
struct KeyOf(Role, ParticipantId, IdempotencyKey);

impl Shard {
    fn commit(&mut self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let Commit { next, expected, message } = commit;
        let booking = next.id().booking.clone();
        let slot = self.slots.get(&booking);

        if let Some(taken) = slot.and_then(|slot| slot.message_by_key(message.as_ref()?)) {
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
        self.enlist(&stored);
        if let Some(slot) = self.slots.get_mut(&booking) {
            let before = std::mem::replace(&mut slot.stored, stored);
            slot.take_in(message);
            self.delist(&before);
        } else {
            let mut slot = Slot { stored, messages: Vec::new(), keys: HashMap::new() };
            slot.take_in(message);
            self.slots.insert(booking, slot);
        }
        Ok(CommitOutcome::Committed(revision))
    }

    fn enlist(&mut self, stored: &Stored) {
        self.feed.insert(stored.revision, stored.state.id().booking.clone());
        if let ThreadState::Live(thread) = &stored.state {
            let position = InboxPosition::of(thread);
            if thread.awaits_operator() {
                self.unread.insert(position.clone());
            }
            self.inbox.insert(position);
        }
    }

    /// Takes out of the indexes what `before` had there and its successor, which
    /// is in its slot already, has not.
    fn delist(&mut self, before: &Stored) {
        self.feed.remove(&before.revision);
        let ThreadState::Live(before) = &before.state else { return };
        let position = InboxPosition::of(before);
        let now = self.slots.get(&before.id().booking).and_then(|slot| slot.stored.state.live());
        let stays = now.filter(|now| InboxPosition::of(*now) == position);
        if !stays.is_some_and(Thread::awaits_operator) {
            self.unread.remove(&position);
        }
        if stays.is_none() {
            self.inbox.remove(&position);
        }
    }

    fn live(&self, booking: &str) -> Option<&Thread> {
        self.slots.get(booking)?.stored.state.live()
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
                .filter_map(|position| self.live(position.booking()).cloned())
                .collect(),
            unread: self.unread.len() as u64,
            revision: self.revision,
        }
    }

    fn changes(&self, since: Revision, limit: usize) -> Changes {
        let mut later = since
            .next()
            .into_iter()
            .flat_map(|next| self.feed.range(next..))
            .filter_map(|(_, booking)| self.slots.get(booking));
        Changes {
            changed: later.by_ref().take(limit).map(|slot| slot.stored.clone()).collect(),
            more: later.next().is_some(),
            unread: self.unread.len() as u64,
            revision: self.revision,
        }
    }
}

impl Slot {
    fn take_in(&mut self, new: Option<NewMessage>) {
        if self.stored.state.live().is_none() {
            self.messages = Vec::new();
            self.keys = HashMap::new();
        }
        let Some(NewMessage { mut message, key }) = new else { return };
        if let Some(key) = key {
            let author = message.author().id.clone();
            self.keys.insert(KeyOf(message.role(), author, key), message.number());
        }
        // The few who talk in a thread stand among its latest messages.
        for known in self.messages.iter().rev().take(8) {
            message = message.sharing_author_with(known);
        }
        self.messages.push(message);
    }

    fn message_by_key(&self, new: &NewMessage) -> Option<&Message> {
        let author = new.message.author().id.clone();
        let key = KeyOf(new.message.role(), author, new.key.clone()?);
        self.message(*self.keys.get(&key)?)
    }

    fn message(&self, number: MessageNumber) -> Option<&Message> {
        self.slice(number..=number).first()
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
        Ok(self.read(&id.location, |shard| Some(shard.slots.get(&id.booking)?.stored.clone())))
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
            let Some(slot) = shard.slots.get(&id.booking) else { return Vec::new() };
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
            let slot = shard.slots.get(&id.booking)?;
            let key = KeyOf(role, author.clone(), key.clone());
            slot.message(*slot.keys.get(&key)?).cloned()
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
