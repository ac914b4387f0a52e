use super::location_position::LocationPosition;
use crate::cursor::CursorEpoch;
use crate::store::ChangeToken;

/// The locations that may have changed since an earlier list.
/// [`FrontDesk::changed_locations`](crate::FrontDesk::changed_locations) returns this value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocationChanges {
    /// The locations with their newest revisions, in the order of the bytes of their ids.
    pub locations: Vec<LocationPosition>,
    /// The position of this list. A round over all locations can have several pages; the next round
    /// continues from the cursor of the first page.
    pub cursor: LocationsCursor,
}

impl LocationChanges {
    pub(super) fn new(locations: Vec<LocationPosition>, cursor: LocationsCursor) -> Self {
        Self { locations, cursor }
    }
}

/// Position from which [`FrontDesk::changed_locations`](crate::FrontDesk::changed_locations)
/// continues.
///
/// A follower keeps it in memory. After a start, the first list has all locations, and the stored
/// [`FollowCursor`](crate::cursor::FollowCursor) of each location shows which of them have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocationsCursor {
    pub(super) epoch: CursorEpoch,
    /// `None` if the store does not know which locations change.
    pub(super) token: Option<ChangeToken>,
}
