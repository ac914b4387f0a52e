use crate::revision::Revision;
use crate::store::VersionedThread;
use crate::{LocationId, Thread};

/// The newest revision of a location and the numbers of its unread and waiting threads. A store
/// returns these counts with every list of threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocationCounts {
    /// The newest revision of the location.
    pub revision: Revision,
    /// The number of threads with unread customer messages (U4).
    pub unread: u64,
    /// The number of threads with [`Thread::waiting_since`].
    pub waiting: u64,
}

impl LocationCounts {
    /// Makes the counts of a location. The counts of an unknown location are the default value.
    pub fn new(revision: Revision, unread: u64, waiting: u64) -> Self {
        Self { revision, unread, waiting }
    }
}

/// A page of a location's threads, read in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadPage {
    /// The threads, in the order of the list that the query names.
    pub threads: Vec<Thread>,
    /// The counts of the location.
    pub counts: LocationCounts,
}

impl ThreadPage {
    /// Makes a page.
    pub fn new(threads: Vec<Thread>, counts: LocationCounts) -> Self {
        Self { threads, counts }
    }
}

/// The changes of a location since a revision, read in one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// The latest state of each changed thread, link or tombstone, in ascending order of
    /// revisions.
    pub changed: Vec<VersionedThread>,
    /// `true` if there are more changes than the limit admits.
    pub more: bool,
    /// The counts of the location.
    pub counts: LocationCounts,
}

impl Changes {
    /// Makes an answer to [`changes`](super::ThreadStore::changes).
    pub fn new(changed: Vec<VersionedThread>, more: bool, counts: LocationCounts) -> Self {
        Self { changed, more, counts }
    }
}

/// A location and its newest revision.
///
/// ```
/// use frontdesk::LocationId;
/// use frontdesk::store::{LocationRevision, Revision};
///
/// let entry = LocationRevision::new(LocationId::new("harbour")?, Revision::ZERO);
/// assert_eq!(entry.location.as_str(), "harbour");
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocationRevision {
    /// The location.
    pub location: LocationId,
    /// The newest revision of the location.
    pub revision: Revision,
}

impl LocationRevision {
    /// Makes an entry of the list of locations.
    pub fn new(location: LocationId, revision: Revision) -> Self {
        Self { location, revision }
    }
}

/// Position among the commits of all locations of a store, from which
/// [`changed_locations`](super::ThreadStore::changed_locations) continues.
///
/// The number has a meaning only for the store and the epoch from which it came.
///
/// ```
/// use frontdesk::store::ChangeToken;
///
/// assert_eq!(ChangeToken::new(7).get(), 7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeToken(u64);

impl ChangeToken {
    /// Makes a token.
    pub const fn new(position: u64) -> Self {
        Self(position)
    }

    /// Returns the store's number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Locations that may have had a commit since an earlier answer.
///
/// ```
/// use frontdesk::store::{ChangeToken, ChangedLocations};
///
/// let answer = ChangedLocations::new(Vec::new(), Some(ChangeToken::new(7)));
/// assert_eq!(answer.next, Some(ChangeToken::new(7)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedLocations {
    /// The locations with their newest revisions, in the order of the bytes of their ids.
    pub locations: Vec<LocationRevision>,
    /// The token of this answer, or `None` if the store does not know which locations change.
    pub next: Option<ChangeToken>,
}

impl ChangedLocations {
    /// Makes an answer.
    pub fn new(locations: Vec<LocationRevision>, next: Option<ChangeToken>) -> Self {
        Self { locations, next }
    }
}

/// The result of one step of removing idempotency keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForgottenKeys {
    /// The number of keys that were removed.
    pub removed: usize,
    /// `true` if there are more keys to remove.
    pub more: bool,
}

impl ForgottenKeys {
    /// Makes the result of one step.
    pub fn new(removed: usize, more: bool) -> Self {
        Self { removed, more }
    }
}
