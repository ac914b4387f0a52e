use frontdesk::store::{
    AuthorRedaction, Change, Commit, CommitOutcome, KeyQuery, NewMessage, NewMessages, Redaction,
    Revision, StoreError,
};
use frontdesk::{InvalidRecord, Role, ThreadId};
use frontdesk_sql::{message_values, thread_values};
use rusqlite::{params, params_from_iter};

use crate::database::Database;
use crate::database_error::DatabaseError;
use crate::rows::{self, CurrentState, Parameter};

/// The result of one commit inside a shared transaction.
enum Attempt {
    /// The commit has an outcome: it is written, or it conflicts, or one of its keys is taken.
    Done(CommitOutcome),
    /// The commit failed, and only its own writes were rolled back.
    Failed(DatabaseError),
    /// SQLite rolled back the whole transaction, or the savepoint cannot be restored. All commits
    /// of the transaction fail.
    TransactionLost(DatabaseError),
}

impl Database {
    /// Writes commits in order, in one transaction, which costs one `fsync`. Each commit is
    /// written completely or not at all. A commit that fails does not undo the other commits,
    /// unless SQLite rolls back the whole transaction.
    pub(super) fn commit_all(&self, commits: &[Commit]) -> Vec<Result<CommitOutcome, StoreError>> {
        let fail_all = |error: &DatabaseError, convert: fn(DatabaseError) -> StoreError| {
            self.roll_back();
            commits.iter().map(|_| Err(convert(error.clone()))).collect()
        };
        if let Err(error) = self.execute("BEGIN IMMEDIATE", ()) {
            return fail_all(&error, DatabaseError::into_store_error);
        }
        let mut results = Vec::with_capacity(commits.len());
        for commit in commits {
            results.push(match self.commit_in_savepoint(commit) {
                Attempt::Done(outcome) => Ok(outcome),
                Attempt::Failed(error) => {
                    Err(error.in_thread(commit.id().clone()).into_store_error())
                }
                Attempt::TransactionLost(error) => {
                    return fail_all(&error, DatabaseError::into_store_error);
                }
            });
        }
        match self.execute("COMMIT", ()) {
            Ok(_) => results,
            Err(error) => fail_all(&error, DatabaseError::into_commit_error),
        }
    }

    /// Writes one commit in a savepoint, so that a failure undoes this commit only.
    fn commit_in_savepoint(&self, commit: &Commit) -> Attempt {
        if let Err(error) = self.execute("SAVEPOINT one_commit", ()) {
            return Attempt::TransactionLost(error);
        }
        let attempt = match self.write(commit) {
            Ok(outcome) => Attempt::Done(outcome),
            // SQLite rolls back the whole transaction when the disk is full, for example.
            Err(error) if !self.is_in_transaction() => return Attempt::TransactionLost(error),
            Err(error) => match self.execute("ROLLBACK TO one_commit", ()) {
                Ok(_) => Attempt::Failed(error),
                Err(error) => return Attempt::TransactionLost(error),
            },
        };
        match self.execute("RELEASE one_commit", ()) {
            Ok(_) => attempt,
            Err(error) => Attempt::TransactionLost(error),
        }
    }

    fn write(&self, commit: &Commit) -> Result<CommitOutcome, DatabaseError> {
        let id = commit.id();
        if let Change::Messages(messages) = commit.change()
            && let Some(taken) = self.first_taken_key(id, messages)?
        {
            return Ok(taken);
        }
        let key = params![id.location.as_str(), id.booking.as_str()];
        let current = self.query(self.statements.current_state, key, rows::current_state)?.pop();
        if commit.conflicts_with(current.map(|current| current.revision), self.epoch) {
            return Ok(CommitOutcome::Conflict(self.head(id)?));
        }
        let revision = self.take_revision(commit, current)?;
        let values = thread_values(Some(revision), commit.next());
        self.execute(&self.statements.put_head, params_from_iter(values.map(Parameter)))?;
        if commit.next().live().is_none() {
            self.execute(self.statements.erase_messages, key)?;
            self.execute(self.statements.erase_keys, key)?;
        }
        match commit.change() {
            Change::None => {}
            Change::Messages(messages) => self.insert_messages(id, revision, messages)?,
            Change::Redact(redaction) => self.redact_message(id, redaction)?,
            Change::RedactAuthor(redaction) => self.redact_author(id, redaction)?,
        }
        Ok(CommitOutcome::Committed(revision))
    }

    /// Returns the outcome for the first message whose key is taken, or `None` if no key is taken.
    fn first_taken_key(
        &self,
        id: &ThreadId,
        messages: &NewMessages,
    ) -> Result<Option<CommitOutcome>, DatabaseError> {
        for (index, NewMessage { message, key, .. }) in messages.iter().enumerate() {
            let Some(key) = key else { continue };
            if let Some(message) = self.keyed_message(&KeyQuery::new(id, message.author(), key))? {
                return Ok(Some(CommitOutcome::KeyTaken { index, message }));
            }
        }
        Ok(None)
    }

    /// Takes the next revision of the location and updates its counts.
    fn take_revision(
        &self,
        commit: &Commit,
        current: Option<CurrentState>,
    ) -> Result<Revision, DatabaseError> {
        let thread = commit.next().live();
        let is_unread = thread.is_some_and(|thread| thread.is_unread_by(Role::Operator));
        let is_waiting = thread.is_some_and(|thread| thread.waiting_since().is_some());
        let was_unread = current.is_some_and(|current| current.is_unread);
        let was_waiting = current.is_some_and(|current| current.is_waiting);
        let params = params![
            commit.id().location.as_str(),
            i64::from(is_unread) - i64::from(was_unread),
            i64::from(is_waiting) - i64::from(was_waiting),
        ];
        let taken = self.query(self.statements.next_revision, params, rows::taken_revision)?;
        taken.first().copied().ok_or(DatabaseError::RevisionsExhausted)
    }

    fn insert_messages(
        &self,
        id: &ThreadId,
        revision: Revision,
        messages: &NewMessages,
    ) -> Result<(), DatabaseError> {
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        for NewMessage { message, key, .. } in messages.iter() {
            let values = message_values(id, Some(revision), message).map(Parameter);
            self.execute(&self.statements.insert_message, params_from_iter(values))?;
            if let Some(key) = key {
                let (author, number) = (message.author(), i64::from(message.number()));
                let (role, author) = (author.role.code(), author.id.as_str());
                let params = params![location, booking, role, author, key.as_str(), number];
                self.execute(&self.statements.insert_key, params)?;
            }
        }
        Ok(())
    }

    fn redact_message(&self, id: &ThreadId, redaction: &Redaction) -> Result<(), DatabaseError> {
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        let Redaction { number, ordinal } = redaction;
        let params = params![location, booking, i64::from(*number), ordinal];
        match self.execute(self.statements.redact_message, params)? {
            0 => Err(InvalidRecord::rule("thread", "the message to redact is missing").into()),
            _ => Ok(()),
        }
    }

    fn redact_author(
        &self,
        id: &ThreadId,
        redaction: &AuthorRedaction,
    ) -> Result<(), DatabaseError> {
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        let AuthorRedaction { role, author, messages } = redaction;
        let (first, last) = (i64::from(*messages.start()), i64::from(*messages.end()));
        let params = params![location, booking, first, last, role.code(), author.as_str()];
        self.execute(self.statements.redact_author, params)?;
        Ok(())
    }
}
