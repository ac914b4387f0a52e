//! The retry loop for compare-and-swap commits, which all use cases share.

use std::mem;

use super::context::DeskContext;
use super::error::DeskError;
use super::limits::MAX_ATTEMPTS;
use super::use_case::UseCase;
use crate::revision::Revision;
use crate::store::{
    Answer, Commit, CommitOutcome, Epoch, StoreError, StoreResult, ThreadState, VersionedThread,
};
use crate::{Message, ThreadId};

/// A use case that reads, computes a commit from what it read, and starts again after a write
/// conflict.
pub(super) trait Operation: Send {
    type Answer;

    /// Makes one attempt up to its commit. After a write conflict, `latest` contains the state that
    /// is stored now.
    fn attempt(
        &mut self,
        latest: &mut Latest,
    ) -> impl Future<Output = Attempt<Self::Answer>> + Send;

    /// Called after the attempt's commit was written at `revision`. Returns the answer, or `None`
    /// if the operation must make another attempt to compute the answer.
    fn committed(&mut self, revision: Revision) -> Option<Self::Answer>;

    /// Called if the store wrote nothing, because a key of the commit was used before. The argument
    /// is the stored message with this key. Returns the answer, or `None` if the operation must
    /// make another attempt, because the stored message was erased in the meantime. Only operations
    /// whose commits contain keys implement this method.
    fn key_taken(
        &mut self,
        _: Message,
    ) -> impl Future<Output = Result<Option<Self::Answer>, DeskError>> + Send {
        let error = StoreError::other("the store reported a used key for a commit without keys");
        async { Err(error.into()) }
    }

    /// Called with the error that ends the operation: [`DeskError::Busy`] if no attempt is left, or
    /// the error of an attempt or of the store. Returns the error, unless the operation can answer
    /// in spite of it.
    fn give_up(&mut self, error: DeskError) -> Result<Self::Answer, DeskError> {
        Err(error)
    }
}

/// The stored state of the thread, if the last attempt ended with a write conflict.
#[derive(Default)]
pub(super) enum Latest {
    /// The last attempt ended without a write conflict, or there was no attempt. The operation must
    /// read the state from the store.
    #[default]
    Unknown,
    /// Another writer committed first, or the store's epoch changed. Contains the state that is
    /// stored now, or `None` if nothing is stored under the id.
    Conflict(Answer<Option<VersionedThread>>),
}

/// The result of an attempt before its commit.
pub(super) type Attempt<T> = Result<Step<T>, DeskError>;

/// The next step after the reads of an attempt.
pub(super) enum Step<T> {
    /// Return this answer, because there is nothing to commit (P6).
    Unchanged(T),
    /// Try this commit. It was computed from an answer of this epoch, or, with `None`, without an
    /// answer of the store.
    Commit(Commit, Option<Epoch>),
    /// Read everything again, because the store changed between two reads.
    Restart,
}

/// The result of a pure transition: the next state, if anything changes, and the answer.
type Transition<T> = Result<(Option<ThreadState>, T), DeskError>;

impl DeskContext {
    /// Runs an operation until it answers, at most [`MAX_ATTEMPTS`] times.
    pub(super) async fn run_with_retry<O: Operation>(
        &self,
        use_case: &UseCase,
        operation: &mut O,
    ) -> Result<O::Answer, DeskError> {
        let mut latest = Latest::default();
        let mut retries = 0;
        let answer = loop {
            let outcome = match operation.attempt(&mut latest).await {
                Ok(Step::Unchanged(answer)) => break Ok(answer),
                Ok(Step::Restart) => Ok(None),
                Ok(Step::Commit(commit, epoch)) => {
                    let commit = match epoch {
                        Some(epoch) => commit.with_epoch(epoch),
                        None => commit,
                    };
                    self.commit(commit, operation, &mut latest).await
                }
                Err(error) => Err(error),
            };
            match outcome {
                Ok(Some(answer)) => break Ok(answer),
                Ok(None) if retries + 1 < MAX_ATTEMPTS => retries += 1,
                Ok(None) => break operation.give_up(DeskError::Busy),
                Err(error) => break operation.give_up(error),
            }
        };
        use_case.record_retries(retries);
        answer
    }

    /// Makes the commit of an attempt. Returns `None` if another attempt is necessary. After a
    /// write conflict, sets `latest` for the next attempt.
    async fn commit<O: Operation>(
        &self,
        commit: Commit,
        operation: &mut O,
        latest: &mut Latest,
    ) -> Result<Option<O::Answer>, DeskError> {
        let Answer { value, epoch } = self.store.commit(commit).await?;
        match value {
            CommitOutcome::Committed(revision) => Ok(operation.committed(revision)),
            CommitOutcome::Conflict(stored) => {
                *latest = Latest::Conflict(Answer::new(stored, epoch));
                Ok(None)
            }
            CommitOutcome::KeyTaken { message, .. } => operation.key_taken(message.message).await,
        }
    }

    /// Changes the state of a thread by a pure transition. Retries after a write conflict.
    pub(super) async fn update_with_retry<T: Send>(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
        transition: impl FnMut(Option<&ThreadState>) -> Transition<T> + Send,
    ) -> Result<T, DeskError> {
        let mut update = Update { context: self, id, transition, answer: None };
        self.run_with_retry(use_case, &mut update).await
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

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<T> {
        let Answer { value: found, epoch } = latest.or_read(self.context, self.id).await?;
        let (next, answer) = (self.transition)(found.as_ref().map(|found| &found.state))?;
        let Some(next) = next else { return Ok(Step::Unchanged(answer)) };
        self.answer = Some(answer);
        Ok(Step::Commit(Commit::new(next, found.as_ref()), Some(epoch)))
    }

    fn committed(&mut self, _: Revision) -> Option<T> {
        self.answer.take()
    }
}

impl Latest {
    /// Returns the state that a write conflict reported. Without a conflict, reads the state
    /// from the store. For a linked id, this is the state of the thread to which the link leads
    /// (I2), and the epoch is that of the link: if the epoch changed between the two reads, the
    /// commit conflicts.
    pub(super) async fn or_read(
        &mut self,
        context: &DeskContext,
        id: &ThreadId,
    ) -> StoreResult<Option<VersionedThread>> {
        match mem::take(self) {
            Self::Conflict(found) => {
                Ok(Answer::new(context.follow(found.value).await?, found.epoch))
            }
            Self::Unknown => context.find(id).await,
        }
    }
}
