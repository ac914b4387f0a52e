use std::fmt;

use super::fields::{CursorEpoch, Fields, Hex, impl_text};
use crate::revision::Revision;
use crate::{BookingId, LocationId, MessageNumber};

/// The position from which a follower of a location continues (P5).
/// [`AdminDesk::follow`](crate::AdminDesk::follow) returns this cursor.
///
/// A follower stores the cursor after it has processed the events that came with the cursor. If the
/// follower fails before that, it continues from the cursor before, and the events come again.
///
/// ```
/// use frontdesk::cursor::FollowCursor;
/// use frontdesk::desk::FollowAnswer;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{FrontDesk, LocationId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// let admin = desk.admin(harbour.clone());
/// let FollowAnswer::StartOver { newest, .. } = admin.follow(None, 50).await? else {
///     panic!("a follower without a cursor starts");
/// };
/// let text = newest.to_string();
/// let cursor: FollowCursor = text.parse()?;
/// assert_eq!((&cursor, cursor.location()), (&newest, &harbour));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FollowCursor {
    pub(crate) location: LocationId,
    pub(crate) epoch: CursorEpoch,
    /// The follower got every message of the commits up to this revision.
    pub(crate) complete: Revision,
    /// The revision of the last change that the follower got. It is above `complete` while the
    /// follower catches up. A thread that changes meanwhile moves from below to above this revision,
    /// so its messages after `complete` are still to be delivered.
    pub(crate) position: Revision,
    /// The thread whose messages did not fit the last answer.
    pub(crate) unfinished: Option<UnfinishedThread>,
}

/// A thread with messages that are still to be delivered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct UnfinishedThread {
    pub(crate) booking: BookingId,
    /// The number after which the follower continues.
    pub(crate) after: MessageNumber,
    /// The number of the last message to be delivered. If it equals `after`, only the event for the
    /// change of the thread is missing.
    pub(crate) last: MessageNumber,
}

impl FollowCursor {
    /// Makes a cursor of a follower that got every message up to a revision.
    pub(crate) fn at(location: LocationId, epoch: CursorEpoch, revision: Revision) -> Self {
        Self { location, epoch, complete: revision, position: revision, unfinished: None }
    }

    /// Returns the location.
    pub fn location(&self) -> &LocationId {
        &self.location
    }

    fn parse(text: &str) -> Option<Self> {
        let mut fields = Fields::of("f", text)?;
        let epoch = fields.epoch()?;
        let mut revision = || Revision::try_from(fields.number::<i64>()?).ok();
        let (complete, position) = (revision()?, revision()?);
        let location = fields.id()?;
        let unfinished = match fields.message_number() {
            Some(after) => {
                let (last, booking) = (fields.message_number()?, fields.id()?);
                Some(UnfinishedThread { booking, after, last })
            }
            None => None,
        };
        Some(Self { location, epoch, complete, position, unfinished })
    }
}

impl fmt::Display for FollowCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = Hex(self.location.as_str());
        write!(f, "f.{}.{}.{}.{location}", self.epoch, self.complete, self.position)?;
        match &self.unfinished {
            Some(UnfinishedThread { booking, after, last }) => {
                write!(f, ".{after}.{last}.{}", Hex(booking.as_str()))
            }
            None => Ok(()),
        }
    }
}

impl_text!(FollowCursor);
