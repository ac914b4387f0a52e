//! Opening a conversation, and a customer's poll. Both read messages of a thread and mark them
//! as read.

use std::mem;

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::read::{Found, last_number};
use super::retry::{Attempt, Latest, Operation, Step};
use crate::cursor::CustomerCursor;
use crate::epoch::Epoch;
use crate::revision::Revision;
use crate::store::{Answer, Commit, ThreadState};
use crate::{Message, MessageNumber, Role, Thread, ThreadId};

/// Reads messages of a thread and marks them as read by the customer or by the operators (U3, P3).
pub(super) struct ReadThread<'a> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    reader: Role,
    /// The cursor of a poll, or `None` to open the conversation with its newest messages.
    cursor: Option<&'a CustomerCursor>,
    /// The store's epoch at the first read.
    epoch: Option<Epoch>,
    /// The last attempt: the thread before the read mark, the thread after it, and the messages.
    pending: Option<(Thread, Thread, Vec<Message>)>,
}

/// The answer of [`ReadThread`].
pub(super) enum ThreadAnswer {
    Found(Found, Epoch),
    /// Polling cannot continue from the cursor (P7).
    StartOver,
}

impl<'a> ReadThread<'a> {
    /// Reads the newest messages.
    pub(super) fn open(context: &'a DeskContext, id: &'a ThreadId, reader: Role) -> Self {
        Self { context, id, reader, cursor: None, epoch: None, pending: None }
    }

    /// Reads the messages after a customer's cursor.
    pub(super) fn poll(context: &'a DeskContext, cursor: &'a CustomerCursor) -> Self {
        Self { cursor: Some(cursor), ..Self::open(context, &cursor.id, Role::Customer) }
    }

    fn can_continue(&self, last: MessageNumber) -> bool {
        let epoch = self.context.cursor_epoch(self.epoch.unwrap_or_default());
        self.cursor.is_none_or(|cursor| cursor.epoch == epoch && cursor.shown <= last)
    }

    fn answer(&self, found: Found) -> ThreadAnswer {
        ThreadAnswer::Found(found, self.epoch.unwrap_or_default())
    }
}

impl Operation for ReadThread<'_> {
    type Answer = ThreadAnswer;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<ThreadAnswer> {
        let found = match mem::take(latest) {
            Latest::Conflict(found) => found,
            Latest::Unknown => {
                let Answer { value, epoch, .. } = self.context.store.thread(self.id).await?;
                self.epoch.get_or_insert(epoch);
                value
            }
        };
        let state = found.as_ref().map(|found| &found.state);
        let last = last_number(state);
        if !self.can_continue(last) {
            return Ok(Step::Unchanged(ThreadAnswer::StartOver));
        }
        let Some(ThreadState::Live(thread)) = state else {
            return Ok(Step::Unchanged(self.answer(Found::Gone(last))));
        };
        let messages = match self.cursor {
            Some(cursor) => self.context.after(thread, cursor.shown).await?,
            None => self.context.newest_page(thread).await?,
        };
        let Some(messages) = messages else { return Ok(Step::Restart) };
        let now = self.context.now();
        let marked = match self.cursor {
            Some(_) => thread.mark_polled(self.reader, &messages, now),
            None => messages.last().and_then(|last| thread.mark_read(self.reader, last, now)),
        };
        let Some(next) = marked else {
            return Ok(Step::Unchanged(self.answer(Found::Live(thread.clone(), messages))));
        };
        let commit = Commit::new(ThreadState::Live(next.clone()), found.as_ref());
        self.pending = Some((thread.clone(), next, messages));
        Ok(Step::Commit(commit))
    }

    fn committed(&mut self, _: Revision) -> Option<ThreadAnswer> {
        let (_, marked, messages) = self.pending.take()?;
        let event = || Event::MarkedRead { thread: marked.clone(), reader: self.reader };
        self.context.emit(event);
        Some(self.answer(Found::Live(marked, messages)))
    }

    fn give_up(&mut self, error: DeskError) -> Result<ThreadAnswer, DeskError> {
        match (error, self.pending.take()) {
            // A poll returns the messages even if no attempt could commit the mark.
            (DeskError::Busy, Some((unmarked, _, messages))) if self.cursor.is_some() => {
                Ok(self.answer(Found::Live(unmarked, messages)))
            }
            (error, _) => Err(error),
        }
    }
}
