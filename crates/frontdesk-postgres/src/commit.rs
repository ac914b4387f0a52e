use frontdesk::Thread;
use frontdesk::store::{
    Change, Commit, CommitOutcome, NewMessage, Revision, StoreError, ThreadState, VersionedThread,
};
use frontdesk::{IdempotencyKey, MessageNumber, ThreadId};
use frontdesk_sql::{ID_COLUMNS, Value, thread_values};

use crate::commit_statements::CommitShape;
use crate::connections::{Connections, QueryFailure};
use crate::current_state::CurrentState;
use crate::error::DatabaseError;
use crate::parameters::Parameter;
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;
use crate::statements::Statements;

/// The result of one attempt to commit.
enum Attempt {
    Done(CommitOutcome),
    /// Nothing was written, and the next attempt can succeed. Either the location
    /// had no row, or the snapshot was older than the state that the commit expects.
    Retry,
}

/// The procedure that writes one commit.
pub(crate) struct Committer<'a> {
    pub(crate) connections: &'a Connections,
    pub(crate) statements: &'a Statements,
    pub(crate) commit: &'a Commit,
}

impl Committer<'_> {
    /// Commits. If the outcome of an attempt is unknown, sends the commit again.
    ///
    /// A commit is a compare-and-swap, so it is written at most once however often it is sent.
    /// The result of the second attempt usually shows the outcome of the first:
    ///
    /// - The second attempt is written. The first attempt was not written, and never will be.
    /// - A key is taken. The first attempt or an earlier commit stored the message.
    /// - The second attempt conflicts. If the first attempt still runs, it conflicts, too. The
    ///   first attempt may have written the state that the second attempt found;
    ///   [`is_equivalent`] recognizes such a state. The outcome stays unknown only if
    ///   [`may_have_added_messages`] returns `true`.
    pub(crate) async fn run(&self) -> Result<CommitOutcome, StoreError> {
        let mut budget = RetryBudget::new();
        let mut unknown_outcome: Option<DatabaseError> = None;
        loop {
            let error = match self.attempt(&budget).await {
                Ok(Attempt::Done(outcome)) if unknown_outcome.is_none() => return Ok(outcome),
                Ok(Attempt::Done(outcome)) => match resolve(self.commit, outcome) {
                    Some(outcome) => return Ok(outcome),
                    None => DatabaseError::RetriesExhausted,
                },
                Ok(Attempt::Retry) if budget.allows_attempt() => continue,
                Ok(Attempt::Retry) => DatabaseError::RetriesExhausted,
                Err(QueryFailure { error, outcome_unknown }) => {
                    if outcome_unknown {
                        unknown_outcome = Some(error.clone());
                    }
                    if budget.allows_retry_after(&error) {
                        continue;
                    }
                    error
                }
            };
            return Err(match unknown_outcome {
                Some(error) => StoreError::outcome_unknown(error),
                None => error.in_thread(self.commit.id().clone()).into_store_error(),
            });
        }
    }

    async fn attempt(&self, budget: &RetryBudget) -> Result<Attempt, QueryFailure> {
        let sql = self.statements.commits.get(CommitShape::of(self.commit));
        match self.connections.query_once(budget, sql, &parameters(self.commit)).await {
            Ok(rows) => {
                if let Some(row) = rows.first() {
                    let revision = RowReader::new(row).read_integer()?;
                    let revision = Revision::try_from(revision).map_err(DatabaseError::from)?;
                    return Ok(Attempt::Done(CommitOutcome::Committed(revision)));
                }
            }
            Err(failure) if failure.error.is_unique_violation_in("idempotency_key") => {}
            Err(failure) => return Err(failure),
        }
        Ok(self.diagnose(budget).await?)
    }

    /// Finds out why an attempt wrote nothing.
    async fn diagnose(&self, budget: &RetryBudget) -> Result<Attempt, DatabaseError> {
        let Self { connections, statements, commit } = *self;
        let current = CurrentState::read(connections, statements, budget, commit).await?;
        if let Some((index, message)) = current.taken_key {
            return Ok(Attempt::Done(CommitOutcome::KeyTaken { index, message }));
        }
        if current.head.as_ref().map(|head| head.revision) != commit.expected() {
            return Ok(Attempt::Done(CommitOutcome::Conflict(current.head)));
        }
        match current.location {
            Some(Revision::MAX) => Err(DatabaseError::RevisionsExhausted),
            Some(_) => Ok(Attempt::Retry),
            None => {
                let location = [commit.id().location.as_str().into()];
                connections.query_once(budget, &statements.insert_location, &location).await?;
                Ok(Attempt::Retry)
            }
        }
    }
}

