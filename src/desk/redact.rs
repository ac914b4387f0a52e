//! Redacting a message, and an author's name in a thread.

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::retry::{Attempt, Latest, Operation, Step};
use crate::revision::Revision;
use crate::store::{
    Answer, AuthorRedaction, Commit, MAX_COMMIT_MESSAGES, Redaction, StoreError, ThreadState,
};
use crate::{Message, MessageNumber, ParticipantId, Role, Thread, ThreadId};

/// Removes the text of one message (T9). The answer is `true` if the message had a text.
pub(super) struct RedactMessage<'a> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    number: MessageNumber,
    pending: Option<(Thread, Message)>,
}

impl<'a> RedactMessage<'a> {
    pub(super) fn new(context: &'a DeskContext, id: &'a ThreadId, number: MessageNumber) -> Self {
        Self { context, id, number, pending: None }
    }
}

impl Operation for RedactMessage<'_> {
    type Answer = bool;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<bool> {
        let number = self.number;
        let Answer { value: found, epoch } = latest.or_read(self.context, self.id).await?;
        let thread = found.as_ref().and_then(|found| found.state.live());
        let thread = thread.ok_or(DeskError::NotFound)?;
        if !thread.has_message(number) {
            return Err(DeskError::NoSuchMessage { asked: number, last: thread.last_number() });
        }
        // A missing message means that the thread was erased after the thread was read.
        let message = self.context.message(thread.id(), number).await?;
        let Some(message) = message else { return Ok(Step::Restart) };
        let Some(next) = thread.redact(&message) else { return Ok(Step::Unchanged(false)) };
        let ordinal = next.redactions();
        let commit = Commit::new(ThreadState::Live(next.clone()), found.as_ref());
        let commit = commit.with_redaction(Redaction { number, ordinal });
        self.pending = Some((next, message.redacted(ordinal)));
        Ok(Step::Commit(commit.map_err(StoreError::other)?, epoch))
    }

    fn committed(&mut self, _: Revision) -> Option<bool> {
        let (thread, message) = self.pending.take()?;
        self.context.emit(|| Event::MessageRedacted { thread, message });
        Some(true)
    }
}

/// Removes an author's name from at most [`MAX_COMMIT_MESSAGES`] messages of a thread (A2).
pub(super) struct RedactAuthor<'a> {
    pub(super) context: &'a DeskContext,
    pub(super) id: &'a ThreadId,
    pub(super) role: Role,
    pub(super) author: &'a ParticipantId,
    /// The last number up to which no message has the name.
    pub(super) done: MessageNumber,
    pending: MessageNumber,
}

impl<'a> RedactAuthor<'a> {
    pub(super) fn new(
        context: &'a DeskContext,
        id: &'a ThreadId,
        role: Role,
        author: &'a ParticipantId,
    ) -> Self {
        let start = MessageNumber::START;
        Self { context, id, role, author, done: start, pending: start }
    }

    fn has_name(&self, message: &Message) -> bool {
        let author = message.author();
        author.role == self.role && author.id == *self.author && author.name.is_some()
    }
}

impl Operation for RedactAuthor<'_> {
    /// `true` if names were removed and later messages may have the name, too.
    type Answer = bool;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<bool> {
        let Answer { value: found, epoch } = latest.or_read(self.context, self.id).await?;
        let Some(thread) = found.as_ref().and_then(|found| found.state.live()) else {
            return Ok(Step::Unchanged(false));
        };
        loop {
            let messages = self.context.after(thread, self.done, MAX_COMMIT_MESSAGES).await?;
            let Some(messages) = messages else { return Ok(Step::Restart) };
            let (Some(first), Some(last)) = (messages.first(), messages.last()) else {
                return Ok(Step::Unchanged(false));
            };
            if !messages.iter().any(|message| self.has_name(message)) {
                self.done = last.number();
                continue;
            }
            let redaction = AuthorRedaction {
                role: self.role,
                author: self.author.clone(),
                messages: first.number()..=last.number(),
            };
            self.pending = last.number();
            let commit = Commit::new(ThreadState::Live(thread.clone()), found.as_ref());
            let commit = commit.with_author_redaction(redaction).map_err(StoreError::other)?;
            return Ok(Step::Commit(commit, epoch));
        }
    }

    fn committed(&mut self, _: Revision) -> Option<bool> {
        self.done = self.pending;
        Some(true)
    }
}
