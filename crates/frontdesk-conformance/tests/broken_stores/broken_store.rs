use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use frontdesk::store::{
    KeyQuery, LocationCounts, Revision, StoreError, StoredMessage, ThreadState, VersionedThread,
};
use frontdesk::{LocationId, Role, Thread, ThreadId};

use crate::bug::Bug;
use crate::lists::{KeyRow, Lists, lock};

/// A store of flat lists behind one lock, with at most one bug.
pub(crate) struct BrokenStore {
    pub(crate) bug: Option<Bug>,
    pub(crate) lists: Arc<Mutex<Lists>>,
    /// The content before the last commit.
    pub(crate) previous: Mutex<Lists>,
    /// The threads whose heads are damaged.
    damaged: Arc<Mutex<Vec<ThreadId>>>,
    /// The instance was opened beside the first one.
    pub(crate) is_second: bool,
    /// The data that this instance keeps for itself.
    pub(crate) cache: Mutex<Cache>,
    /// A lock that another instance does not take.
    pub(crate) lock_of_instance: tokio::sync::Mutex<()>,
    /// The connections of a pool that is too small.
    pub(crate) pool: tokio::sync::Semaphore,
}

/// The data that one instance keeps for itself.
#[derive(Default)]
pub(crate) struct Cache {
    pub(crate) heads: Vec<VersionedThread>,
    pub(crate) counters: BTreeMap<LocationId, Revision>,
    pub(crate) keys: Vec<KeyRow>,
    pub(crate) unread: BTreeMap<LocationId, u64>,
}

/// Returns the FNV-1a hash of 32 bits.
fn fnv_1a(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn fold_beyond_ascii(text: &str) -> String {
    let fold = |c: char| {
        let folded = c.to_lowercase().to_string();
        if folded.is_ascii() || c.is_ascii() { c.to_string() } else { folded }
    };
    text.chars().map(fold).collect()
}

/// Compares a text with a pattern of SQL's LIKE.
fn is_like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    match pattern.next() {
        None => text.next().is_none(),
        Some('%') => {
            let rest = pattern.as_str();
            let starts = text.as_str().char_indices().map(|(at, _)| at);
            let starts: Vec<usize> = starts.chain([text.as_str().len()]).collect();
            starts.into_iter().any(|at| is_like(&text.as_str()[at..], rest))
        }
        Some(expected) => text.next().is_some_and(|found| {
            (expected == '_' || expected == found) && is_like(text.as_str(), pattern.as_str())
        }),
    }
}

impl BrokenStore {
    pub(crate) fn new(bug: Option<Bug>, lists: &Arc<Mutex<Lists>>) -> Self {
        let cache = Cache { keys: lock(lists).keys.clone(), ..Cache::default() };
        Self {
            bug,
            lists: Arc::clone(lists),
            previous: Mutex::default(),
            damaged: Arc::clone(&lock(lists).damaged),
            is_second: false,
            cache: Mutex::new(cache),
            lock_of_instance: tokio::sync::Mutex::default(),
            pool: tokio::sync::Semaphore::new(4),
        }
    }

    /// Opens another instance on the same lists.
    pub(crate) fn second(bug: Option<Bug>, lists: &Arc<Mutex<Lists>>) -> Self {
        Self { is_second: true, ..Self::new(bug, lists) }
    }

