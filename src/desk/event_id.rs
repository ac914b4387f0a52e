use std::fmt;

use serde::Serialize;

use crate::cursor::Hex;
use crate::revision::Revision;
use crate::{MessageNumber, ThreadId};

/// The id of an event, which stays the same if the event is delivered again (P5).
///
/// A receiver stores the ids of the events that it has processed, and ignores an event whose id it
/// has stored. Apply an erasure each time: a thread that is erased, started again and erased before
/// it has another message has the same id twice. An id is unique within one history of the database:
/// after a [start over](super::FollowAnswer::StartOver), an id can name another message.
///
/// The text has at most 532 of the characters `[a-z0-9-]`, so it can be part of a URL and of an HTTP
/// header.
///
/// ```
/// use frontdesk::desk::EventId;
/// use frontdesk::{BookingId, LocationId, MessageNumber, ThreadId};
///
/// let thread = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// let id = EventId::of_message(&thread, MessageNumber::FIRST);
/// assert_eq!(id.as_str(), "m-686172626f7572-622d31-1");
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct EventId(String);

impl EventId {
    fn new(kind: char, thread: &ThreadId, number: impl fmt::Display) -> Self {
        let (location, booking) = (Hex(thread.location.as_str()), Hex(thread.booking.as_str()));
        Self(format!("{kind}-{location}-{booking}-{number}"))
    }

    /// Returns the id of the event about a new message.
    pub fn of_message(thread: &ThreadId, number: MessageNumber) -> Self {
        Self::new('m', thread, number)
    }

    /// Returns the id of the event about the erasure of a thread whose last number was `last`.
    pub(super) fn of_erasure(thread: &ThreadId, last: MessageNumber) -> Self {
        Self::new('e', thread, last)
    }

    /// Returns the id of the event about a change of a thread at a revision.
    pub(super) fn of_change(thread: &ThreadId, revision: Revision) -> Self {
        Self::new('c', thread, revision)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
