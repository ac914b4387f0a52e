use std::sync::Arc;

use super::{Head, LastMessage, Thread};
use crate::message::{Message, MessageNumber};
use crate::participant::Participant;
use crate::text::{MessageBody, Preview};
use crate::timestamp::Timestamp;

/// A thread after a message, and the message.
///
/// ```
/// use frontdesk::{Posted, Seen, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let Posted { thread, message, .. } = thread.post(ann.into(), hello, now, Seen::Everything)?;
/// assert_eq!(thread.last_number(), message.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// The thread with the message counted.
    pub thread: Thread,
    /// The message, numbered and timed.
    pub message: Message,
}

/// What a writer had on the screen: how far sending reads (U3).
///
/// ```
/// use frontdesk::{Role, Seen, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
/// # let first = thread.post(ann.clone().into(), hello.clone(), now, Seen::Everything)?;
/// # let second = first.thread.post(ann.into(), hello.clone(), now, Seen::Everything)?;
/// # let kim = std::sync::Arc::new(Participant::operator(ParticipantId::new("u-7")?, None));
/// // The customer wrote twice; Kim's screen showed the first when she replied.
/// let seen = Seen::UpTo(&first.message);
/// let replied = second.thread.post(kim.clone(), hello.clone(), now, seen)?;
/// assert_eq!(replied.thread.unread(Role::Operator), 1);
///
/// let replied = second.thread.post(kim, hello, now, Seen::Everything)?;
/// assert_eq!(replied.thread.unread(Role::Operator), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// All there was. Sending reads everything before it.
    Everything,
    /// Up to this message.
    UpTo(&'a Message),
    /// Nothing of this life of the thread.
    Nothing,
}

/// The thread has the last number there is.
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, ThreadFull, Timestamp};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// let after = MessageNumber::MAX;
/// let full: Result<Thread, ThreadFull> =
///     Thread::start(LocationId::new("harbour")?, booking, now, after);
/// assert!(full.is_err());
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("thread is full: its last message has the highest number there is")]
#[non_exhaustive]
pub struct ThreadFull;

impl Thread {
    /// Adds a message of `author` (I3, W3, U3).
    ///
    /// Its time is `now`, but never earlier than the message before it or the
    /// thread's creation. It reads, for the author's side, everything before it;
    /// when the other side wrote something that was not [`Seen`], only what was.
    ///
    /// # Errors
    ///
    /// [`ThreadFull`] when the last number is [`MessageNumber::MAX`].
    pub fn post(
        &self,
        author: Arc<Participant>,
        body: MessageBody,
        now: Timestamp,
        seen: Seen<'_>,
    ) -> Result<Posted, ThreadFull> {
        let role = author.role;
        let number = self.last_number().next().ok_or(ThreadFull)?;
        let sent_at = now.max(self.active_at());

        let mut head = Head::clone(&self.0);
        head.totals[role] += 1;
        let message = Message { number, ordinal: head.totals[role], author, body, sent_at };
        let preview = Preview::of(&message.body);
        head.last = Some(LastMessage { role, sent_at, preview });

        let (read_to, covered) = match seen {
            Seen::Everything => (number, self.0.totals[role.other()]),
            Seen::UpTo(last) => match self.covered_by(role, last) {
                Some(covered) => (last.number, covered),
                None => (MessageNumber::START, 0),
            },
            Seen::Nothing => (MessageNumber::START, 0),
        };
        let mark = self.0.marks[role];
        if covered == self.0.totals[role.other()] {
            head.marks[role] = mark.moved(number, covered, sent_at);
        } else if read_to > mark.number {
            head.marks[role] = mark.moved(read_to, covered, sent_at);
        }
        Ok(Posted { thread: head.into(), message })
    }
}