    pub(crate) fn cache(&self) -> MutexGuard<'_, Cache> {
        lock(&self.cache)
    }

    pub(crate) fn is_damaged(&self, id: &ThreadId) -> bool {
        lock(&self.damaged).contains(id)
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Returns the lists that reads use.
    pub(crate) fn read(&self) -> MutexGuard<'_, Lists> {
        if self.is_second && self.has(Bug::ReadsFromReplica) {
            let replica = lock(&self.lists).replica.clone();
            let mut copy = lock(&self.previous);
            *copy = replica.map(|lists| *lists).unwrap_or_default();
            return copy;
        }
        lock(if self.has(Bug::StaleReads) { &self.previous } else { &self.lists })
    }

    pub(crate) fn is_same_id(&self, a: &ThreadId, b: &ThreadId) -> bool {
        let (a_booking, b_booking) = (a.booking.as_str(), b.booking.as_str());
        let same_booking = match self.bug {
            Some(Bug::IdsFolded) => a_booking.eq_ignore_ascii_case(b_booking),
            Some(Bug::IdsFoldedBeyondAscii) => {
                fold_beyond_ascii(a_booking) == fold_beyond_ascii(b_booking)
            }
            Some(Bug::IdsCut) => a_booking.chars().take(100).eq(b_booking.chars().take(100)),
            _ => false,
        };
        if same_booking && a.location == b.location {
            return true;
        }
        a == b || self.has(Bug::IdsJoined) && a.to_string() == b.to_string()
    }

    /// Returns `true` if erasing one thread deletes the messages of another.
    pub(crate) fn is_erased_with(&self, row: &ThreadId, erased: &ThreadId) -> bool {
        let (booking, pattern) = (row.booking.as_str(), erased.booking.as_str());
        let matches = match self.bug {
            Some(Bug::EraseByPrefix) => booking.starts_with(pattern),
            Some(Bug::EraseByPattern) => is_like(booking, pattern),
            _ => false,
        };
        matches && row.location == erased.location || self.is_same_id(row, erased)
    }

    pub(crate) fn head(&self, lists: &Lists, id: &ThreadId) -> Option<VersionedThread> {
        let head = lists.heads.iter().find(|head| self.is_same_id(head.state.id(), id))?;
        let newest = self.newest(lists, &id.location);
        let age = newest.get().saturating_sub(head.revision.get());
        let is_tombstone = matches!(head.state, ThreadState::Erased(_));
        let expired = self.has(Bug::TombstonesExpire) && is_tombstone && age > 1_000;
        (!expired).then(|| head.clone())
    }

    /// Compares two pairs of an author and a key.
    fn is_same_author_and_key(&self, a: [&str; 2], b: [&str; 2]) -> bool {
        let [same_author, same_key] = [a[0] == b[0], a[1] == b[1]];
        let folded = |key: &str| key.trim().to_lowercase();
        match self.bug {
            Some(Bug::KeyFolded) => same_author && folded(a[1]) == folded(b[1]),
            Some(Bug::KeysHashed) => same_author && fnv_1a(a[1]) == fnv_1a(b[1]),
            Some(Bug::KeysJoined) => a.join("::") == b.join("::"),
            Some(Bug::AuthorsAsNumbers) => {
                let numbers = [a[0], b[0]].map(|author| author.parse::<u64>().ok());
                let same_number = numbers[0].is_some() && numbers[0] == numbers[1];
                (same_author || same_number) && same_key
            }
            _ => same_author && same_key,
        }
    }

    /// Returns the message of a key among `rows`.
    pub(crate) fn find_key(&self, rows: &[KeyRow], query: &KeyQuery<'_>) -> Option<StoredMessage> {
        let cache = self.cache();
        let is_known = |row: &KeyRow| {
            !self.has(Bug::KeysCached) || cache.keys.iter().any(|known| known.is_same(row))
        };
        let of_thread = |row: &&KeyRow| row.message.thread == *query.thread;
        let keys = || rows.iter().filter(of_thread).count();
        let mut skipped = if self.has(Bug::KeysCapped) { keys().saturating_sub(1_000) } else { 0 };
        let mut rows = rows.iter().filter(|row| is_known(row)).filter(|row| {
            let skip = skipped > 0 && of_thread(row);
            skipped -= usize::from(skip);
            !skip
        });
        let found = rows.find(|row| {
            let author = row.message.stored.message.author();
            let thread = &row.message.thread;
            let in_location =
                self.has(Bug::KeyOfLocation) && thread.location == query.thread.location;
            let same_role = self.has(Bug::KeyWithoutRole) || author.role == query.role;
            let same_key = self.is_same_author_and_key(
                [author.id.as_str(), row.key.as_str()],
                [query.author.as_str(), query.key.as_str()],
            );
            same_key && same_role && (self.is_same_id(thread, query.thread) || in_location)
        });
        found.map(|row| row.message.stored.clone())
    }

    pub(crate) fn newest(&self, lists: &Lists, location: &LocationId) -> Revision {
        match self.bug {
            Some(Bug::RevisionReused) => {
                let live = lists.heads.iter().filter(|head| {
                    head.state.live().is_some_and(|thread| thread.id().location == *location)
                });
                live.map(|head| head.revision).max().unwrap_or_default()
            }
            Some(Bug::RevisionOfAll) => lists.counters.values().max().copied().unwrap_or_default(),
            _ => lists.counters.get(location).copied().unwrap_or_default(),
        }
    }

    pub(crate) fn take_revision(
        &self,
        lists: &mut Lists,
        location: &LocationId,
    ) -> Result<Revision, StoreError> {
        let cached = self.cache().counters.get(location).copied();
        let newest = cached.filter(|_| self.has(Bug::CounterCached));
        let newest = newest.unwrap_or_else(|| self.newest(lists, location));
        let next = newest.get() + 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "the bugs lose digits"
        )]
        let next = match self.bug {
            Some(Bug::RevisionsAsFloats) => newest.get() as f32 as u64 + 1,
            Some(Bug::RevisionsIn32Bits) => u64::from(next as u32),
            Some(Bug::RevisionsUnbounded) => next.min(Revision::MAX.get()),
            _ => next,
        };
        let revision = i64::try_from(next).ok().and_then(|next| Revision::try_from(next).ok());
        let revision = revision.ok_or_else(|| StoreError::other("no revision is left"))?;
        self.cache().counters.insert(location.clone(), revision);
        lists.counters.insert(location.clone(), revision);
        Ok(revision)
    }

    pub(crate) fn is_unread(&self, lists: &Lists, thread: &Thread) -> bool {
        let marked = thread.mark(Role::Operator).set_at().is_some();
        let restarted = thread.first_number().get() > 1;
        if self.has(Bug::RestartedStaysRead) && marked && restarted {
            return false;
        }
        let once = self.has(Bug::UnreadNotLowered) && lists.once_unread.contains(thread.id());
        thread.is_unread_by(Role::Operator) || once
    }

    pub(crate) fn counts(&self, lists: &Lists, location: &LocationId) -> LocationCounts {
        let live = || {
            let live = lists.heads.iter().filter_map(|head| head.state.live());
            live.filter(|thread| thread.id().location == *location)
        };
        let left_by = |bug: Bug, erased: &[ThreadId]| {
            let here = erased.iter().filter(|id| id.location == *location).count();
            if self.has(bug) { here } else { 0 }
        };
        let unread = if self.has(Bug::UnreadCountsMessages) {
            live().map(|thread| u64::from(thread.unread(Role::Operator))).sum()
        } else {
            let unread = live().filter(|thread| self.is_unread(lists, thread)).count();
            (unread + left_by(Bug::EraseLeavesUnread, &lists.erased_unread)) as u64
        };
        let unread = if self.has(Bug::UnreadCapped) { unread.min(1_000) } else { unread };
        let unread = if self.has(Bug::UnreadCached) {
            *self.cache().unread.entry(location.clone()).or_insert(unread)
        } else {
            unread
        };
        let waiting = live().filter(|thread| thread.waiting_since().is_some()).count();
        let waiting = waiting + left_by(Bug::EraseLeavesWaiting, &lists.erased_waiting);
        LocationCounts::new(self.newest(lists, location), unread, waiting as u64)
    }
}
