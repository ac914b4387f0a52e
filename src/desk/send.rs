//! Sending a draft.

use std::sync::Arc;

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::limits::MAX_PAGE;
use super::newer_messages::NewerMessages;
use super::retry::{Attempt, Latest, Operation, Step};
use super::sent::Sent;
use super::use_case::UseCase;
use crate::revision::Revision;
use crate::store::{
    Answer, Commit, KeyQuery, NewMessage, NewMessages, StoreError, ThreadState, VersionedThread,
};
use crate::{
    Answered, Booking, Draft, Message, MessageBody, MessageNumber, Participant, Post, Posted,
    ReadUpTo, Role, TextCleaning, Thread, ThreadId,
};

/// A draft, its author and its thread.
#[derive(Clone, Copy)]
pub(super) struct SendRequest<'a> {
    pub(super) context: &'a DeskContext,
    pub(super) id: &'a ThreadId,
    pub(super) author: &'a Arc<Participant>,
    pub(super) draft: &'a Draft,
    pub(super) start: StartWith<'a>,
}

/// The way in which a message starts its thread if the thread does not exist.
#[derive(Clone, Copy)]
pub(super) enum StartWith<'a> {
    /// The message does not start a thread. An operator starts a thread with a separate call.
    Nothing,
    /// The message starts the thread with the booking of the customer desk, if the desk has a
    /// booking.
    Booking(Option<&'a Booking>),
}

impl SendRequest<'_> {
    /// Sends the draft, or returns the message that was sent earlier with the draft's key.
    pub(super) async fn send(self, use_case: &UseCase) -> Result<Sent, DeskError> {
        let (text, cleaning) = self.draft.text();
        let body = match MessageBody::with_limit(&text, self.context.max_body_chars) {
            Ok(body) => body,
            // If this is a retry, the first call may have stored the body under a higher limit.
            Err(error) => return self.replay_or(error.into()).await,
        };
        let mut send = Send { request: self, body, cleaning, pending: None };
        match self.context.run_with_retry(use_case, &mut send).await {
            // If this is a retry, the first call may have used the last message number, or the
            // draft's own message may follow the last message that the screen showed (L6).
            Err(
                error @ (DeskError::ThreadFull(_)
                | DeskError::NotLatest(_)
                | DeskError::NoSuchMessage { .. }),
            ) => self.replay_or(error).await,
            done => done,
        }
    }

    /// Returns the message that was sent earlier with the draft's key, or `error` if there is no
    /// such message (I4).
    pub(super) async fn replay_or(&self, error: DeskError) -> Result<Sent, DeskError> {
        let Some(key) = &self.draft.key else { return Err(error) };
        let found = self.context.find(self.id).await?.value;
        let id = found.as_ref().map_or(self.id, |found| found.state.id());
        let query = KeyQuery::new(id, self.author, key);
        let Some(stored) = self.context.store.message_by_key(&query).await?.value else {
            return Err(error);
        };
        // The message may have been stored after the thread was read.
        let found = self.context.store.thread(id).await?.value;
        self.replay(stored.message, found.as_ref())?.ok_or(error)
    }

    /// Returns the answer to a draft whose key belongs to the stored `message`. Returns `None` if
    /// the message was erased in the meantime: then the state `found` does not have the message.
    fn replay(
        &self,
        message: Message,
        found: Option<&VersionedThread>,
    ) -> Result<Option<Sent>, DeskError> {
        let (text, cleaning) = self.draft.text();
        // A redacted message has no text to compare (T9).
        if message.body().is_some_and(|body| !body.matches_input(&text)) {
            return Err(DeskError::KeyReused);
        }
        let thread = found.and_then(|found| found.state.live());
        let thread = thread.filter(|thread| thread.has_message(message.number()));
        let thread = thread.cloned();
        Ok(thread.map(|thread| Sent { message, thread, replayed: true, clamped: false, cleaning }))
    }

    /// Returns the stored thread, or the thread that the message starts.
    fn thread_or_start(&self, found: Option<&VersionedThread>) -> Result<Thread, DeskError> {
        let state = found.map(|found| &found.state);
        if let Some(ThreadState::Live(thread)) = state {
            return Ok(thread.clone());
        }
        let StartWith::Booking(booking) = self.start else { return Err(DeskError::NotFound) };
        let booking = booking.ok_or(DeskError::NoBooking)?;
        if booking.id != self.id.booking {
            return Err(DeskError::WrongBooking);
        }
        start(self.id, state, booking, self.context)
    }

    /// Refuses a conditional reply if the thread has a message that its sender's screen did not
    /// show (L6).
    ///
    /// Returns `false` if the thread was erased after it was read.
    async fn check_is_latest(&self, thread: &Thread) -> Result<bool, DeskError> {
        if self.author.role != Role::Operator {
            return Ok(true);
        }
        let before_first = thread.first_number().previous();
        let (seen, last) = (self.draft.seen.unwrap_or(before_first), thread.last_number());
        if !(before_first..=last).contains(&seen) {
            return Err(DeskError::NoSuchMessage { asked: seen, last });
        }
        if seen == last {
            return Ok(true);
        }
        let Some(messages) = self.context.after(thread, seen, MAX_PAGE).await? else {
            return Ok(false);
        };
        Err(DeskError::NotLatest(Box::new(NewerMessages { thread: thread.clone(), messages })))
    }

    /// Returns the number of the last message that the sender's screen showed, if the thread has
    /// newer messages.
    fn last_seen(&self, thread: &Thread) -> Option<MessageNumber> {
        self.draft.seen.filter(|seen| *seen < thread.last_number() && !self.is_automatic())
    }

    /// Finds the part of the thread that the sender knows. `seen` is the number of the last message
    /// that the sender's screen showed.
    async fn known_part(
        &self,
        thread: &Thread,
        seen: MessageNumber,
    ) -> Result<KnownPart, StoreError> {
        let last_read = if thread.has_message(seen) {
            self.context.message(thread.id(), seen).await?
        } else {
            None
        };
        // Only an operator's reply to a waiting thread needs the first unanswered message.
        let is_answer = self.author.role == Role::Operator && thread.waiting_since().is_some();
        let unanswered = if is_answer {
            self.context.first_by(thread, Role::Customer, seen).await?
        } else {
            None
        };
        Ok(KnownPart { last_read, unanswered })
    }

    fn is_automatic(&self) -> bool {
        self.draft.automatic && self.author.role == Role::Operator
    }
}

