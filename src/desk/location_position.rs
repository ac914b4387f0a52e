use crate::LocationId;
use crate::cursor::{CursorEpoch, FollowCursor};
use crate::revision::Revision;

/// A location and its newest revision, for a follower of many locations.
/// [`FrontDesk::locations`](crate::FrontDesk::locations) returns these values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocationPosition {
    /// The location.
    pub location: LocationId,
    /// The newest revision of the location.
    pub revision: Revision,
    epoch: CursorEpoch,
}

impl LocationPosition {
    pub(super) fn new(location: LocationId, revision: Revision, epoch: CursorEpoch) -> Self {
        Self { location, revision, epoch }
    }

    /// Returns `true` if following the location from `cursor` brings something: events, or "start
    /// over" (P7). A cursor of another location is always outdated.
    #[must_use]
    pub fn has_changed_since(&self, cursor: &FollowCursor) -> bool {
        FollowCursor::at(self.location.clone(), self.epoch, self.revision) != *cursor
    }
}
