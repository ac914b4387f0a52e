use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::read_mark::ReadMark;
use crate::record::ThreadRecord;
use crate::{
    Booking, BookingId, BookingPatch, LastMessage, LocationId, MessageNumber, PerRole, Role,
    ThreadId, Timestamp,
};

/// The head of the conversation about one booking: its state without the messages.
///
/// A thread never changes in place: a method that changes the thread returns a new thread. A
/// `Thread` is a pointer, and its clones share the data. A list of threads is therefore quick to
/// sort and to copy.
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// use frontdesk::{ParticipantId, Post, Role, Thread, Timestamp};
///
/// let now: Timestamp = "2027-03-15T09:00:00Z".parse()?;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let thread = Thread::start(LocationId::new("harbour")?, booking, now);
///
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let posted = thread.post(Post::new(ann, MessageBody::new("Hello!")?, now))?;
/// assert_eq!(posted.message.number().get(), 1);
/// assert_eq!(posted.thread.unread(Role::Operator), 1);
/// assert_eq!(posted.thread.messages_by(Role::Customer), 1);
/// assert!(posted.thread.is_unread_by(Role::Operator));
/// assert!(posted.thread.has_message(MessageNumber::new(1)?));
/// assert_eq!(posted.thread.last_number(), posted.message.number());
/// assert_eq!(posted.thread.created_at(), posted.thread.active_at());
/// assert_eq!((posted.thread.waiting_since(), posted.thread.redactions()), (Some(now), 0));
///
/// assert_eq!(thread.message_count(), 0, "the old value has not changed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "ThreadRecord", try_from = "ThreadRecord")]
pub struct Thread(pub(super) Arc<Head>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) id: ThreadId,
    pub(super) booking: Arc<Booking>,
    pub(super) created_at: Timestamp,
    pub(super) first: MessageNumber,
    pub(super) totals: PerRole<u32>,
    pub(super) last: Option<LastMessage>,
    pub(super) marks: PerRole<ReadMark>,
    pub(super) waiting_since: Option<Timestamp>,
    pub(super) redactions: u32,
}

impl Thread {
    /// Starts a thread without messages, created at the time `now` (L5).
    ///
    /// This is the first generation of the thread. A generation ends when the thread is erased, and
    /// [`Tombstone::restart`](crate::Tombstone::restart) starts the next generation.
    pub fn start(location: LocationId, booking: Booking, now: Timestamp) -> Self {
        let id = ThreadId::new(location, booking.id.clone());
        Self::starting_at(MessageNumber::FIRST, id, booking, now)
    }

    /// Starts a generation whose first message will have the number `first`.
    pub(super) fn starting_at(
        first: MessageNumber,
        id: ThreadId,
        booking: Booking,
        now: Timestamp,
    ) -> Self {
        Self(Arc::new(Head {
            id,
            booking: Arc::new(booking),
            created_at: now,
            first,
            totals: PerRole::default(),
            last: None,
            marks: PerRole::default(),
            waiting_since: None,
            redactions: 0,
        }))
    }

    /// Returns a copy to which `change` was applied.
    pub(super) fn with(&self, change: impl FnOnce(&mut Head)) -> Self {
        let mut head = Head::clone(&self.0);
        change(&mut head);
        Self(Arc::new(head))
    }

