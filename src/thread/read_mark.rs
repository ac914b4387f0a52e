use serde::{Deserialize, Serialize};

use crate::{MessageNumber, Timestamp};

/// The read mark of one side: the number up to which that side has read a thread (U1).
///
/// ```
/// use frontdesk::{ReadMark, Post, Role, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let posted = thread.post(Post::new(ann, hello, now))?;
/// let (thread, message) = (posted.thread, posted.message);
/// assert_eq!(thread.mark(Role::Operator), ReadMark::default());
///
/// let read = thread.mark_read(Role::Operator, &message, now).expect("the message was unread");
/// let mark = read.mark(Role::Operator);
/// assert_eq!((mark.number().get(), mark.covered(), mark.set_at()), (1, 1, Some(now)));
///
/// let unread = read.mark_unread(Role::Operator, &message, now).expect("the message was read");
/// assert_eq!(unread.unread(Role::Operator), 1);
/// assert_eq!(unread.mark(Role::Operator).furthest(), message.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReadMark {
    pub(super) number: MessageNumber,
    pub(super) covered: u32,
    pub(super) furthest: MessageNumber,
    pub(super) set_at: Option<Timestamp>,
}

impl ReadMark {
    /// Returns the number of the last message that is read. All earlier messages are read, too.
    pub fn number(&self) -> MessageNumber {
        self.number
    }

    /// Returns the number of the other side's messages up to the mark (U2).
    pub fn covered(&self) -> u32 {
        self.covered
    }

    /// Returns the highest number that the mark ever had. Screens show messages up to this
    /// number as "read by the other side". The number never decreases (U1).
    pub fn furthest(&self) -> MessageNumber {
        self.furthest
    }

    /// Returns the time when the mark last moved, or `None` if it never moved.
    pub fn set_at(&self) -> Option<Timestamp> {
        self.set_at
    }

    pub(super) fn moved(self, number: MessageNumber, covered: u32, at: Timestamp) -> Self {
        let furthest = self.furthest.max(number);
        Self { number, covered, furthest, set_at: Some(at) }
    }
}
