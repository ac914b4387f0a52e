use std::sync::{Arc, Mutex, MutexGuard};

use frontdesk::store::{KeyQuery, LocationCounts, Revision, StoredMessage, VersionedThread};
use frontdesk::{LocationId, Role, Thread, ThreadId};

use crate::bug::Bug;
use crate::lists::{KeyRow, Lists, lock};

/// A store of flat lists behind one lock, with at most one bug.
pub(crate) struct BrokenStore {
    pub(crate) bug: Option<Bug>,
    pub(crate) lists: Arc<Mutex<Lists>>,
    /// The content before the last commit.
    pub(crate) previous: Mutex<Lists>,
}

impl BrokenStore {
    pub(crate) fn new(bug: Option<Bug>, lists: &Arc<Mutex<Lists>>) -> Self {
        Self { bug, lists: Arc::clone(lists), previous: Mutex::default() }
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Returns the lists that reads use.
    pub(crate) fn read(&self) -> MutexGuard<'_, Lists> {
        lock(if self.has(Bug::StaleReads) { &self.previous } else { &self.lists })
    }

    pub(crate) fn is_same_id(&self, a: &ThreadId, b: &ThreadId) -> bool {
        if self.has(Bug::IdsFolded) {
            let (a_booking, b_booking) = (a.booking.as_str(), b.booking.as_str());
            return a.location == b.location && a_booking.eq_ignore_ascii_case(b_booking);
        }
        a == b || self.has(Bug::IdsJoined) && a.to_string() == b.to_string()
    }

    pub(crate) fn head(&self, lists: &Lists, id: &ThreadId) -> Option<VersionedThread> {
        lists.heads.iter().find(|head| self.is_same_id(head.state.id(), id)).cloned()
    }

    /// Returns the message of a key among `rows`.
    pub(crate) fn find_key(&self, rows: &[KeyRow], query: &KeyQuery<'_>) -> Option<StoredMessage> {
        let folded = |key: &str| key.trim().to_lowercase();
        let found = rows.iter().find(|row| {
            let author = row.message.stored.message.author();
            let thread = &row.message.thread;
            let in_location =
                self.has(Bug::KeyOfLocation) && thread.location == query.thread.location;
            let same_role = self.has(Bug::KeyWithoutRole) || author.role == query.role;
            let same_folded =
                self.has(Bug::KeyFolded) && folded(row.key.as_str()) == folded(query.key.as_str());
            (self.is_same_id(thread, query.thread) || in_location)
                && same_role
                && author.id == *query.author
                && (row.key == *query.key || same_folded)
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

    pub(crate) fn take_revision(&self, lists: &mut Lists, location: &LocationId) -> Revision {
        let revision = self.newest(lists, location).next().expect("a free revision");
        lists.counters.insert(location.clone(), revision);
        revision
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
        let waiting = live().filter(|thread| thread.waiting_since().is_some()).count();
        let waiting = waiting + left_by(Bug::EraseLeavesWaiting, &lists.erased_waiting);
        LocationCounts::new(self.newest(lists, location), unread, waiting as u64)
    }
}