    /// Returns the thread with the snapshot of a booking that is linked to it (I2). Returns `None`
    /// if `booking` equals the old snapshot, or has the same id and a lower version (L5, P6).
    ///
    /// The thread keeps its [`id`](Self::id). Later refreshes have to be of this booking.
    ///
    /// ```
    /// use frontdesk::Thread;
    /// # use frontdesk::{Booking, BookingId, LocationId, Timestamp};
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
    ///
    /// let rescheduled = Booking::new(BookingId::new("b-2")?, "K7Q2-XH41", "Harbour tour");
    /// let linked = thread.with_linked_booking(&rescheduled).expect("another booking");
    /// assert_eq!(linked.booking(), &rescheduled);
    /// assert_eq!((thread.linked_booking(), linked.linked_booking()), (None, Some(&rescheduled.id)));
    /// assert_eq!(linked.id(), thread.id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_linked_booking(&self, booking: &Booking) -> Option<Self> {
        let next = if booking.id == self.0.booking.id {
            BookingPatch::from(booking.clone()).apply_to(&self.0.booking)?
        } else {
            booking.clone()
        };
        Some(self.with(|head| head.booking = Arc::new(next)))
    }

    /// Returns the id, which consists of the location and the booking for which the thread was
    /// started (I2).
    #[inline]
    pub fn id(&self) -> &ThreadId {
        &self.0.id
    }

    /// Returns the latest snapshot of the booking that the host application supplied.
    pub fn booking(&self) -> &Booking {
        &self.0.booking
    }

    /// Returns the booking that was linked to the thread last, or `None` without linked bookings
    /// (I2). The [`booking`](Self::booking) is the snapshot of this booking.
    pub fn linked_booking(&self) -> Option<&BookingId> {
        let booking = &self.0.booking.id;
        (*booking != self.0.id.booking).then_some(booking)
    }

    /// Returns the time when the thread was started.
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Returns the time of the last message. If the thread has no messages, returns the time of its
    /// creation. This time orders the inbox (L1). [`limit_activity`](Self::limit_activity) can move
    /// it back.
    #[inline]
    pub fn active_at(&self) -> Timestamp {
        self.0.last.as_ref().map_or(self.0.created_at, |last| last.sent_at)
    }

    /// Returns the number that the first message of this generation has or will have. Lower
    /// numbers belong to messages that were erased (L3).
    pub fn first_number(&self) -> MessageNumber {
        self.0.first
    }

    /// Returns the number of the last message. If the thread has no messages, returns the number
    /// before [`first_number`](Self::first_number).
    pub fn last_number(&self) -> MessageNumber {
        self.0.last_number()
    }

    /// Returns the part of the last message that a list shows, or `None` if the thread has no
    /// messages.
    pub fn last_message(&self) -> Option<&LastMessage> {
        self.0.last.as_ref()
    }

    /// Returns the number of messages.
    pub fn message_count(&self) -> u32 {
        self.0.message_count()
    }

    /// Returns the number of messages that a role has written.
    pub fn messages_by(&self, role: Role) -> u32 {
        self.0.totals[role]
    }

    /// Returns the read mark that all participants of a role share (U1). They have read the
    /// messages up to this mark.
    pub fn mark(&self, role: Role) -> ReadMark {
        self.0.marks[role]
    }

    /// Counts the messages of the opposite role after the read mark of `role` (U2). The count is
    /// exact, and the method reads no message.
    pub fn unread(&self, role: Role) -> u32 {
        self.0.totals[role.opposite()] - self.0.marks[role].covered
    }

    /// Returns `true` if the participants of a role have unread messages. A location's number of
    /// unread threads is the number of threads that are unread by the operators (U4).
    pub fn is_unread_by(&self, role: Role) -> bool {
        self.unread(role) > 0
    }

    /// Returns the time of the first customer message without an operator's answer, or `None` if the
    /// thread does not wait for an answer (U5).
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.0.waiting_since
    }

    /// Returns the number of redacted messages of this generation (T9).
    pub fn redactions(&self) -> u32 {
        self.0.redactions
    }

    /// Returns `true` if this generation has a message with the number `number`.
    pub fn has_message(&self, number: MessageNumber) -> bool {
        (self.0.first..=self.last_number()).contains(&number) && self.0.last.is_some()
    }
}

impl Head {
    pub(super) fn message_count(&self) -> u32 {
        self.totals.customer + self.totals.operator
    }

