use tokio_postgres::Row;

use super::Inner;
use super::errors::Failure;
use super::lines::Patience;
use super::rows;
use crate::id::IdempotencyKey;
use crate::message::{Message, MessageNumber};
use crate::participant::Participant;
use crate::store::columns::Value;
use crate::store::{Commit, CommitOutcome, NewMessage, Revision, StoreError, Stored, ThreadState};
use crate::thread::Thread;

/// What one attempt at a commit came to.
enum Attempt {
    Done(CommitOutcome),
    /// Nothing was written, for a reason that is over: a location without a row, a
    /// snapshot that was older than what the commit was computed from.
    Again,
}

/// A failure, and whether the attempt may have been committed all the same.
struct Failed {
    failure: Failure,
    in_doubt: bool,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { failure, in_doubt: false }
    }
}

/// What is stored, as of one moment.
struct Standing {
    /// The location's revision, if it has a row.
    location: Option<Revision>,
    head: Option<Stored>,
    /// The message that came with the commit's key.
    keyed: Option<Message>,
}

impl Inner {
    /// Commits, and finds out what became of an attempt whose connection was lost.
    ///
    /// A commit compares and swaps, so that the same one can be sent again and is
    /// written once at most: another attempt that is committed is the first; a key
    /// that is taken was taken by the first, or before; and a conflict means that
    /// the first, should it still be on its way, conflicts too. What it conflicts
    /// with may be the first itself; see [`stands`]. Only a message can leave a doubt
    /// behind a conflict; see [`may_have_added`].
    pub(super) async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        let mut patience = Patience::new();
        let mut doubt: Option<Failure> = None;
        loop {
            let failure = match self.attempt(&patience, commit).await {
                Ok(Attempt::Done(CommitOutcome::Conflict(found))) if doubt.is_some() => match found
                {
                    found if may_have_added(commit, found.as_ref()) => Failure::Outrun,
                    Some(found) if stands(commit, &found) => {
                        return Ok(CommitOutcome::Committed(found.revision));
                    }
                    found => return Ok(CommitOutcome::Conflict(found)),
                },
                Ok(Attempt::Done(outcome)) => return Ok(outcome),
                Ok(Attempt::Again) if patience.round() => continue,
                Ok(Attempt::Again) => Failure::Outrun,
                Err(Failed { failure, in_doubt }) => {
                    if in_doubt {
                        doubt = Some(failure.clone());
                    }
                    if patience.allows(&failure) {
                        continue;
                    }
                    failure
                }
            };
            return Err(match doubt {
                Some(doubt) => StoreError::outcome_unknown(doubt),
                None => failure.of_thread(commit.id().clone()).into_error(),
            });
        }
    }

    async fn attempt(&self, patience: &Patience, commit: &Commit) -> Result<Attempt, Failed> {
        let sql = self.statements.commit(rows::shape(commit));
        let written = self.lines.send(patience, sql, &rows::values(commit)).await?;
        match written {
            Ok(written) => {
                if let Some(row) = written.first() {
                    let revision = Revision::try_from(rows::column::<i64>(row, 0)?);
                    return Ok(Attempt::Done(CommitOutcome::Committed(
                        revision.map_err(Failure::from)?,
                    )));
                }
            }
            Err(failure) if failure.is_taken_in("idempotency_key") => {}
            Err(failure) => {
                let in_doubt = failure.leaves_doubt();
                return Err(Failed { failure, in_doubt });
            }
        }
        Ok(self.look(patience, commit).await?)
    }

    /// Why nothing was written.
    async fn look(&self, patience: &Patience, commit: &Commit) -> Result<Attempt, Failure> {
        let id = commit.id();
        let author = commit.message.as_ref().map(|new| new.message.author());
        let key = [
            id.location.as_str().into(),
            id.booking.as_str().into(),
            author.map(|author: &Participant| author.role.code()).into(),
            author.map(|author| author.id.as_str()).into(),
            rows::key(commit).map(IdempotencyKey::as_str).into(),
        ];
        let found = self.lines.send(patience, &self.statements.standing, &key).await??;
        let standing = found.first().map(standing).transpose()?.ok_or(Failure::Outrun)?;
        if let Some(message) = standing.keyed {
            return Ok(Attempt::Done(CommitOutcome::KeyTaken(message)));
        }
        if standing.head.as_ref().map(|head| head.revision) != commit.expected {
            return Ok(Attempt::Done(CommitOutcome::Conflict(standing.head)));
        }
        match standing.location {
            Some(Revision::MAX) => Err(Failure::NoRevision),
            Some(_) => Ok(Attempt::Again),
            None => {
                let location = [Value::from(id.location.as_str())];
                self.lines.send(patience, &self.statements.new_location, &location).await??;
                Ok(Attempt::Again)
            }
        }
    }
}

/// Whether a commit without a message conflicts with what it asks for: its own first
/// attempt, or another's that did the same, after which this one is as good as made. An
/// erased thread stays so when another has begun in its place.
fn stands(commit: &Commit, found: &Stored) -> bool {
    let is_over = |last: MessageNumber| match &found.state {
        ThreadState::Live(thread) => thread.first_number() > last,
        ThreadState::Erased(tombstone) => tombstone.last > last,
    };
    commit.message.is_none()
        && (commit.next == found.state
            || matches!(&commit.next, ThreadState::Erased(left) if is_over(left.last)))
}

/// Whether a commit's message may have been added although the commit now conflicts
/// with what is stored: without a key it may be what stands there, and with one it is
/// told by its key, unless an erasure has taken both away since.
fn may_have_added(commit: &Commit, found: Option<&Stored>) -> bool {
    let Some(NewMessage { message, key }) = &commit.message else { return false };
    let first = found.and_then(|found| found.state.live()).map(Thread::first_number);
    key.is_none() || first.is_none_or(|first| first > message.number())
}

fn standing(row: &Row) -> Result<Standing, Failure> {
    let location = rows::column::<Option<i64>>(row, 0)?.map(Revision::try_from).transpose()?;
    let head = rows::stored(row, 1)?;
    let key = rows::column::<Option<i32>>(row, 1 + rows::HEAD_COLUMNS)?;
    let keyed = key.map(|_| rows::message(row, 2 + rows::HEAD_COLUMNS)).transpose()?;
    Ok(Standing { location, head, keyed })
}
