use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::{Bound, RangeInclusive};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::feed::Feed;
use super::key_index::{KeyIndex, make_room};
use super::lock::RwLock;
use super::{
    Answer, AuthorRedaction, Change, Changes, Commit, CommitOutcome, CommitParts, Direction, Epoch,
    ForgottenKeys, KeyQuery, LocationCounts, LocationRevision, MAX_HEADS, MessageQuery,
    MessageSelection, NewMessage, Redaction, Revision, StoreError, StoreResult, StoredMessage,
    ThreadList, ThreadPage, ThreadQuery, ThreadStore, VersionedThread,
};
use crate::inbox::{InboxPosition, WaitingPosition};
use crate::{BookingId, LocationId, Message, MessageNumber, Role, Thread, ThreadId, Timestamp};

/// A store in the memory of this process, for tests, demos and deployments that may lose
/// everything at the end of the process.
///
/// Each location is a shard with its own lock. A call holds a lock only while it reads or
/// writes, and never across an await. A clone shares the content with the original. The store
/// works on any executor.
///
/// Each new store has another epoch, which its clones share. Clients whose cursors are from before
/// a restart of the process therefore start over (P7).
///
/// ```
/// use frontdesk::FrontDesk;
/// use frontdesk::store::MemoryStore;
///
/// let store = MemoryStore::new();
/// let desk = FrontDesk::new(store.clone());
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    locations: Arc<RwLock<Locations>>,
    epoch: Epoch,
}

impl MemoryStore {
    /// Makes an empty store.
    pub fn new() -> Self {
        // The standard library seeds each `RandomState` from the operating system.
        Self { locations: Arc::default(), epoch: Epoch::new(RandomState::new().hash_one(0)) }
    }

    // Releases the lock of the map before the caller waits for a shard, so that a call for one
    // location never waits for another location.
    fn shard(&self, location: &LocationId) -> Option<Arc<RwLock<Shard>>> {
        let locations = self.locations.read().unwrap_or_else(PoisonError::into_inner);
        locations.shards.get(location).cloned()
    }

    fn shard_or_new(&self, location: &LocationId) -> Arc<RwLock<Shard>> {
        self.shard(location).unwrap_or_else(|| {
            let mut locations = self.locations.write().unwrap_or_else(PoisonError::into_inner);
            let shard = Arc::clone(locations.shards.entry(location.clone()).or_default());
            locations.sorted.insert(location.clone(), Arc::clone(&shard));
            shard
        })
    }

    /// Reads a location. Answers with the default value if the location is unknown.
    fn read<T: Default>(
        &self,
        location: &LocationId,
        read: impl FnOnce(&Shard) -> T,
    ) -> StoreResult<T> {
        self.answer(match self.shard(location) {
            Some(shard) => read(&shard.read().unwrap_or_else(PoisonError::into_inner)),
            None => T::default(),
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "every method of the trait returns a result")]
    fn answer<T>(&self, value: T) -> StoreResult<T> {
        Ok(Answer::new(value, self.epoch))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locations = self.locations.read().unwrap_or_else(PoisonError::into_inner);
        let count = locations.sorted.len();
        f.debug_struct("MemoryStore").field("locations", &count).finish_non_exhaustive()
    }
}

/// All locations, for the lookup of one and in the order of their ids.
#[derive(Default)]
struct Locations {
    shards: HashMap<LocationId, Arc<RwLock<Shard>>>,
    /// The same entries as in `shards`.
    sorted: BTreeMap<LocationId, Arc<RwLock<Shard>>>,
}

/// The data of one location.
#[derive(Default)]
struct Shard {
    revision: Revision,
    /// One slot per id that was ever committed. No slot is ever removed, so the indexes can
    /// hold positions in this list.
    slots: Vec<Slot>,
    slot_of: HashMap<BookingId, usize>,
    inbox: BTreeMap<ListPosition, usize>,
    unread: BTreeMap<ListPosition, usize>,
    waiting: BTreeMap<ListPosition, usize>,
    feed: Feed,
}

/// A position in the list of all threads, of the unread or of the waiting threads.
///
/// The lists have one type of position, so the compiler makes the code of a map only once. With a type
/// for each list, a post has twice as many misses in an instruction cache of 32 KiB
/// (`valgrind --tool=callgrind --cache-sim=yes`).
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ListPosition {
    rank: i64,
    booking: Option<BookingId>,
}

impl ListPosition {
    /// Returns the position in the list of all or of the unread threads.
    fn newest_first(active_at: Timestamp, booking: Option<&BookingId>) -> Self {
        Self { rank: -active_at.unix_micros(), booking: booking.cloned() }
    }

    /// Returns the position in the list of waiting threads.
    fn oldest_first(waiting_since: Timestamp, booking: &BookingId) -> Self {
        Self { rank: waiting_since.unix_micros(), booking: Some(booking.clone()) }
    }