    pub(super) fn last_number(&self) -> MessageNumber {
        // The number is never above the maximum: `post` stops at the maximum, and the conversion
        // from a record rejects a higher number.
        MessageNumber::new(self.first.previous().get() + self.message_count())
            .unwrap_or(MessageNumber::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BookingId;
    use crate::thread::{Post, ReadUpTo, ThreadFull};

    fn booking(id: &str, activity: &str) -> Booking {
        Booking::new(BookingId::new(id).unwrap(), "K7", activity)
    }

    fn started(after: MessageNumber) -> Thread {
        let id = ThreadId::new(LocationId::new("here").unwrap(), BookingId::new("b").unwrap());
        let tombstone = crate::Tombstone::new(id, after);
        tombstone.restart(booking("b", "tour"), Timestamp::UNIX_EPOCH).unwrap()
    }

    /// L3: a thread started after a tombstone continues with the next number.
    #[test]
    fn l3_a_restarted_thread_continues_with_the_next_number() {
        let thread = started(MessageNumber::new(7).unwrap());
        assert_eq!((thread.first_number().get(), thread.last_number().get()), (8, 7));
        assert!(!thread.has_message(MessageNumber::new(8).unwrap()));
        assert_eq!(thread.erase().last.get(), 7);
    }

    /// I3, L3: a number never names two messages, not even the highest number.
    #[test]
    fn i3_no_message_follows_the_highest_number() {
        let author = Arc::new(crate::Participant::customer("c".try_into().unwrap(), None));
        let post = |thread: &Thread| {
            let body = crate::MessageBody::new("x").unwrap();
            thread.post(Post::new(Arc::clone(&author), body, Timestamp::UNIX_EPOCH))
        };
        let last = post(&started(MessageNumber::MAX.previous())).unwrap();
        assert_eq!(last.message.number(), MessageNumber::MAX);
        assert_eq!(post(&last.thread), Err(ThreadFull));
        let restarted = last.thread.erase().restart(booking("b", ""), Timestamp::UNIX_EPOCH);
        assert_eq!(restarted, Err(ThreadFull));
    }

    /// U2: a message that is not in this thread moves no mark, even if the thread has a message with
    /// the same number.
    #[test]
    fn u2_a_message_of_another_thread_marks_nothing() {
        let posted = |thread: &Thread, role| {
            let author = crate::Participant { role, id: "p".try_into().unwrap(), name: None };
            let body = crate::MessageBody::new("x").unwrap();
            thread
                .post(Post::new(author, body, Timestamp::UNIX_EPOCH).with_read(ReadUpTo::Nothing))
                .unwrap()
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
        let next = here
            .post(Post::new(author, body, Timestamp::MAX).with_read(ReadUpTo::Message(&foreign)))
            .unwrap();
        assert_eq!(next.thread.unread(Role::Operator), 1);
    }

    /// U2, U3: two messages move no mark: a message that was posted after this state of the thread,
    /// and a message from before the thread was erased and started again.
    #[test]
    fn u2_a_message_that_the_thread_does_not_contain_marks_nothing() {
        let posted = |thread: &Thread, role| {
            let author = crate::Participant { role, id: "p".try_into().unwrap(), name: None };
            let body = crate::MessageBody::new("x").unwrap();
            thread
                .post(Post::new(author, body, Timestamp::UNIX_EPOCH).with_read(ReadUpTo::Nothing))
                .unwrap()
        };
        let first = posted(&started(MessageNumber::START), Role::Customer);
        let second = posted(&first.thread, Role::Customer);
        let next_generation =
            posted(&started(MessageNumber::new(9).unwrap()), Role::Customer).thread;
        for reader in [Role::Customer, Role::Operator] {
            for (thread, message) in
                [(&first.thread, &second.message), (&next_generation, &first.message)]
            {
                assert_eq!(thread.mark_read(reader, message, Timestamp::MAX), None);
                assert_eq!(thread.mark_unread(reader, message, Timestamp::MAX), None);
            }
        }
    }

    /// A head stays small enough that millions of threads can be sorted.
    #[test]
    fn a_thread_has_at_most_320_bytes_and_a_message_128() {
        let (thread, message) = (size_of::<Head>(), size_of::<crate::Message>());
        println!("a Thread has {thread} bytes behind a pointer, a Message has {message}");
        assert!(thread <= 320 && message <= 128);
    }
}
