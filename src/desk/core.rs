use std::fmt;
use std::sync::Arc;

use super::clock::Clock;
use super::error::DeskError;
use super::event::{Event, Listener};
use super::page::{InboxPage, MAX_PAGE, PageRequest};
use super::use_case::UseCase;
use crate::id::{LocationId, ThreadId};
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::store::{
    Commit, CommitOutcome, Direction, Revision, StoreError, Stored, ThreadState, ThreadStore,
};
use crate::thread::Thread;
use crate::timestamp::Timestamp;

/// How often a use case tries when others are faster, before it answers
/// [`DeskError::Busy`].
///
/// Each time somebody's commit went through, so that many writers at once into
/// one thread all come to an end: as many writers as this at the same moment are
/// never refused. People do not write that fast.
pub const MAX_ATTEMPTS: usize = 64;

/// What every handle has.
pub(super) struct Core {
    pub(super) store: Arc<dyn ThreadStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) listener: Option<Arc<dyn Listener>>,
    pub(super) max_body_chars: usize,
    pub(super) epoch: u64,
}

/// What a use case wants, having seen what is stored.
pub(super) enum Step<T> {
    /// Nothing to write (P6).
    Keep(T),
    /// This as the next state.
    Write(ThreadState, T),
}

/// A conversation found in the store.
pub(super) enum Found {
    /// A thread, and the messages that were asked for.
    Live(Thread, Vec<Message>),
    /// No thread, and the last number that one had here.
    Gone(MessageNumber),
}

impl Core {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn tell(&self, event: &Event) {
        if let Some(listener) = &self.listener {
            listener.notify(event);
        }
    }

    /// Reads, asks for a step, commits it, and again from what is there now when
    /// others were faster.
    pub(super) async fn change<T>(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
        mut step: impl FnMut(Option<&ThreadState>) -> Result<Step<T>, DeskError> + Send,
    ) -> Result<T, DeskError>
    where
        T: Send,
    {
        let mut found = self.store.thread(id).await?;
        for () in use_case.attempts() {
            let (next, done) = match step(found.as_ref().map(|stored| &stored.state))? {
                Step::Keep(done) => return Ok(done),
                Step::Write(next, done) => (next, done),
            };
            match self.commit(next, found.as_ref()).await? {
                Ok(_) => return Ok(done),
                Err(current) => found = current,
            }
        }
        Err(DeskError::Busy)
    }

    /// Commits a state without a message: its revision, or what is stored instead.
    pub(super) async fn commit(
        &self,
        next: ThreadState,
        found: Option<&Stored>,
    ) -> Result<Result<Revision, Option<Stored>>, StoreError> {
        match self.store.commit(Commit::new(next, found)).await? {
            CommitOutcome::Committed(revision) => Ok(Ok(revision)),
            CommitOutcome::Conflict(current) => Ok(Err(current)),
            CommitOutcome::KeyTaken(_) => {
                Err(StoreError::other("the store took a key where none was given"))
            }
        }
    }

    /// The newest messages, read by `reader` (U3).
    pub(super) async fn open(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
        reader: Role,
    ) -> Result<Found, DeskError> {
        let mut found = self.store.thread(id).await?;
        for () in use_case.attempts() {
            let thread = match found.as_ref().map(|stored| &stored.state) {
                Some(ThreadState::Live(thread)) => thread,
                other => return Ok(Found::Gone(last_number(other))),
            };
            let messages = self.newest(thread, thread.last_number(), MAX_PAGE).await?;
            if messages.last().map_or(thread.first_number().previous(), Message::number)
                != thread.last_number()
            {
                // Erased since: look again.
                found = self.store.thread(id).await?;
                continue;
            }
            let last = messages.last();
            let Some(next) = last.and_then(|last| thread.mark_read(reader, last, self.now()))
            else {
                return Ok(Found::Live(thread.clone(), messages));
            };
            match self.commit(ThreadState::Live(next.clone()), found.as_ref()).await? {
                Ok(_) => {
                    self.tell(&Event::Read { thread: next.clone(), reader });
                    return Ok(Found::Live(next, messages));
                }
                Err(current) => found = current,
            }
        }
        Err(DeskError::Busy)
    }

    /// At most `limit` messages before `before`, or the newest; marks nothing.
    pub(super) async fn history(
        &self,
        id: &ThreadId,
        before: Option<MessageNumber>,
        limit: usize,
    ) -> Result<Found, DeskError> {
        check_limit(limit)?;
        let found = self.store.thread(id).await?.map(|stored| stored.state);
        let Some(ThreadState::Live(thread)) = found else {
            return Ok(Found::Gone(last_number(found.as_ref())));
        };
        let last = before.map_or(thread.last_number(), MessageNumber::previous);
        let messages = self.newest(&thread, last.min(thread.last_number()), limit).await?;
        Ok(Found::Live(thread, messages))
    }

    /// The newest messages of `thread` up to `last`, oldest first.
    async fn newest(
        &self,
        thread: &Thread,
        last: MessageNumber,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let range = thread.first_number()..=last;
        let mut messages =
            self.store.messages(thread.id(), range, limit, Direction::NewestFirst).await?;
        messages.reverse();
        Ok(messages)
    }

    /// The messages of `thread` after `after`, at most a page, oldest first, or
    /// `None` when the thread is no longer what it was.
    pub(super) async fn after(
        &self,
        thread: &Thread,
        after: MessageNumber,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        let after = after.max(thread.first_number().previous());
        let expected = thread.last_number().get().saturating_sub(after.get());
        let Some(first) = after.next().filter(|_| expected > 0) else {
            return Ok(Some(Vec::new()));
        };
        let range = first..=thread.last_number();
        let messages =
            self.store.messages(thread.id(), range, MAX_PAGE, Direction::OldestFirst).await?;
        let as_expected = messages.len() == (expected as usize).min(MAX_PAGE);
        Ok(as_expected.then_some(messages))
    }

    /// A page of a location's threads.
    pub(super) async fn page(
        &self,
        location: &LocationId,
        request: &PageRequest,
    ) -> Result<InboxPage, DeskError> {
        check_limit(request.limit)?;
        let after = request.start_at(location)?;
        let limit = request.limit + 1;
        let found = self.store.threads(location, after.as_ref(), limit, request.filter()).await?;
        Ok(request.answer(location, self.epoch, found))
    }
}

/// The last number that a thread had which is not there: a new one goes on after it.
pub(super) fn last_number(state: Option<&ThreadState>) -> MessageNumber {
    state.map_or(MessageNumber::START, ThreadState::last_number)
}

fn check_limit(limit: usize) -> Result<(), DeskError> {
    if (1..=MAX_PAGE).contains(&limit) { Ok(()) } else { Err(DeskError::PageLimit { limit }) }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontDesk")
            .field("max_body_chars", &self.max_body_chars)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
