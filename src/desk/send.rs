//! Sending a draft.

use std::sync::Arc;

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::retry::{Attempt, Latest, Operation, Step};
use super::sent::Sent;
use super::use_case::UseCase;
use crate::revision::Revision;
use crate::store::{
    Commit, KeyQuery, NewMessage, NewMessages, StoreError, ThreadState, VersionedThread,
};
use crate::{
    Booking, Draft, Message, MessageBody, Participant, Post, Posted, ReadUpTo, Role, Thread,
    ThreadId,
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
        let body = match MessageBody::with_limit(&self.draft.body, self.context.max_body_chars) {
            Ok(body) => body,
            // If this is a retry, the first call may have stored the body under a higher limit.
            Err(error) => return self.replay_or(error.into()).await,
        };
        let mut send = Send { request: self, body, pending: None };
        match self.context.run_with_retry(use_case, &mut send).await {
            // If this is a retry, the first call may have used the last message number.
            Err(full @ DeskError::ThreadFull(_)) => self.replay_or(full).await,
            done => done,
        }
    }

    /// Returns the message that was sent earlier with the draft's key, or `error` if there is no
    /// such message (I4).
    pub(super) async fn replay_or(&self, error: DeskError) -> Result<Sent, DeskError> {
        let Some(key) = &self.draft.key else { return Err(error) };
        let query = KeyQuery::new(self.id, self.author, key);
        let Some(stored) = self.context.store.message_by_key(&query).await?.value else {
            return Err(error);
        };
        let found = self.context.store.thread(self.id).await?.value;
        self.replay(stored.message, found.as_ref())?.ok_or(error)
    }

    /// Returns the answer to a draft whose key belongs to the stored `message`. Returns `None` if
    /// the message was erased in the meantime: then the state `found` does not have the message.
    fn replay(
        &self,
        message: Message,
        found: Option<&VersionedThread>,
    ) -> Result<Option<Sent>, DeskError> {
        // A redacted message has no text to compare (T9).
        if message.body().is_some_and(|body| !body.matches_input(&self.draft.body)) {
            return Err(DeskError::KeyReused);
        }
        let thread = found.and_then(|found| found.state.live());
        let thread = thread.filter(|thread| thread.has_message(message.number()));
        Ok(thread.map(|thread| Sent { message, thread: thread.clone(), replayed: true }))
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

    /// Reads the last message that the sender's screen showed (U3). Returns `None` if the draft
    /// does not name this message, or if it is the thread's last message or not in the thread.
    async fn last_seen(&self, thread: &Thread) -> Result<Option<Message>, StoreError> {
        match self.draft.seen {
            Some(seen) if seen < thread.last_number() && thread.has_message(seen) => {
                self.context.message(self.id, seen).await
            }
            _ => Ok(None),
        }
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
    /// The message of the last attempt, and `true` if the message starts the thread.
    pending: Option<(Posted, bool)>,
}

impl Operation for Send<'_> {
    type Answer = Sent;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<Sent> {
        let request = self.request;
        let found = latest.or_read(request.context, request.id).await?;
        let thread = request.thread_or_start(found.as_ref())?;
        let last_seen = request.last_seen(&thread).await?;
        let read = match (request.draft.seen, &last_seen) {
            (_, Some(message)) => ReadUpTo::Message(message),
            (Some(seen), None) if seen < thread.last_number() => ReadUpTo::Nothing,
            _ => ReadUpTo::Everything,
        };
        let author = Arc::clone(request.author);
        let post = Post::new(author, self.body.clone(), request.context.now()).with_read(read);
        let posted = thread.post(post)?;

        let new = NewMessage::new(posted.message.clone(), request.draft.key.clone());
        let next = ThreadState::Live(posted.thread.clone());
        let commit = Commit::new(next, found.as_ref()).with_messages(NewMessages::one(new));
        let starts = found.is_none_or(|found| found.state.live().is_none());
        self.pending = Some((posted, starts));
        Ok(Step::Commit(commit.map_err(StoreError::other)?))
    }

    /// Returns the stored message as the answer. If the stored message was erased in the meantime,
    /// returns `None`, and the next attempt sends the draft as a new message (L3).
    async fn key_taken(&mut self, message: Message) -> Result<Option<Sent>, DeskError> {
        let found = self.request.context.store.thread(self.request.id).await?.value;
        self.request.replay(message, found.as_ref())
    }

    fn committed(&mut self, _: Revision) -> Option<Sent> {
        let (Posted { thread, message }, starts) = self.pending.take()?;
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
        Some(Sent { message, thread, replayed: false })
    }
}
