//! A conversation's head record and the rules by which it changes.
//!
//! Everything here is pure: a transition takes a thread and what is asked of it,
//! and returns the next thread with what it produced. It reads no clock and
//! writes nowhere; a desk commits the result or, when somebody else was faster,
//! asks again with the thread that is there now.

mod mark;
mod post;
mod record;

pub use mark::ReadMark;
pub use post::{Posted, Seen, ThreadFull};
pub use record::{MarkRecord, ThreadRecord};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::booking::Booking;
use crate::id::{BookingId, LocationId, ThreadId};
use crate::message::MessageNumber;
use crate::participant::{Role, Sides};
use crate::text::Preview;
use crate::timestamp::Timestamp;

/// The head of the conversation about one booking: no messages inside.
///
/// It never changes, and cloning shares it: a list of threads is a list of
/// pointers, quick to sort and to hand out.
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// use frontdesk::{ParticipantId, Role, Seen, Thread, Timestamp};
///
/// let now: Timestamp = "2027-03-15T09:00:00Z".parse()?;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
///
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let posted = thread.post(ann.into(), MessageBody::new("Hello!")?, now, Seen::Everything)?;
/// assert_eq!(posted.message.number().get(), 1);
/// assert_eq!(posted.thread.unread(Role::Operator), 1);
/// assert_eq!(posted.thread.messages_by(Role::Customer), 1);
/// assert!(posted.thread.awaits_operator() && posted.thread.has_message(MessageNumber::new(1)?));
/// assert_eq!(posted.thread.last_number(), posted.message.number());
/// assert_eq!(posted.thread.created_at(), posted.thread.active_at());
///
/// assert_eq!(thread.message_count(), 0, "the thread before is as it was");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ThreadRecord", try_from = "ThreadRecord")]
pub struct Thread(Arc<Head>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    id: ThreadId,
    booking: Arc<Booking>,
    created_at: Timestamp,
    first: MessageNumber,
    totals: Sides<u32>,
    last: Option<LastMessage>,
    marks: Sides<ReadMark>,
}

/// What a thread's head knows of its last message.
///
/// ```
/// use frontdesk::{LastMessage, Role, Seen, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// assert!(thread.last_message().is_none());
/// let posted = thread.post(ann.into(), hello, now, Seen::Everything)?;
/// let last: &LastMessage = posted.thread.last_message().unwrap();
/// assert_eq!((last.role, last.preview.as_str()), (Role::Customer, "Hello!"));
/// assert_eq!(*last, LastMessage::new(last.role, last.sent_at, last.preview.clone()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LastMessage {
    /// Which side wrote it.
    pub role: Role,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How it begins (T7).
    pub preview: Preview,
}

impl LastMessage {
    /// What a head knows of its last message, for a store that reads it back.
    pub fn new(role: Role, sent_at: Timestamp, preview: Preview) -> Self {
        Self { role, sent_at, preview }
    }
}

/// What is left of an erased thread: no word, no name, no key (L3).
///
/// ```
/// use frontdesk::{Seen, Thread, Tombstone};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let posted = thread.post(ann.into(), hello, now, Seen::Everything)?;
/// let left: Tombstone = posted.thread.erase();
/// assert_eq!((left.booking().as_str(), left.last.get()), ("b-1", 1));
///
/// let again = Thread::start(left.id.location, thread.booking().clone(), now, left.last)?;
/// assert_eq!(again.first_number().get(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The thread that was.
    #[serde(flatten)]
    pub id: ThreadId,
    /// Its last number; a thread started again goes on from the next.
    pub last: MessageNumber,
}

impl Thread {
    /// A thread without messages, created `now`, whose first message will be the
    /// one after `after`: [`START`](MessageNumber::START), or the last number of
    /// the [`Tombstone`] it replaces (L3, L5).
    ///
    /// # Errors
    ///
    /// [`ThreadFull`] after [`MessageNumber::MAX`].
    pub fn start(
        location: LocationId,
        booking: Booking,
        now: Timestamp,
        after: MessageNumber,
    ) -> Result<Self, ThreadFull> {
        Ok(Self::from(Head {
            id: ThreadId::new(location, booking.id.clone()),
            booking: Arc::new(booking),
            created_at: now,
            first: after.next().ok_or(ThreadFull)?,
            totals: Sides::default(),
            last: None,
            marks: Sides::default(),
        }))
    }

