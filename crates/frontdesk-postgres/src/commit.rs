use frontdesk::Thread;
use frontdesk::store::{
    Answer, AuthorRedaction, Change, Commit, CommitOutcome, NewMessage, Revision, StoreError,
    StoreResult, ThreadState, VersionedThread,
};
use frontdesk::{IdempotencyKey, ThreadId};
use frontdesk_sql::{ID_COLUMNS, Value, thread_values};

use crate::commit_shape::CommitShape;
use crate::connections::QueryFailure;
use crate::current_state::CurrentState;
use crate::database::Database;
use crate::error::DatabaseError;
use crate::key_lookup::new_key_digest;
use crate::keyed_parameters::KeyedParameters;
use crate::parameters::{ElementType, Parameter};
use crate::retry::RetryBudget;

/// The result of one attempt to commit.
enum Attempt {
    Done(Answer<CommitOutcome>),
    /// Nothing was written, and the next attempt can succeed. Either the location of a new id
    /// had no row, or the snapshot was older than the state that the commit expects.
    Retry,
}

/// The procedure that writes one commit.
pub(crate) struct Committer<'a> {
    pub(crate) database: &'a Database,
    pub(crate) commit: &'a Commit,
}

impl Committer<'_> {
    /// Commits. If the outcome of an attempt is unknown, sends the commit again.
    ///
    /// A commit is a compare-and-swap, so it is written at most once however often it is sent.
    /// The result of the second attempt usually shows the outcome of the first:
    ///
    /// - If the second attempt commits, the first was not written and can no longer be written.
    /// - If the second attempt finds a used key, the first attempt or an earlier commit stored the
    ///   message.
    /// - If the second attempt conflicts, a first attempt that still runs will conflict, too. The
    ///   first attempt may have been written before another commit. [`Self::resolve`] finds out, or
    ///   the outcome stays unknown.
    ///
    /// If a standby was promoted after the commit was computed, the expected revision can belong
    /// to another state. The commit then conflicts.
    pub(crate) async fn run(&self) -> StoreResult<CommitOutcome> {
        let mut budget = RetryBudget::new();
        let mut unknown_outcome: Option<DatabaseError> = None;
        loop {
            let error = match self.attempt(&budget).await {
                Ok(Attempt::Done(answer)) if unknown_outcome.is_none() => return Ok(answer),
                Ok(Attempt::Done(answer)) => match self.resolve(&budget, answer).await {
                    Ok(Some(answer)) => return Ok(answer),
                    Ok(None) => DatabaseError::RetriesExhausted,
                    Err(failure) => failure.error,
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
        let Self { database, commit } = *self;
        let shape = CommitShape::of(commit);
        let parameters = parameters(commit);
        let rows = database
            .run_keyed(budget, |statements| statements.commits.get(shape), &parameters)
            .await?;
        let Some(mut row) = rows.first() else { return Ok(self.diagnose(budget).await?) };
        let revision = Revision::try_from(row.read_integer()?).map_err(DatabaseError::from)?;
        Ok(Attempt::Done(Answer::new(CommitOutcome::Committed(revision), rows.epoch)))
    }

    /// Returns the outcome of the whole commit, after an attempt with an unknown outcome was
    /// followed by an attempt with the answer `answer`. Returns `None` if the outcome stays
    /// unknown.
    async fn resolve(
        &self,
        budget: &RetryBudget,
        answer: Answer<CommitOutcome>,
    ) -> Result<Option<Answer<CommitOutcome>>, QueryFailure> {
        let commit = self.commit;
        let CommitOutcome::Conflict(found) = &answer.value else { return Ok(Some(answer)) };
        if commit.expected_epoch().is_some_and(|epoch| epoch != answer.epoch) {
            // A failover can have lost a commit that other processes have read.
            return Ok(None);
        }
        let may_be_written = match commit.change() {
            Change::None => !is_unchanged_since(commit, found.as_ref()),
            Change::Messages(messages) => may_have_added(messages, found.as_ref()),
            Change::Redact(_) | Change::RedactAuthor(_) => {
                self.is_redacted(budget).await?.unwrap_or(true)
            }
        };
        if !may_be_written {
            return Ok(Some(answer));
        }
        let is_messages = matches!(commit.change(), Change::Messages(_));
        let written = found.as_ref().filter(|found| !is_messages && found.state == *commit.next());
        let outcome = written.map(|found| CommitOutcome::Committed(found.revision));
        Ok(outcome.map(|outcome| Answer::new(outcome, answer.epoch)))
    }

    /// Returns `true` if the stored messages are redacted as the commit requires, and `None` if
    /// they are gone. Redactions of different messages can leave equal heads.
    async fn is_redacted(&self, budget: &RetryBudget) -> Result<Option<bool>, QueryFailure> {
        let commit = self.commit;
        let range = match commit.change() {
            Change::Redact(redaction) => redaction.number..=redaction.number,
            Change::RedactAuthor(redaction) => redaction.messages.clone(),
            Change::None | Change::Messages(_) => return Ok(None),
        };
        let parameters = [
            commit.id().location.as_str().into(),
            commit.id().booking.as_str().into(),
            i64::from(*range.start()).into(),
            i64::from(*range.end()).into(),
            i64::MAX.into(),
        ];
        let sql = &self.database.statements.reads.messages_oldest_first.text;
        let rows = self.database.run_once(budget, sql, &parameters).await?;
        for mut row in rows.iter() {
            let message = row.read_message()?.message;
            let is_redacted = match commit.change() {
                Change::Redact(redaction) => message.redaction() == Some(redaction.ordinal),
                Change::RedactAuthor(AuthorRedaction { role, author, messages: _ }) => {
                    let is_theirs = message.role() == *role && message.author().id == *author;
                    !is_theirs || message.author().name.is_none()
                }
                Change::None | Change::Messages(_) => false,
            };
            if !is_redacted {
                return Ok(Some(false));
            }
        }
        Ok(rows.first().map(|_| true))
    }

    /// Finds out why an attempt wrote nothing.
    async fn diagnose(&self, budget: &RetryBudget) -> Result<Attempt, DatabaseError> {
        let Self { database, commit } = *self;
        let current = CurrentState::read(database, budget, commit).await?;
        let done = |outcome| Ok(Attempt::Done(Answer::new(outcome, current.epoch)));
        if let Some((index, message)) = current.taken_key {
            return done(CommitOutcome::KeyTaken { index, message });
        }
        let revision = current.head.as_ref().map(|head| head.revision);
        if commit.conflicts_with(revision, current.epoch) {
            return done(CommitOutcome::Conflict(current.head));
        }
        match current.location {
            Some(Revision::MAX) => Err(DatabaseError::RevisionsExhausted),
            Some(_) => Ok(Attempt::Retry),
            None => {
                let location = [commit.id().location.as_str().into()];
                let sql = &database.statements.insert_location;
                database.connections.query_once(budget, sql, &location).await?;
                Ok(Attempt::Retry)
            }
        }
    }
}

/// Returns the parameters of a commit in the order of its [`CommitShape`]'s statement.
fn parameters(commit: &Commit) -> KeyedParameters<'_> {
    let thread = thread_values(commit.expected(), commit.next());
    let mut parameters: Vec<Parameter<'_>> = thread.into_iter().map(Parameter::from).collect();
    parameters.push(commit.expected_epoch().map(|epoch| epoch.get().cast_signed()).into());
    let mut keys = None;
    match commit.change() {
        Change::None => {}
        Change::Messages(messages) => match &messages[..] {
            [message] => {
                let values = message_values(commit.id(), message);
                parameters.extend(values.into_iter().map(Parameter::from));
                keys = Some(key(message).into());
            }
            messages => {
                let values = messages.iter().map(|message| message_values(commit.id(), message));
                parameters.extend(Parameter::arrays_of_columns(&values.collect::<Vec<_>>()));
                keys = Some(Parameter::array(ElementType::Text, messages.iter().map(key)));
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
    KeyedParameters::new(parameters, keys)
}

fn key(new: &NewMessage) -> Value<'_> {
    new.key.as_ref().map(IdempotencyKey::as_str).into()
}

/// Returns the column values of a message without the columns of the thread's id, followed by
/// the digest of the message's key.
fn message_values<'a>(id: &'a ThreadId, new: &'a NewMessage) -> Vec<Value<'a>> {
    let message = frontdesk_sql::message_values(id, None, &new.message);
    [&message[ID_COLUMNS.len()..], &[new_key_digest(id, new).into()]].concat()
}

/// Returns `true` if the commit erases a thread and the thread was not erased since. Other commits
/// without messages leave no trace once another commit follows.
fn is_unchanged_since(commit: &Commit, found: Option<&VersionedThread>) -> bool {
    let (ThreadState::Erased(tombstone), Some(thread)) =
        (commit.next(), found.and_then(|found| found.state.live()))
    else {
        return false;
    };
    thread.first_number() <= tombstone.last
}

/// Returns `true` if a commit may have added its messages although it now conflicts with the
/// state found.
///
/// Messages and their keys are stored together. If a message has a key and this key is not used,
/// the commit was not written. This is no proof in two cases: an erasure has since removed the
/// messages and their keys, or no message has a key.
fn may_have_added(messages: &[NewMessage], found: Option<&VersionedThread>) -> bool {
    let first = found.and_then(|found| found.state.live()).map(Thread::first_number);
    let is_erased_since = first.is_none_or(|first| first > messages[0].message.number());
    is_erased_since || messages.iter().all(|new| new.key.is_none())
}
