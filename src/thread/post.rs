use std::sync::Arc;

use super::answered::Answered;
use super::full::ThreadFull;
use super::head::Thread;
use crate::{
    LastMessage, Message, MessageBody, MessageNumber, Participant, Preview, Role, Timestamp,
};

/// The input of [`Thread::post`]: a message to be added.
///
/// ```
/// use frontdesk::{Participant, ParticipantId, Post, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let posted = thread.post(Post::new(ann, MessageBody::new("Hello!")?, now))?;
/// assert_eq!(posted.message.sent_at(), now);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Post<'a> {
    /// The author.
    pub author: Arc<Participant>,
    /// The text.
    pub body: MessageBody,
    /// The present time.
    pub now: Timestamp,
    /// The part of the thread that the author has read.
    pub read: ReadUpTo<'a>,
    /// The part of the customer's messages that an operator's message answers (U5). A customer's
    /// message answers nothing.
    pub answered: Answered<'a>,
    /// `true` if a program wrote the message, and not a person.
    pub automatic: bool,
}

impl<'a> Post<'a> {
    /// Makes a message to be added, by an author who has read and answers the whole thread.
    pub fn new(author: impl Into<Arc<Participant>>, body: MessageBody, now: Timestamp) -> Self {
        let (read, answered) = (ReadUpTo::Everything, Answered::Everything);
        Self { author: author.into(), body, now, read, answered, automatic: false }
    }

    /// Makes the message an automatic one, which marks nothing as read and answers nothing (U3,
    /// U5).
    pub fn automatic(mut self) -> Self {
        self.automatic = true;
        self.read = ReadUpTo::Nothing;
        self.answered = Answered::Nothing;
        self
    }

    /// Sets the part of the thread that the author has read.
    pub fn with_read(mut self, read: ReadUpTo<'a>) -> Self {
        self.read = read;
        self
    }

    /// Sets the part of the customer's messages that an operator's message answers.
    pub fn with_answered(mut self, answered: Answered<'a>) -> Self {
        self.answered = answered;
        self
    }
}

/// The result of [`Thread::post`]: the thread after the message was added, and the message.
///
/// ```
/// use frontdesk::{Post, Posted, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// let Posted { thread, message, .. } = thread.post(Post::new(ann, hello, now))?;
/// assert_eq!(thread.last_number(), message.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// The thread, with the message counted.
    pub thread: Thread,
    /// The message, with its number and time.
    pub message: Message,
    /// `true` if the message has the time of the message before it (or of the thread's start),
    /// because the clock showed an earlier time (W3).
    pub clamped: bool,
}

/// The part of a thread that the sender's screen showed. Sending marks this part as read (U3).
///
/// ```
/// use frontdesk::{Post, ReadUpTo, Role, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
/// # let first = thread.post(Post::new(ann.clone(), hello.clone(), now))?;
/// # let second = first.thread.post(Post::new(ann, hello.clone(), now))?;
/// # let kim = std::sync::Arc::new(Participant::operator(ParticipantId::new("u-7")?, None));
/// // The customer wrote twice. Kim's screen showed only the first message when she replied.
/// let read_up_to = ReadUpTo::Message(&first.message);
/// let reply = Post::new(kim.clone(), hello.clone(), now).with_read(read_up_to);
/// let replied = second.thread.post(reply)?;
/// assert_eq!(replied.thread.unread(Role::Operator), 1);
///
/// let replied = second.thread.post(Post::new(kim, hello, now))?;
/// assert_eq!(replied.thread.unread(Role::Operator), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadUpTo<'a> {
    /// Everything before the new message.
    Everything,
    /// Everything up to this message.
    Message(&'a Message),
    /// No message of the thread since it was last started.
    Nothing,
}

impl Thread {
    /// Adds a message (I3, W3, U3).
    ///
    /// The message gets the time `post.now`, but never a time before the previous message or before
    /// the thread's creation. Posting marks all earlier messages as read by the author's side. If
    /// the other side wrote a message that the author has not read, posting marks only the
    /// messages that the author has read.
    ///
    /// # Errors
    ///
    /// Returns [`ThreadFull`] if the thread's last number is [`MessageNumber::MAX`].
    pub fn post(&self, post: Post<'_>) -> Result<Posted, ThreadFull> {
        let Post { author, body, now, read, answered, automatic } = post;
        let role = author.role;
        let number = self.last_number().next().ok_or(ThreadFull)?;
        let sent_at = now.max(self.active_at());
        let preview = Preview::of(&body);
        let written_by_other_side = self.messages_by(role.opposite());

        let (read_to, covered) = match read {
            ReadUpTo::Everything => (number, written_by_other_side),
            ReadUpTo::Message(last) => match self.covered_by(role, last) {
                Some(covered) => (last.number(), covered),
                None => (MessageNumber::START, 0),
            },
            ReadUpTo::Nothing => (MessageNumber::START, 0),
        };
        let mark = self.mark(role);
        let waiting_since = match role {
            Role::Customer => self.waiting_since().or(Some(sent_at)),
            Role::Operator => self.waiting_after(answered),
        };
        let thread = self.with(|head| {
            head.totals[role] += 1;
            head.last = Some(LastMessage::new(role, sent_at, preview));
            head.waiting_since = waiting_since;
            if covered == written_by_other_side {
                head.marks[role] = mark.moved(number, covered, sent_at);
            } else if read_to > mark.number() {
                head.marks[role] = mark.moved(read_to, covered, sent_at);
            }
        });
        let message = Message::new(number, thread.messages_by(role), author, body, sent_at);
        let message = if automatic { message.automatic() } else { message };
        Ok(Posted { thread, message, clamped: sent_at > now })
    }
}