    fn in_inbox(thread: &Thread) -> Self {
        Self::newest_first(thread.active_at(), Some(&thread.id().booking))
    }

    fn in_waiting(thread: &Thread) -> Option<Self> {
        Some(Self::oldest_first(thread.waiting_since()?, &thread.id().booking))
    }
}

/// The state of one id, and the messages of its thread.
struct Slot {
    stored: VersionedThread,
    /// The messages in the order of their numbers, without gaps, from the thread's first number.
    messages: Vec<StoredMessage>,
    keys: KeyIndex,
}

impl Shard {
    fn commit(&mut self, commit: Commit, epoch: Epoch) -> Result<CommitOutcome, StoreError> {
        let found = self.slot_of.get(&commit.id().booking).copied();
        let slot = found.map(|at| &self.slots[at]);

        if let (Some(slot), Change::Messages(messages)) = (slot, commit.change()) {
            for (index, new) in messages.iter().enumerate() {
                if let Some(message) = slot.message_with_key_of(new) {
                    return Ok(CommitOutcome::KeyTaken { index, message: message.clone() });
                }
            }
            if !slot.keys.has_room_for(messages.len()) {
                return Err(StoreError::other("the idempotency keys of the thread take 4 GiB"));
            }
        }
        if commit.conflicts_with(slot.map(|slot| slot.stored.revision), epoch) {
            return Ok(CommitOutcome::Conflict(slot.map(|slot| slot.stored.clone())));
        }
        let revision = self
            .revision
            .next()
            .ok_or_else(|| StoreError::other("the location has used all revisions"))?;

        // Nothing below can fail, so a commit is never half written.
        let CommitParts { next, change, expected: _, expected_epoch: _ } = commit.into_parts();
        self.revision = revision;
        let stored = VersionedThread::new(revision, next);
        let at = found.unwrap_or(self.slots.len());
        self.index(at, &stored);
        if let Some(slot) = self.slots.get_mut(at) {
            slot.stored = stored;
        } else {
            self.slot_of.insert(stored.state.id().booking.clone(), at);
            self.slots.push(Slot { stored, messages: Vec::new(), keys: KeyIndex::default() });
        }
        self.slots[at].apply(change, revision);
        let latest = |at: usize| self.slots[at].stored.revision;
        self.feed.push(revision, at, self.slots.len(), latest);
        Ok(CommitOutcome::Committed(revision))
    }

    /// Replaces the entries of a slot, which still has its state before `next`, in the indexes.
    fn index(&mut self, at: usize, next: &VersionedThread) {
        let before = self.slots.get(at).map(|slot| &slot.stored);
        let [before, next] = [before, Some(next)].map(|stored| stored?.state.live());
        let is_unread = |thread: &&Thread| thread.is_unread_by(Role::Operator);
        let [was_unread, is_unread] = [before, next].map(|thread| thread.filter(is_unread));
        let position = |thread: Option<&Thread>| thread.map(ListPosition::in_inbox);
        move_entry(&mut self.inbox, position(before), position(next), at);
        move_entry(&mut self.unread, position(was_unread), position(is_unread), at);
        let position = |thread: Option<&Thread>| thread.and_then(ListPosition::in_waiting);
        move_entry(&mut self.waiting, position(before), position(next), at);
    }

    fn slot(&self, booking: &BookingId) -> Option<&Slot> {
        self.slots.get(*self.slot_of.get(booking)?)
    }

    fn counts(&self) -> LocationCounts {
        LocationCounts::new(self.revision, self.unread.len() as u64, self.waiting.len() as u64)
    }

    fn page(&self, list: ThreadList<'_>, limit: usize) -> ThreadPage {
        let in_inbox = |after: &InboxPosition| {
            ListPosition::newest_first(after.active_at(), after.booking.as_ref())
        };
        let in_waiting = |after: &WaitingPosition| {
            ListPosition::oldest_first(after.waiting_since(), &after.booking)
        };
        let (index, after) = match list {
            ThreadList::All(after) => (&self.inbox, after.map(in_inbox)),
            ThreadList::Unread(after) => (&self.unread, after.map(in_inbox)),
            ThreadList::Waiting(after) => (&self.waiting, after.map(in_waiting)),
        };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries = index.range((from, Bound::Unbounded)).take(limit);
        let threads = entries.filter_map(|(_, &at)| self.slots[at].stored.state.live().cloned());
        ThreadPage::new(threads.collect(), self.counts())
    }