/// The part of a thread that the sender of a draft knows.
struct KnownPart {
    /// The last message that the sender's screen showed (U3). It is `None` if the message is not in
    /// this generation of the thread.
    last_read: Option<Message>,
    /// The first customer message after it (U5).
    unanswered: Option<Message>,
}

impl KnownPart {
    fn apply_to<'a>(&'a self, post: Post<'a>) -> Post<'a> {
        let read = self.last_read.as_ref().map_or(ReadUpTo::Nothing, ReadUpTo::Message);
        let unanswered = self.unanswered.as_ref();
        let answered = unanswered.map_or(Answered::Everything, Answered::Before);
        post.with_read(read).with_answered(answered)
    }
}

/// Starts the thread of a booking. Fails if `state` is a thread or a link.
pub(super) fn start(
    id: &ThreadId,
    state: Option<&ThreadState>,
    booking: &Booking,
    context: &DeskContext,
) -> Result<Thread, DeskError> {
    let (booking, now) = (booking.clone(), context.now());
    match state {
        Some(ThreadState::Erased(tombstone)) => Ok(tombstone.restart(booking, now)?),
        // A linked id belongs to the thread of another booking.
        Some(ThreadState::Live(_) | ThreadState::Linked(_)) => Err(DeskError::NotFound),
        None => Ok(Thread::start(id.location.clone(), booking, now)),
    }
}

/// A [`SendRequest`] with a valid body.
struct Send<'a> {
    request: SendRequest<'a>,
    body: MessageBody,
    cleaning: TextCleaning,
    /// The message of the last attempt, and `true` if the message starts the thread.
    pending: Option<(Posted, bool)>,
}

impl Operation for Send<'_> {
    type Answer = Sent;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<Sent> {
        let request = self.request;
        let Answer { value: found, epoch } = latest.or_read(request.context, request.id).await?;
        let thread = request.thread_or_start(found.as_ref())?;
        // Most drafts need none of these reads. The reads are boxed to keep the future small.
        if request.draft.only_if_latest {
            let is_stored = Box::pin(request.check_is_latest(&thread)).await?;
            if !is_stored {
                return Ok(Step::Restart);
            }
        }
        let known = match request.last_seen(&thread) {
            Some(seen) => Some(Box::pin(request.known_part(&thread, seen)).await?),
            None => None,
        };
        let author = Arc::clone(request.author);
        let post = Post::new(author, self.body.clone(), request.context.now());
        let post = match &known {
            _ if request.is_automatic() => post.automatic(),
            Some(known) => known.apply_to(post),
            None => post,
        };
        let posted = thread.post(post)?;

        let new = NewMessage::new(posted.message.clone(), request.draft.key.clone());
        let next = ThreadState::Live(posted.thread.clone());
        let commit = Commit::new(next, found.as_ref()).with_messages(NewMessages::one(new));
        let starts = found.is_none_or(|found| found.state.live().is_none());
        self.pending = Some((posted, starts));
        Ok(Step::Commit(commit.map_err(StoreError::other)?, epoch))
    }

    /// Returns the stored message as the answer. If the stored message was erased in the meantime,
    /// returns `None`, and the next attempt sends the draft as a new message (L3).
    async fn key_taken(&mut self, message: Message) -> Result<Option<Sent>, DeskError> {
        let found = self.request.context.find(self.request.id).await?.value;
        self.request.replay(message, found.as_ref())
    }

    fn committed(&mut self, _: Revision) -> Option<Sent> {
        let (Posted { thread, message, clamped }, starts) = self.pending.take()?;
        let context = self.request.context;
        if starts {
            context.emit(|| Event::ThreadStarted { thread: thread.clone() });
        }
        context.emit(|| {
            let (thread, message) = (thread.clone(), message.clone());
            match self.request.author.role {
                Role::Customer => Event::MessageReceived { thread, message },
                Role::Operator => Event::ReplySent { thread, message },
            }
        });
        let cleaning = self.cleaning;
        Some(Sent { message, thread, replayed: false, clamped, cleaning })
    }
}
