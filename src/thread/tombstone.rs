use serde::{Deserialize, Serialize};

use super::full::ThreadFull;
use super::head::Thread;
use crate::{Booking, BookingId, MessageNumber, ThreadId, Timestamp};

/// The remainder of an erased thread: its id and its last number, but no text, name or key
/// (L3).
///
/// ```
/// use frontdesk::{Post, Thread, Tombstone};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let posted = thread.post(Post::new(ann, hello, now))?;
/// let tombstone: Tombstone = posted.thread.erase();
/// assert_eq!((tombstone.booking().as_str(), tombstone.last.get()), ("b-1", 1));
/// assert_eq!(tombstone, Tombstone::new(thread.id().clone(), tombstone.last));
///
/// let restarted = tombstone.restart(thread.booking().clone(), now)?;
/// assert_eq!(restarted.first_number().get(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tombstone {
    /// The id of the erased thread.
    #[serde(flatten)]
    pub id: ThreadId,
    /// The thread's last message number. If the thread is started again, its first message gets the
    /// next number.
    pub last: MessageNumber,
}

impl Tombstone {
    /// Makes a tombstone from its parts, for a store that reads a stored tombstone.
    pub fn new(id: ThreadId, last: MessageNumber) -> Self {
        Self { id, last }
    }

    /// Starts the thread again (its next generation), without messages, created at the time `now`.
    /// The first message will have the number after [`last`](Self::last) (L3). `booking` is the
    /// thread's own booking or a linked one (I2).
    ///
    /// # Errors
    ///
    /// Returns [`ThreadFull`] if [`last`](Self::last) is [`MessageNumber::MAX`].
    pub fn restart(&self, booking: Booking, now: Timestamp) -> Result<Thread, ThreadFull> {
        let first = self.last.next().ok_or(ThreadFull)?;
        Ok(Thread::starting_at(first, self.id.clone(), booking, now))
    }

    /// Returns the booking of the erased thread.
    pub fn booking(&self) -> &BookingId {
        &self.id.booking
    }
}

impl Thread {
    /// Returns the tombstone that replaces the thread when it is erased (L3).
    pub fn erase(&self) -> Tombstone {
        Tombstone::new(self.id().clone(), self.last_number())
    }
}
