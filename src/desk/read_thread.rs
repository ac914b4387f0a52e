//! Opening a conversation, reading its next page, and a customer's poll. All of them read messages
//! of a thread and mark them as read.

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::read::{Excerpt, Found, Shown, check_limit, gone, last_number};
use super::retry::{Attempt, Latest, Operation, Step};
use crate::cursor::{CursorError, CustomerCursor};
use crate::epoch::Epoch;
use crate::revision::Revision;
use crate::store::{Answer, Commit, ThreadState};
use crate::{MessageNumber, Role, Thread, ThreadId};

/// Reads messages of a thread and marks them as read by the customer or by the operators (U3, P3).
pub(super) struct ReadThread<'a> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    reader: Role,
    range: ReadRange<'a>,
    /// The store's epoch at the first read.
    epoch: Option<Epoch>,
    /// The last attempt: the thread before the read mark, the thread after it, and the messages.
    pending: Option<(Thread, Thread, Excerpt)>,
}

/// The part of a conversation to read.
#[derive(Clone, Copy)]
enum ReadRange<'a> {
    /// The page with which a conversation opens.
    Opening,
    /// At most `limit` messages after a number.
    Later { after: MessageNumber, limit: usize },
    /// The messages after a customer's cursor.
    Poll(&'a CustomerCursor),
}

/// The answer of [`ReadThread`].
pub(super) enum ThreadAnswer {
    Found(Found, Epoch),
    /// Polling cannot continue from the cursor (P7).
    StartOver,
}

impl<'a> ReadThread<'a> {
    /// Reads the page with which a conversation opens.
    pub(super) fn open(context: &'a DeskContext, id: &'a ThreadId, reader: Role) -> Self {
        Self { context, id, reader, range: ReadRange::Opening, epoch: None, pending: None }
    }

    /// Reads at most `limit` messages after the number `after`.
    pub(super) fn later(self, after: MessageNumber, limit: usize) -> Result<Self, DeskError> {
        check_limit(limit)?;
        Ok(Self { range: ReadRange::Later { after, limit }, ..self })
    }

    /// Reads the messages after a customer's cursor.
    pub(super) fn poll(
        context: &'a DeskContext,
        id: &'a ThreadId,
        cursor: &'a CustomerCursor,
    ) -> Self {
        Self { range: ReadRange::Poll(cursor), ..Self::open(context, id, Role::Customer) }
    }

    /// Checks that a cursor belongs to the customer's thread, and returns `true` if polling can
    /// continue from it (P7). `state` is the state of the thread's own id.
    fn can_continue(&self, state: Option<&ThreadState>) -> Result<bool, CursorError> {
        let ReadRange::Poll(cursor) = self.range else { return Ok(true) };
        // The cursor names the thread's own id, and the desk can have a linked id.
        let is_own = state.is_some_and(|state| *state.id() == cursor.id);
        if cursor.id != *self.id && !is_own {
            return Err(CursorError::WrongLocation);
        }
        let thread = state.and_then(ThreadState::live);
        let redactions = thread.filter(|thread| thread.first_number() <= cursor.shown);
        let epoch = self.context.cursor_epoch(self.epoch.unwrap_or_default());
        Ok(cursor.epoch == epoch
            && cursor.shown <= last_number(state)
            && redactions.is_none_or(|thread| cursor.redactions <= thread.redactions()))
    }

    async fn excerpt(&self, thread: &Thread) -> Result<Option<Excerpt>, DeskError> {
        let (context, reader) = (self.context, self.reader);
        Ok(match self.range {
            ReadRange::Opening => context.opening_page(thread, reader).await?,
            ReadRange::Later { after, limit } => match context.after(thread, after, limit).await? {
                Some(messages) => Some(context.excerpt(thread, reader, messages).await?),
                None => None,
            },
            ReadRange::Poll(cursor) => {
                let shown = Shown { number: cursor.shown, redactions: cursor.redactions };
                context.unseen(thread, reader, shown).await?
            }
        })
    }

    fn answer(&self, found: Found) -> ThreadAnswer {
        ThreadAnswer::Found(found, self.epoch.unwrap_or_default())
    }
}

impl Operation for ReadThread<'_> {
    type Answer = ThreadAnswer;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<ThreadAnswer> {
        let Answer { value: found, epoch } = latest.or_read(self.context, self.id).await?;
        self.epoch.get_or_insert(epoch);
        let state = found.as_ref().map(|found| &found.state);
        if !self.can_continue(state)? {
            return Ok(Step::Unchanged(ThreadAnswer::StartOver));
        }
        let Some(ThreadState::Live(thread)) = state else {
            return Ok(Step::Unchanged(self.answer(gone(self.id, state))));
        };
        let Some(excerpt) = self.excerpt(thread).await? else { return Ok(Step::Restart) };
        let (messages, now) = (&excerpt.messages, self.context.now());
        let marked = match self.range {
            ReadRange::Poll(_) => thread.mark_polled(self.reader, messages, now),
            ReadRange::Opening | ReadRange::Later { .. } => {
                messages.last().and_then(|last| thread.mark_read(self.reader, last, now))
            }
        };
        let Some(next) = marked else {
            return Ok(Step::Unchanged(self.answer(Found::Live(thread.clone(), excerpt))));
        };
        let commit = Commit::new(ThreadState::Live(next.clone()), found.as_ref());
        self.pending = Some((thread.clone(), next, excerpt));
        Ok(Step::Commit(commit, epoch))
    }

    fn committed(&mut self, _: Revision) -> Option<ThreadAnswer> {
        let (_, marked, excerpt) = self.pending.take()?;
        let event = || Event::MarkedRead { thread: marked.clone(), reader: self.reader };
        self.context.emit(event);
        Some(self.answer(Found::Live(marked, excerpt)))
    }

    fn give_up(&mut self, error: DeskError) -> Result<ThreadAnswer, DeskError> {
        match (error, self.pending.take(), self.range) {
            // A poll returns the messages even if no attempt could commit the mark.
            (DeskError::Busy, Some((unmarked, _, excerpt)), ReadRange::Poll(_)) => {
                Ok(self.answer(Found::Live(unmarked, excerpt)))
            }
            (error, ..) => Err(error),
        }
    }
}