/// Returns the parameters of a commit in the order of its [`CommitShape`]'s statement.
fn parameters(commit: &Commit) -> Vec<Parameter<'_>> {
    let thread = thread_values(commit.expected(), commit.next());
    let mut parameters: Vec<Parameter<'_>> = thread.into_iter().map(Parameter::from).collect();
    match commit.change() {
        Change::None => {}
        Change::Messages(messages) => match &messages[..] {
            [message] => {
                let values = message_values(commit.id(), message);
                parameters.extend(values.into_iter().map(Parameter::from));
            }
            messages => {
                let values = messages.iter().map(|message| message_values(commit.id(), message));
                parameters.extend(Parameter::arrays_of_columns(&values.collect::<Vec<_>>()));
            }
        },
        Change::Redact(redaction) => parameters
            .extend([i64::from(redaction.number).into(), i64::from(redaction.ordinal).into()]),
        Change::RedactAuthor(redaction) => parameters.extend([
            i64::from(*redaction.messages.start()).into(),
            i64::from(*redaction.messages.end()).into(),
            redaction.role.code().into(),
            redaction.author.as_str().into(),
        ]),
    }
    parameters
}

/// Returns the values of a message after its thread's id, and its key.
fn message_values<'a>(id: &'a ThreadId, new: &'a NewMessage) -> Vec<Value<'a>> {
    let message = frontdesk_sql::message_values(id, None, &new.message);
    let key = new.key.as_ref().map(IdempotencyKey::as_str);
    [&message[ID_COLUMNS.len()..], &[key.into()]].concat()
}

/// Returns the outcome of a commit whose previous attempt has an unknown outcome, derived from
/// the outcome of the next attempt. Returns `None` if the outcome of the commit stays unknown.
fn resolve(commit: &Commit, outcome: CommitOutcome) -> Option<CommitOutcome> {
    match outcome {
        CommitOutcome::Conflict(found) if may_have_added_messages(commit, found.as_ref()) => None,
        CommitOutcome::Conflict(Some(found)) if is_equivalent(commit, &found) => {
            Some(CommitOutcome::Committed(found.revision))
        }
        outcome => Some(outcome),
    }
}

/// Returns `true` if a commit that changes no message conflicts with the state that it would
/// write itself. Its own earlier attempt or an identical commit wrote that state. An erased
/// thread counts as erased even if a later generation has begun.
fn is_equivalent(commit: &Commit, found: &VersionedThread) -> bool {
    let is_after = |last: MessageNumber| match &found.state {
        ThreadState::Live(thread) => thread.first_number() > last,
        ThreadState::Erased(tombstone) => tombstone.last > last,
        ThreadState::Linked(_) => false,
    };
    let is_erased_since =
        matches!(commit.next(), ThreadState::Erased(tombstone) if is_after(tombstone.last));
    // A head does not show which message or author was redacted.
    matches!(commit.change(), Change::None) && (*commit.next() == found.state || is_erased_since)
}

/// Returns `true` if a commit may have added its messages although it now conflicts with the
/// state found.
///
/// The messages of a commit are added together with their keys, so a stored key shows that
/// they were added. A later erasure may have removed the messages and the keys. Without a
/// key, the state found may be the state that the commit wrote.
fn may_have_added_messages(commit: &Commit, found: Option<&VersionedThread>) -> bool {
    let Change::Messages(messages) = commit.change() else { return false };
    let first = found.and_then(|found| found.state.live()).map(Thread::first_number);
    let is_erased_since = first.is_none_or(|first| first > messages[0].message.number());
    is_erased_since || messages.iter().all(|new| new.key.is_none())
}