    fn changes(&self, since: Revision, limit: usize) -> Changes {
        let mut changes = Changes::new(Vec::new(), false, self.counts());
        // Most polls find no change. They skip the search in the feed.
        if since < self.revision {
            let later = self.feed.after(since, |at| self.slots[at].stored.revision);
            let mut later = later.map(|at| self.slots[at].stored.clone());
            changes.changed = later.by_ref().take(limit).collect();
            changes.more = later.next().is_some();
        }
        changes
    }

    fn forget_keys(&mut self, before: Timestamp, limit: usize) -> ForgottenKeys {
        let mut forgotten = ForgottenKeys::default();
        for slot in &mut self.slots {
            let Slot { messages, keys, .. } = slot;
            keys.retain(|number| {
                let message = slice(messages, number..=number).first();
                let is_old = message.is_some_and(|StoredMessage { message, .. }| {
                    message.sent_at() < before && !message.is_imported()
                });
                if is_old && forgotten.removed < limit {
                    forgotten.removed += 1;
                    return false;
                }
                forgotten.more |= is_old;
                true
            });
        }
        forgotten
    }
}

/// Moves the entry of a slot in one index. `None` means that the index has no entry of the slot.
fn move_entry(
    index: &mut BTreeMap<ListPosition, usize>,
    before: Option<ListPosition>,
    next: Option<ListPosition>,
    at: usize,
) {
    if before == next {
        return;
    }
    if let Some(before) = before {
        index.remove(&before);
    }
    if let Some(next) = next {
        index.insert(next, at);
    }
}

fn slice(messages: &[StoredMessage], range: RangeInclusive<MessageNumber>) -> &[StoredMessage] {
    let number = |stored: &StoredMessage| stored.message.number();
    let from = messages.partition_point(|stored| number(stored) < *range.start());
    let to = messages.partition_point(|stored| number(stored) <= *range.end());
    messages.get(from..to).unwrap_or_default()
}

impl Slot {
    fn apply(&mut self, change: Change, revision: Revision) {
        if self.stored.state.live().is_none() {
            (self.messages, self.keys) = (Vec::new(), KeyIndex::default());
        }
        match change {
            Change::None => {}
            Change::Messages(messages) => {
                messages.into_vec().into_iter().for_each(|new| self.append(new, revision));
            }
            Change::Redact(Redaction { number, ordinal }) => {
                self.update_messages(number..=number, |message| {
                    *message = message.clone().redacted(ordinal);
                });
            }
            Change::RedactAuthor(AuthorRedaction { role, author, messages }) => {
                self.update_messages(messages, |message| {
                    if message.role() == role && message.author().id == author {
                        *message = message.clone().without_author_name();
                    }
                });
            }
        }
    }

    fn append(&mut self, new: NewMessage, revision: Revision) {
        let NewMessage { message, key } = new;
        if let Some(key) = key {
            self.keys.insert(&key, message.number());
        }
        // A thread has few authors, so one of the latest messages usually has the same author.
        // The new message then shares the author's data with that message, to save memory.
        let latest = self.messages.iter().rev().take(8).map(|known| &known.message);
        let message = message.sharing_author_with(latest);
        make_room(&mut self.messages, 1, 4);
        self.messages.push(StoredMessage::new(message, revision));
    }

    fn update_messages(
        &mut self,
        range: RangeInclusive<MessageNumber>,
        update: impl Fn(&mut Message),
    ) {
        let messages = self.messages.iter_mut().map(|stored| &mut stored.message);
        messages.filter(|message| range.contains(&message.number())).for_each(update);
    }

    fn message_with_key_of(&self, new: &NewMessage) -> Option<&StoredMessage> {
        let (thread, key) = (self.stored.state.id(), new.key.as_ref()?);
        self.message_by_key(&KeyQuery::new(thread, new.message.author(), key))
    }

    fn message_by_key(&self, query: &KeyQuery<'_>) -> Option<&StoredMessage> {
        let KeyQuery { role, author, key, .. } = *query;
        let message = |number| slice(&self.messages, number..=number).first();
        let is_authors = |found: &StoredMessage| {
            found.message.role() == role && found.message.author().id == *author
        };
        message(self.keys.find(key, |number| message(number).is_some_and(is_authors))?)
    }

