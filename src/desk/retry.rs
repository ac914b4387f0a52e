//! The one retry loop for compare-and-swap commits.

use std::ops::ControlFlow;

use super::context::DeskContext;
use super::error::DeskError;
use super::limits::MAX_ATTEMPTS;
use super::use_case::UseCase;
use crate::revision::Revision;
use crate::store::{Commit, CommitOutcome, StoreError, ThreadState, VersionedThread};
use crate::{Message, ThreadId};

/// A use case that reads, computes a commit from what it read, and starts again after a write
/// conflict.
pub(super) trait Operation: Send {
    type Answer;

    /// Makes one attempt. After a write conflict, `latest` is the state that is stored now.
    fn attempt(&mut self, latest: Latest) -> impl Future<Output = Attempt<Self::Answer>> + Send;

    /// Returns the answer after the attempt's commit, or `None` to make another attempt.
    fn committed(&mut self, revision: Revision) -> Option<Self::Answer>;

    /// Returns the answer if the message's key was used before, or `None` to make another
    /// attempt. Only operations whose commits carry keys implement this method.
    fn key_taken(
        &mut self,
        _: Message,
    ) -> impl Future<Output = Result<Option<Self::Answer>, DeskError>> + Send {
        let error = StoreError::other("the store reported a used key for a commit without keys");
        async { Err(error.into()) }
    }

    /// Returns the answer when no attempt is left, or when the store failed.
    fn give_up(&mut self, error: DeskError) -> Result<Self::Answer, DeskError> {
        Err(error)
    }
}

/// The state of the thread that a write conflict reported.
pub(super) enum Latest {
    /// There was no conflict: the operation reads the state.
    Unknown,
    /// Another writer committed first. The variant contains the state that is stored now.
    Stored(Option<VersionedThread>),
}

/// The result of one attempt before its commit.
pub(super) type Attempt<T> = Result<Step<T>, DeskError>;

/// The next step after the reads of an attempt.
pub(super) enum Step<T> {
    /// The answer; there is nothing to commit (P6).
    Unchanged(T),
    /// A commit to try.
    Commit(Commit),
    /// The store changed between two reads: read everything again.
    Restart,
}

/// The result of a pure transition: the next state, if anything changes, and the answer.
type Transition<T> = Result<(Option<ThreadState>, T), DeskError>;

impl DeskContext {
    /// Runs an operation until it answers, at most [`MAX_ATTEMPTS`] times.
    pub(super) async fn run_with_retry<O: Operation>(
        &self,
        use_case: &UseCase,
        mut operation: O,
    ) -> Result<O::Answer, DeskError> {
        let mut latest = Latest::Unknown;
        for retries in 0..MAX_ATTEMPTS {
            let answer = match self.attempt(&mut operation, latest).await {
                Ok(ControlFlow::Continue(next)) => {
                    latest = next;
                    continue;
                }
                Ok(ControlFlow::Break(answer)) => Ok(answer),
                Err(error) => operation.give_up(error),
            };
            use_case.record_retries(retries);
            return answer;
        }
        use_case.record_retries(MAX_ATTEMPTS - 1);
        operation.give_up(DeskError::Busy)
    }

    /// Makes one attempt and its commit. Returns the answer, or the state from which the next
    /// attempt begins.
    async fn attempt<O: Operation>(
        &self,
        operation: &mut O,
        latest: Latest,
    ) -> Result<ControlFlow<O::Answer, Latest>, DeskError> {
        let answer = match operation.attempt(latest).await? {
            Step::Unchanged(answer) => Some(answer),
            Step::Restart => None,
            Step::Commit(commit) => match self.store.commit(commit).await?.value {
                CommitOutcome::Committed(revision) => operation.committed(revision),
                CommitOutcome::Conflict(stored) => {
                    return Ok(ControlFlow::Continue(Latest::Stored(stored)));
                }
                CommitOutcome::KeyTaken { message, .. } => {
                    operation.key_taken(message.message).await?
                }
            },
        };
        Ok(answer.map_or(ControlFlow::Continue(Latest::Unknown), ControlFlow::Break))
    }

    /// Changes the state of a thread by a pure transition.
    pub(super) async fn update_with_retry<T: Send>(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
        transition: impl FnMut(Option<&ThreadState>) -> Transition<T> + Send,
    ) -> Result<T, DeskError> {
        self.run_with_retry(use_case, Update { context: self, id, transition, answer: None }).await
    }
}

struct Update<'a, T, F> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    transition: F,
    answer: Option<T>,
}

impl<T: Send, F> Operation for Update<'_, T, F>
where
    F: FnMut(Option<&ThreadState>) -> Transition<T> + Send,
{
    type Answer = T;

    async fn attempt(&mut self, latest: Latest) -> Attempt<T> {
        let found = latest.or_read(self.context, self.id).await?;
        let (next, answer) = (self.transition)(found.as_ref().map(|found| &found.state))?;
        let Some(next) = next else { return Ok(Step::Unchanged(answer)) };
        self.answer = Some(answer);
        Ok(Step::Commit(Commit::new(next, found.as_ref())))
    }

    fn committed(&mut self, _: Revision) -> Option<T> {
        self.answer.take()
    }
}

impl Latest {
    /// Returns the state that a write conflict reported. Without a conflict, reads the state
    /// from the store.
    pub(super) async fn or_read(
        self,
        context: &DeskContext,
        id: &ThreadId,
    ) -> Result<Option<VersionedThread>, StoreError> {
        match self {
            Self::Stored(found) => Ok(found),
            Self::Unknown => Ok(context.store.thread(id).await?.value),
        }
    }
}