    /// The same with some of it changed.
    fn with(&self, change: impl FnOnce(&mut Head)) -> Self {
        let mut head = Head::clone(&self.0);
        change(&mut head);
        Self::from(head)
    }

    /// The thread with the host's newer snapshot of its booking, or `None` when
    /// nothing changes or the booking is another one (L5, P6).
    ///
    /// ```
    /// use frontdesk::{BookingStatus, Thread};
    /// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
    /// # use frontdesk::{ParticipantId, Timestamp};
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
    /// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
    ///
    /// let confirmed = thread.booking().clone().with_status(BookingStatus::Confirmed);
    /// let next = thread.rebook(&confirmed).expect("something changed");
    /// assert_eq!(next.booking(), &confirmed);
    /// assert!(next.rebook(&confirmed).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rebook(&self, booking: &Booking) -> Option<Self> {
        if booking.id != self.0.id.booking || *booking == *self.0.booking {
            return None;
        }
        Some(self.with(|head| head.booking = Arc::new(booking.clone())))
    }

    /// What is left when the thread is erased (L3).
    pub fn erase(&self) -> Tombstone {
        Tombstone { id: self.0.id.clone(), last: self.last_number() }
    }

    /// Its location and booking (I2).
    #[inline]
    pub fn id(&self) -> &ThreadId {
        &self.0.id
    }

    /// The host's latest snapshot of the booking.
    pub fn booking(&self) -> &Booking {
        &self.0.booking
    }

    /// When it was started.
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When its last message was sent or, without one, when it was created: what
    /// the inbox is ordered by (L1).
    #[inline]
    pub fn active_at(&self) -> Timestamp {
        self.0.last.as_ref().map_or(self.0.created_at, |last| last.sent_at)
    }

    /// The number that its first message has or will have: what a client holds of
    /// an earlier life of the thread is below it (L3).
    pub fn first_number(&self) -> MessageNumber {
        self.0.first
    }

    /// The number of its last message; the place before
    /// [`first_number`](Self::first_number) when there is none.
    pub fn last_number(&self) -> MessageNumber {
        self.0.last_number()
    }

    /// The last message, as far as a list shows it.
    pub fn last_message(&self) -> Option<&LastMessage> {
        self.0.last.as_ref()
    }

    /// How many messages it has.
    pub fn message_count(&self) -> u32 {
        self.0.message_count()
    }

    /// How many messages a side has written.
    pub fn messages_by(&self, role: Role) -> u32 {
        self.0.totals[role]
    }

    /// How far a side has read (U1).
    pub fn mark(&self, role: Role) -> ReadMark {
        self.0.marks[role]
    }

    /// How many messages of the other side come after a side's mark (U2). Exact,
    /// and without looking at any message.
    pub fn unread(&self, role: Role) -> u32 {
        self.0.totals[role.other()] - self.0.marks[role].covered
    }

    /// Whether it counts in its location's unread number (U4).
    pub fn awaits_operator(&self) -> bool {
        self.unread(Role::Operator) > 0
    }

    /// Whether there is a message with this number in this life of the thread.
    pub fn has_message(&self, number: MessageNumber) -> bool {
        (self.0.first..=self.last_number()).contains(&number) && self.0.last.is_some()
    }
}

impl Head {
    fn message_count(&self) -> u32 {
        self.totals.customer + self.totals.operator
    }

    fn last_number(&self) -> MessageNumber {
        // Cannot pass the end: `post` stops there.
        MessageNumber::new(self.first.previous().get() + self.message_count())
            .unwrap_or(MessageNumber::MAX)
    }
}

impl From<Head> for Thread {
    fn from(head: Head) -> Self {
        Self(Arc::new(head))
    }
}

