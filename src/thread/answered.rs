use super::head::Thread;
use crate::{Message, Role, Timestamp};

/// The part of the customer's messages that operators have answered, by a reply or because no
/// reply is needed (U5).
///
/// ```
/// use frontdesk::{Answered, Post, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
/// let asked = thread.post(Post::new(ann.clone(), hello.clone(), now))?;
/// assert_eq!(asked.thread.waiting_since(), Some(now));
/// assert_eq!(asked.thread.mark_answered(Answered::Everything).unwrap().waiting_since(), None);
///
/// // The operators have answered the first message, but not the second.
/// let later: Timestamp = "2027-03-15T09:00:00Z".parse()?;
/// let second = asked.thread.post(Post::new(ann, hello, later))?;
/// let answered = second.thread.mark_answered(Answered::Before(&second.message)).unwrap();
/// assert_eq!(answered.waiting_since(), Some(later));
/// assert!(answered.mark_answered(Answered::Nothing).is_none());
///
/// // A reply to the first message, and an automatic reply, leave the second message unanswered.
/// let kim = Participant::operator(ParticipantId::new("u-7")?, None);
/// let reply = Post::new(kim.clone(), MessageBody::new("Hello, Ann!")?, later);
/// let reply = reply.with_answered(Answered::Before(&second.message));
/// assert_eq!(second.thread.post(reply)?.thread.waiting_since(), Some(later));
/// let closed = Post::new(kim, MessageBody::new("We open at 8 AM.")?, later).automatic();
/// assert_eq!(second.thread.post(closed)?.thread.waiting_since(), Some(now));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered<'a> {
    /// All of the customer's messages are answered.
    Everything,
    /// The customer's messages before this one are answered. This message is the first customer
    /// message without an answer.
    Before(&'a Message),
    /// No further message is answered.
    Nothing,
}

impl Thread {
    /// Ends the thread's wait for the part of the customer's messages that `answered` names (U5).
    ///
    /// Returns the next thread. Returns `None` if the wait does not change, for example because the
    /// thread does not wait (P6).
    pub fn mark_answered(&self, answered: Answered<'_>) -> Option<Self> {
        let waiting_since = self.waiting_after(answered);
        let changes = waiting_since != self.waiting_since();
        changes.then(|| self.with(|head| head.waiting_since = waiting_since))
    }

    /// Returns the time since which the thread waits after an answer.
    pub(super) fn waiting_after(&self, answered: Answered<'_>) -> Option<Timestamp> {
        let since = self.waiting_since()?;
        match answered {
            Answered::Everything => None,
            // An earlier answer may reach further than this one, so the wait never moves back. A
            // message that is later than the last activity had a wrong clock, so its time says
            // nothing about the wait.
            Answered::Before(message)
                if self.has_customer_message(message) && message.sent_at() <= self.active_at() =>
            {
                Some(since.max(message.sent_at()))
            }
            Answered::Before(_) | Answered::Nothing => Some(since),
        }
    }

    fn has_customer_message(&self, message: &Message) -> bool {
        message.role() == Role::Customer && self.covered_by(Role::Operator, message).is_some()
    }
}
