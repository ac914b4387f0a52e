use serde::{Deserialize, Serialize};

use crate::{BookingId, Thread, Timestamp};

/// A position in the list of waiting threads. A page starts after a position.
///
/// Positions have the order of the list: the thread that has waited longest is first, and threads
/// with equal times are ordered by the bytes of their booking ids.
///
/// ```
/// use frontdesk::inbox::WaitingPosition;
/// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// assert!(WaitingPosition::of(&thread).is_none(), "the thread does not wait");
///
/// let first = WaitingPosition::new(Timestamp::UNIX_EPOCH, BookingId::new("b-2")?);
/// let second = WaitingPosition::new(Timestamp::MAX, BookingId::new("b-1")?);
/// assert!(first < second);
/// assert_eq!((first.waiting_since(), first.booking()), (Timestamp::UNIX_EPOCH, "b-2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WaitingPosition {
    waiting_since: Timestamp,
    pub(crate) booking: BookingId,
}

impl WaitingPosition {
    /// Creates the position of a booking whose thread has waited since `waiting_since`.
    pub fn new(waiting_since: Timestamp, booking: BookingId) -> Self {
        Self { waiting_since, booking }
    }

    /// Returns the position of a thread, or `None` if the thread does not wait for a reply.
    pub fn of(thread: &Thread) -> Option<Self> {
        Some(Self::new(thread.waiting_since()?, thread.id().booking.clone()))
    }

    /// Returns the time since which the thread has waited.
    pub fn waiting_since(&self) -> Timestamp {
        self.waiting_since
    }

    /// Returns the booking id, which orders threads with equal times.
    ///
    /// A store selects the threads after a position with
    /// `waiting_since > ? or (waiting_since = ? and booking > ?)`.
    pub fn booking(&self) -> &str {
        self.booking.as_str()
    }
}