impl Tombstone {
    /// The booking whose thread was erased.
    pub fn booking(&self) -> &BookingId {
        &self.id.booking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(id: &str, activity: &str) -> Booking {
        Booking::new(BookingId::new(id).unwrap(), "K7", activity, Timestamp::UNIX_EPOCH)
    }

    fn started(after: MessageNumber) -> Thread {
        let location = LocationId::new("here").unwrap();
        Thread::start(location, booking("b", "tour"), Timestamp::UNIX_EPOCH, after).unwrap()
    }

    /// L5, P6: only another snapshot of the same booking changes a thread.
    #[test]
    fn l5_only_a_newer_snapshot_of_the_same_booking_changes_a_thread() {
        let thread = started(MessageNumber::START);
        assert_eq!(thread.rebook(&booking("b", "tour")), None);
        assert_eq!(thread.rebook(&booking("other", "cruise")), None);
        let next = thread.rebook(&booking("b", "cruise")).unwrap();
        assert_eq!(next.booking().activity.as_str(), "cruise");
        assert_eq!(next.active_at(), thread.active_at());
    }

    /// L3: a thread started after a tombstone goes on from the next number.
    #[test]
    fn l3_a_thread_started_again_goes_on_from_the_next_number() {
        let thread = started(MessageNumber::new(7).unwrap());
        assert_eq!((thread.first_number().get(), thread.last_number().get()), (8, 7));
        assert!(!thread.has_message(MessageNumber::new(8).unwrap()));
        assert_eq!(thread.erase().last.get(), 7);
    }

    /// I3, L3: a number never names two messages, not even the last one there is.
    #[test]
    fn i3_nothing_follows_the_last_number() {
        let author = Arc::new(crate::Participant::customer("c".try_into().unwrap(), None));
        let post = |thread: &Thread| {
            let body = crate::MessageBody::new("x").unwrap();
            thread.post(Arc::clone(&author), body, Timestamp::UNIX_EPOCH, Seen::Everything)
        };
        let last = post(&started(MessageNumber::MAX.previous())).unwrap();
        assert_eq!(last.message.number(), MessageNumber::MAX);
        assert_eq!(post(&last.thread), Err(ThreadFull));
        let location = LocationId::new("here").unwrap();
        let after = last.thread.erase().last;
        let again = Thread::start(location, booking("b", ""), Timestamp::UNIX_EPOCH, after);
        assert_eq!(again, Err(ThreadFull));
    }

    /// U2: a message of another thread marks nothing, since it would count wrong.
    #[test]
    fn u2_a_message_of_another_thread_marks_nothing() {
        let posted = |thread: &Thread, role| {
            let author = crate::Participant { role, id: "p".try_into().unwrap(), name: None };
            let body = crate::MessageBody::new("x").unwrap();
            thread.post(author.into(), body, Timestamp::UNIX_EPOCH, Seen::Nothing).unwrap()
        };
        let one = posted(&started(MessageNumber::START), Role::Customer).thread;
        let here = posted(&one, Role::Operator).thread;
        let foreign = posted(&one, Role::Customer).message;
        for reader in [Role::Customer, Role::Operator] {
            assert_eq!(here.mark_read(reader, &foreign, Timestamp::MAX), None);
            assert_eq!(here.mark_unread(reader, &foreign, Timestamp::MAX), None);
        }
        let body = crate::MessageBody::new("x").unwrap();
        let author = crate::Participant::operator("u".try_into().unwrap(), None);
        let next = here.post(author.into(), body, Timestamp::MAX, Seen::UpTo(&foreign)).unwrap();
        assert_eq!(next.thread.unread(Role::Operator), 1);
    }

    /// U2, U3: a snapshot is not marked by a message it does not have: one that came
    /// after it, or one of the life before.
    #[test]
    fn u2_a_message_before_or_after_the_thread_marks_nothing() {
        let posted = |thread: &Thread, role| {
            let author = crate::Participant { role, id: "p".try_into().unwrap(), name: None };
            let body = crate::MessageBody::new("x").unwrap();
            thread.post(author.into(), body, Timestamp::UNIX_EPOCH, Seen::Nothing).unwrap()
        };
        let first = posted(&started(MessageNumber::START), Role::Customer);
        let second = posted(&first.thread, Role::Customer);
        let next_life = posted(&started(MessageNumber::new(9).unwrap()), Role::Customer).thread;
        for reader in [Role::Customer, Role::Operator] {
            for (thread, message) in
                [(&first.thread, &second.message), (&next_life, &first.message)]
            {
                assert_eq!(thread.mark_read(reader, message, Timestamp::MAX), None);
                assert_eq!(thread.mark_unread(reader, message, Timestamp::MAX), None);
            }
        }
    }

    /// A head record stays small enough to sort by the million.
    #[test]
    fn a_thread_has_at_most_320_bytes_and_a_message_128() {
        let (thread, message) = (size_of::<Head>(), size_of::<crate::Message>());
        println!("a Thread has {thread} bytes behind a pointer, a Message {message}");
        assert!(thread <= 320 && message <= 128);
    }
}
