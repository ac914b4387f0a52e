use serde::{Deserialize, Serialize};

use super::Thread;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::timestamp::Timestamp;

/// How far one side has read a thread (U1).
///
/// ```
/// use frontdesk::{ReadMark, Role, Seen, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let posted = thread.post(ann.into(), hello, now, Seen::Everything)?;
/// let (thread, message) = (posted.thread, posted.message);
/// assert_eq!(thread.mark(Role::Operator), ReadMark::default());
///
/// let read = thread.mark_read(Role::Operator, &message, now).expect("it was unread");
/// let mark = read.mark(Role::Operator);
/// assert_eq!((mark.number().get(), mark.covered(), mark.set_at()), (1, 1, Some(now)));
///
/// let unread = read.mark_unread(Role::Operator, &message, now).expect("it was read");
/// assert_eq!(unread.unread(Role::Operator), 1);
/// assert_eq!(unread.mark(Role::Operator).furthest(), message.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadMark {
    pub(super) number: MessageNumber,
    /// How many of the other side's messages are at or before `number`.
    pub(super) covered: u32,
    pub(super) furthest: MessageNumber,
    pub(super) set_at: Option<Timestamp>,
}

impl ReadMark {
    /// The last message that counts as read; everything before it does too.
    pub fn number(&self) -> MessageNumber {
        self.number
    }

    /// How many of the other side's messages are at or before it (U2).
    pub fn covered(&self) -> u32 {
        self.covered
    }

    /// The furthest it ever was: what "read by the other side" shows. It never
    /// goes back (U1).
    pub fn furthest(&self) -> MessageNumber {
        self.furthest
    }

    /// When the mark was last moved; `None` when it never was.
    pub fn set_at(&self) -> Option<Timestamp> {
        self.set_at
    }

    pub(super) fn moved(self, number: MessageNumber, covered: u32, at: Timestamp) -> Self {
        let furthest = self.furthest.max(number);
        Self { number, covered, furthest, set_at: Some(at) }
    }
}

impl Thread {
    /// `reader` has seen `message` and all before it: the next thread, or `None`
    /// when the mark is there already or `message` is not of this life of the
    /// thread. Marks do not move back (U3, P6).
    pub fn mark_read(&self, reader: Role, message: &Message, now: Timestamp) -> Option<Self> {
        let covered = self.covered_by(reader, message)?;
        if message.number <= self.0.marks[reader].number {
            return None;
        }
        // A clock that stepped back does not read a message before it was sent.
        Some(self.with_mark(reader, message.number, covered, now.max(message.sent_at)))
    }

    /// A poll has brought `reader` these messages, oldest first: the next thread, read
    /// up to the last of them, when the other side wrote any (P3, U3).
    pub(crate) fn mark_polled(
        &self,
        reader: Role,
        messages: &[Message],
        now: Timestamp,
    ) -> Option<Self> {
        let theirs = messages.iter().any(|message| message.role() != reader);
        messages.last().filter(|_| theirs).and_then(|last| self.mark_read(reader, last, now))
    }

    /// `reader` wants `message` and all after it unread again, "mark unread from
    /// here": the next thread, or `None` when it is unread already or `message`
    /// is not of this life of the thread (U3, P6).
    pub fn mark_unread(&self, reader: Role, message: &Message, now: Timestamp) -> Option<Self> {
        let covered = self.covered_by(reader, message)?;
        if message.number > self.0.marks[reader].number {
            return None;
        }
        let covered = covered - u32::from(message.role() != reader);
        Some(self.with_mark(reader, message.number.previous(), covered, now.max(message.sent_at)))
    }

    /// How many messages of the side opposite to `reader` are at or before
    /// `message`: each message counts its own side, and the rest up to it are the
    /// other's (U2). `None` when it cannot be a message of this life of the thread.
    pub(super) fn covered_by(&self, reader: Role, message: &Message) -> Option<u32> {
        let up_to_it = message.number.get().checked_sub(self.0.first.previous().get())?;
        let of_the_rest = up_to_it.checked_sub(message.ordinal)?;
        let (side, rest) = (message.role(), message.role().other());
        let fits = message.ordinal <= self.0.totals[side] && of_the_rest <= self.0.totals[rest];
        (self.has_message(message.number) && fits).then_some(if side == reader {
            of_the_rest
        } else {
            message.ordinal
        })
    }

    fn with_mark(&self, reader: Role, number: MessageNumber, covered: u32, at: Timestamp) -> Self {
        self.with(|head| head.marks[reader] = head.marks[reader].moved(number, covered, at))
    }
}
