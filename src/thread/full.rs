#[cfg(doc)]
use crate::MessageNumber;

/// Error for a thread that has used all message numbers up to [`MessageNumber::MAX`].
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageNumber, ThreadFull, ThreadId};
/// use frontdesk::{Timestamp, Tombstone};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let id = ThreadId::new(LocationId::new("harbour")?, booking.id.clone());
/// let tombstone = Tombstone::new(id, MessageNumber::MAX);
/// assert_eq!(tombstone.restart(booking, now), Err(ThreadFull::default()));
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, thiserror::Error)]
#[error("thread is full: its last message has the highest number, 2^31 - 1")]
#[non_exhaustive]
pub struct ThreadFull;