    fn messages(&self, selection: &MessageSelection, limit: usize) -> Vec<StoredMessage> {
        match selection {
            MessageSelection::Numbers { range, direction } => {
                let slice = slice(&self.messages, range.clone()).iter();
                match direction {
                    Direction::OldestFirst => slice.take(limit).cloned().collect(),
                    Direction::NewestFirst => slice.rev().take(limit).cloned().collect(),
                }
            }
            MessageSelection::RedactedAfter(ordinal) => {
                let redacted = self.messages.iter().filter_map(|stored| {
                    Some((stored.message.redaction()?, stored)).filter(|(at, _)| at > ordinal)
                });
                let by_ordinal: BTreeMap<u32, &StoredMessage> = redacted.collect();
                by_ordinal.into_values().take(limit).cloned().collect()
            }
        }
    }
}

#[async_trait]
impl ThreadStore for MemoryStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.read(&id.location, |shard| Some(shard.slot(&id.booking)?.stored.clone()))
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let bookings = bookings.iter().take(MAX_HEADS);
        self.read(location, |shard| {
            bookings.filter_map(|booking| Some(shard.slot(booking)?.stored.clone())).collect()
        })
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let shard = self.shard_or_new(&commit.id().location);
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        self.answer(shard.commit(commit, self.epoch)?)
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let MessageQuery { thread, selection, limit } = query;
        self.read(&thread.location, |shard| {
            shard.slot(&thread.booking).map_or(Vec::new(), |slot| slot.messages(selection, *limit))
        })
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        self.read(&query.thread.location, |shard| {
            shard.slot(&query.thread.booking)?.message_by_key(query).cloned()
        })
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        self.read(query.location, |shard| shard.page(query.list, query.limit))
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        self.read(location, |shard| shard.changes(since, limit))
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let shards: Vec<_> = {
            let locations = self.locations.read().unwrap_or_else(PoisonError::into_inner);
            let later = locations.sorted.range::<LocationId, _>((from, Bound::Unbounded));
            later.map(|(location, shard)| (location.clone(), Arc::clone(shard))).collect()
        };
        let locations = shards.into_iter().filter_map(|(location, shard)| {
            let revision = shard.read().unwrap_or_else(PoisonError::into_inner).revision;
            // A location whose first commit is not finished has no revision yet.
            (revision > Revision::ZERO).then(|| LocationRevision::new(location, revision))
        });
        self.answer(locations.take(limit).collect())
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.answer(self.shard(location).map_or_else(ForgottenKeys::default, |shard| {
            shard.write().unwrap_or_else(PoisonError::into_inner).forget_keys(before, limit)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Booking;
    use crate::store::{NewMessages, ThreadState};

    /// P1: after a location has used the highest revision, it accepts no more commits.
    #[test]
    fn p1_nothing_is_written_past_the_highest_revision() {
        let mut shard = Shard { revision: Revision::MAX.previous(), ..Shard::default() };
        let start = |booking: &str| {
            let now = Timestamp::UNIX_EPOCH;
            let booking = Booking::new(BookingId::new(booking).unwrap(), "K7Q2", "Tour");
            let here = LocationId::new("here").unwrap();
            let thread = crate::Thread::start(here, booking, now);
            Commit::new(ThreadState::Live(thread), None)
        };
        let last = shard.commit(start("b-1"), Epoch::ZERO).unwrap();
        assert_eq!(last, CommitOutcome::Committed(Revision::MAX));
        assert!(shard.commit(start("b-2"), Epoch::ZERO).is_err());
        let left = shard.changes(Revision::ZERO, 9);
        assert_eq!((left.changed.len(), left.counts.revision), (1, Revision::MAX));
        assert_eq!((shard.slots.len(), shard.inbox.len()), (1, 1));
    }

    /// L3: erasing a thread removes its keys, also those that no query can find any more.
    #[test]
    fn l3_an_erased_thread_leaves_no_key() {
        let (mut shard, now) = (Shard::default(), Timestamp::UNIX_EPOCH);
        let booking = Booking::new(BookingId::new("b-1").unwrap(), "K7Q2", "Tour");
        let thread = crate::Thread::start(LocationId::new("here").unwrap(), booking, now);
        let author = crate::Participant::customer("c-1".parse().unwrap(), None);
        let post = crate::Post::new(author, crate::MessageBody::new("Hello").unwrap(), now);
        let posted = thread.post(post).unwrap();
        let key: crate::IdempotencyKey = "m-1".parse().unwrap();
        let messages = NewMessage::new(posted.message, Some(key.clone()));
        let commit = Commit::new(ThreadState::Live(posted.thread), None);
        let commit = commit.with_messages(NewMessages::one(messages)).unwrap();
        drop(shard.commit(commit, Epoch::ZERO).unwrap());
        assert!(shard.slots[0].keys.find(&key, |_| true).is_some());

        let stored = shard.slots[0].stored.clone();
        let erased = ThreadState::Erased(stored.state.live().unwrap().erase());
        drop(shard.commit(Commit::new(erased, Some(&stored)), Epoch::ZERO).unwrap());
        assert_eq!(shard.slots[0].keys.find(&key, |_| true), None);
    }

    /// P7: each new store has another epoch, which its clones share.
    #[test]
    fn p7_a_new_store_has_another_epoch() {
        let (store, other) = (MemoryStore::new(), MemoryStore::new());
        assert_eq!(store.clone().epoch, store.epoch);
        assert_ne!(other.epoch, store.epoch);
    }
}
