use serde::{Deserialize, Serialize};

use crate::{BookingId, ThreadId};

/// A link from a booking to the thread of another booking of the same location, the
/// [`target`](Self::target). The messages of both bookings belong to that thread (I2).
///
/// [`AdminDesk::link`](crate::AdminDesk::link) creates links. Stores keep links beside threads. A
/// target is never a link itself.
///
/// ```
/// use frontdesk::{BookingId, Link, LocationId, ThreadId};
///
/// let rescheduled = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-2")?);
/// let link = Link::new(rescheduled, BookingId::new("b-1")?);
/// assert_eq!((link.id.booking.as_str(), link.target.as_str()), ("b-2", "b-1"));
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Link {
    /// The location and the booking that are linked to the thread.
    #[serde(flatten)]
    pub id: ThreadId,
    /// The booking that the thread was started for.
    pub target: BookingId,
}

impl Link {
    /// Links `id` to the thread of the booking `target` at the same location.
    pub fn new(id: ThreadId, target: BookingId) -> Self {
        Self { id, target }
    }
}
