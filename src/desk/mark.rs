//! Moving a read mark to a message, and ending a thread's wait.

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::retry::{Attempt, Latest, Operation, Step};
use super::use_case::UseCase;
use crate::revision::Revision;
use crate::store::{Answer, Commit, ThreadState};
use crate::{Answered, Message, MessageNumber, Role, Thread, ThreadId};

/// The change that a desk makes at the message with a number.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// Marks the messages up to the message as read (U3).
    Read(Role),
    /// Marks the message and everything after it as unread (U3).
    Unread(Role),
    /// Ends the wait for the customer's messages up to the message (U5).
    Answered,
}

/// A [`Mark`] on a message of a thread.
#[derive(Clone, Copy)]
pub(super) struct MarkMessage<'a> {
    pub(super) context: &'a DeskContext,
    pub(super) id: &'a ThreadId,
    pub(super) number: MessageNumber,
    pub(super) mark: Mark,
}

impl MarkMessage<'_> {
    /// Returns the thread after the change, and `true` if the thread changed.
    pub(super) async fn run(self, use_case: &UseCase) -> Result<(Thread, bool), DeskError> {
        let mut mark = MarkOperation { request: self, pending: None };
        self.context.run_with_retry(use_case, &mut mark).await
    }

    async fn next(&self, thread: &Thread) -> Result<Option<Thread>, DeskError> {
        let no_such = DeskError::NoSuchMessage { asked: self.number, last: thread.last_number() };
        if !thread.has_message(self.number) {
            return Err(no_such);
        }
        if let Mark::Answered = self.mark {
            let unanswered = match thread.waiting_since() {
                Some(_) => self.context.first_by(thread, Role::Customer, self.number).await?,
                None => None,
            };
            let answered = unanswered.as_ref().map_or(Answered::Everything, Answered::Before);
            return Ok(thread.mark_answered(answered));
        }
        let message = self.context.message(thread.id(), self.number).await?;
        // A missing message means that the thread was erased after the thread was read.
        let message: Message = message.ok_or(DeskError::NotFound)?;
        let now = self.context.now();
        Ok(match self.mark {
            Mark::Read(reader) => thread.mark_read(reader, &message, now),
            Mark::Unread(reader) => thread.mark_unread(reader, &message, now),
            Mark::Answered => None,
        })
    }
}

struct MarkOperation<'a> {
    request: MarkMessage<'a>,
    pending: Option<Thread>,
}

impl Operation for MarkOperation<'_> {
    type Answer = (Thread, bool);

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<(Thread, bool)> {
        let request = self.request;
        let Answer { value: found, epoch } = latest.or_read(request.context, request.id).await?;
        let thread = found.as_ref().and_then(|found| found.state.live());
        let thread = thread.ok_or(DeskError::NotFound)?;
        let Some(next) = request.next(thread).await? else {
            return Ok(Step::Unchanged((thread.clone(), false)));
        };
        let commit = Commit::new(ThreadState::Live(next.clone()), found.as_ref());
        self.pending = Some(next);
        Ok(Step::Commit(commit, epoch))
    }

    fn committed(&mut self, _: Revision) -> Option<(Thread, bool)> {
        let thread = self.pending.take()?;
        self.request.context.emit(|| {
            let thread = thread.clone();
            match self.request.mark {
                Mark::Read(reader) => Event::MarkedRead { thread, reader },
                Mark::Unread(reader) => Event::MarkedUnread { thread, reader },
                Mark::Answered => Event::MarkedAnswered { thread },
            }
        });
        Some((thread, true))
    }
}
