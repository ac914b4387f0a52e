use std::iter;

use frontdesk::store::{
    AuthorRedaction, Change, Commit, CommitOutcome, KeyQuery, NewMessage, NewMessages, Redaction,
    Revision, StoreError, ThreadState,
};
use frontdesk::{DisplayName, InvalidRecord, Participant, Role, ThreadId};
use frontdesk_sql::{KeyDigest, Value, message_values, thread_values};
use rusqlite::{params, params_from_iter};

use crate::database::Database;
use crate::database_error::DatabaseError;
use crate::key_digest::stored_range;
use crate::rows::{self, CurrentHead, CurrentState, Parameter};

type CommitResult = Result<CommitOutcome, StoreError>;

/// The way in which the error of a transaction becomes the error of each commit.
type Conversion = fn(DatabaseError) -> StoreError;

/// The error of a transaction.
struct Failure {
    error: DatabaseError,
    convert: Conversion,
    /// One commit failed, perhaps after its first write. The other commits need another transaction.
    retry_with_savepoints: bool,
}

/// An error of any statement but `COMMIT`.
impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self { error, convert: DatabaseError::into_store_error, retry_with_savepoints: false }
    }
}

/// The head that a commit has written.
struct WrittenHead<'a> {
    state: &'a ThreadState,
    thread_no: i64,
    revision: Revision,
    /// The number of the author of the commit's first message, if the author was known before.
    first_author: Option<i64>,
}

impl Database {
    /// Writes commits in order, in one transaction, which costs one `fsync`. Each commit is
    /// written completely or not at all. A commit that fails does not undo the other commits,
    /// unless SQLite rolls back the whole transaction.
    ///
    /// After each commit the function calls `next`, so that commits that arrive during the
    /// transaction belong to it. The results have the order of the commits.
    ///
    /// Commits seldom fail. So the transaction has no savepoints, which would copy each changed page
    /// for each commit. If a commit fails, the transaction is rolled back, and another transaction
    /// writes the same commits with savepoints.
    pub(super) fn commit_all(
        &self,
        first: Commit,
        mut next: impl FnMut() -> Option<Commit>,
    ) -> Vec<CommitResult> {
        let mut commits = vec![first];
        let results = match self.run_transaction(|| self.write_all(&mut commits, &mut next)) {
            Err(failure) if failure.retry_with_savepoints => {
                self.run_transaction(|| self.write_each(&commits))
            }
            results => results,
        };
        results.unwrap_or_else(|Failure { error, convert, .. }| {
            // The commits that wait would fail for the same reason, one busy timeout after the other.
            commits.extend(iter::from_fn(next));
            commits.iter().map(|_| Err(convert(error.clone()))).collect()
        })
    }

    /// Runs one transaction. Rolls it back after an error.
    fn run_transaction(
        &self,
        write: impl FnOnce() -> Result<Vec<CommitResult>, Failure>,
    ) -> Result<Vec<CommitResult>, Failure> {
        let run = || {
            self.execute("BEGIN IMMEDIATE", ())?;
            let results = write()?;
            self.execute("COMMIT", ()).map_err(|error| Failure {
                convert: DatabaseError::into_commit_error,
                ..Failure::from(error)
            })?;
            Ok(results)
        };
        run().inspect_err(|_| self.roll_back())
    }

    /// Writes commits without savepoints. Adds the commits that `next` returns.
    fn write_all(
        &self,
        commits: &mut Vec<Commit>,
        mut next: impl FnMut() -> Option<Commit>,
    ) -> Result<Vec<CommitResult>, Failure> {
        let mut results = Vec::new();
        while let Some(commit) = commits.get(results.len()) {
            let outcome = self.write(commit).map_err(|error| Failure {
                // SQLite rolls back the whole transaction when the disk is full, for example.
                retry_with_savepoints: self.is_in_transaction(),
                ..Failure::from(error)
            })?;
            results.push(Ok(outcome));
            commits.extend(next());
        }
        Ok(results)
    }

    /// Writes each commit in a savepoint.
    fn write_each(&self, commits: &[Commit]) -> Result<Vec<CommitResult>, Failure> {
        commits.iter().map(|commit| self.write_in_savepoint(commit)).collect()
    }

    /// Writes one commit in a savepoint, so that a failure undoes this commit only.
    fn write_in_savepoint(&self, commit: &Commit) -> Result<CommitResult, Failure> {
        self.execute("SAVEPOINT one_commit", ())?;
        let result = match self.write(commit) {
            Ok(outcome) => Ok(outcome),
            // SQLite rolled back the whole transaction.
            Err(error) if !self.is_in_transaction() => return Err(error.into()),
            Err(error) => {
                self.execute("ROLLBACK TO one_commit", ())?;
                Err(error.in_thread(commit.id().clone()).into_store_error())
            }
        };
        self.execute("RELEASE one_commit", ())?;
        Ok(result)
    }

    fn write(&self, commit: &Commit) -> Result<CommitOutcome, DatabaseError> {
        let id = commit.id();
        let CurrentState { newest, head: current } = self.current_state(commit)?;
        // An id without a head has no keys. Most imports start their threads and need no lookup.
        if let (Some(current), Change::Messages(messages)) = (current, commit.change())
            && let Some(taken) = self.first_taken_key(id, current, messages)?
        {
            return Ok(taken);
        }
        if commit.conflicts_with(current.map(|current| current.revision), self.epoch) {
            return Ok(CommitOutcome::Conflict(self.head(id)?));
        }
        let revision = newest.next().ok_or(DatabaseError::RevisionsExhausted)?;
        self.put_location(commit, revision, current)?;
        let thread_no = self.put_head(commit, revision, current)?;
        if current.is_some() && commit.next().live().is_none() {
            self.erase(thread_no)?;
        }
        match commit.change() {
            Change::None => {}
            Change::Messages(messages) => {
                let first_author = current.and_then(|current| current.first_author);
                let state = commit.next();
                let head = WrittenHead { state, thread_no, revision, first_author };
                self.insert_messages(&head, messages)?;
            }
            Change::Redact(redaction) => self.redact_message(thread_no, redaction)?,
            Change::RedactAuthor(redaction) => self.redact_author(thread_no, redaction)?,
        }
        Ok(CommitOutcome::Committed(revision))
    }

    /// Reads the state that a commit changes. One statement reads everything that a commit of one
    /// message needs.
    fn current_state(&self, commit: &Commit) -> Result<CurrentState, DatabaseError> {
        let id = commit.id();
        let first = match commit.change() {
            Change::Messages(messages) => messages.first(),
            Change::None | Change::Redact(_) | Change::RedactAuthor(_) => None,
        };
        let author = first.map(|new| new.message.author());
        let digest = first.and_then(|new| digest_of(id, new));
        let (lowest, highest) = digest.map(stored_range).unzip();
        let params = params![
            id.location.as_str(),
            id.booking.as_str(),
            lowest,
            highest,
            author.map(|author| author.role.code()),
            author.map(|author| author.id.as_str()),
            author.and_then(|author| author.name.as_ref()).map(DisplayName::as_str),
        ];
        let state = self.query(&self.statements.current_state, params, rows::current_state)?;
        // A location without a row has no head.
        Ok(state.first().copied().unwrap_or_default())
    }

    /// Writes the head of a thread and returns the number of the thread.
    fn put_head(
        &self,
        commit: &Commit,
        revision: Revision,
        current: Option<CurrentHead>,
    ) -> Result<i64, DatabaseError> {
        let values = thread_values(Some(revision), commit.next()).map(Parameter);
        let Some(CurrentHead { thread_no, .. }) = current else {
            let sql = &self.statements.insert_head;
            let inserted = self.query(sql, params_from_iter(values), rows::integer)?;
            return Ok(first(&inserted)?);
        };
        let thread = Parameter(thread_no.into());
        let params = params_from_iter(values.into_iter().chain([thread]));
        self.execute(&self.statements.update_head, params)?;
        // Messages are stored with their time after the creation of the thread. Only a thread without
        // messages gets another time of creation (I5), so this statement usually finds no message.
        let created_at = commit.next().live().map(|thread| thread.created_at().unix_micros());
        if let (Some(before), Some(after)) =
            (current.and_then(|current| current.created_at), created_at)
            && before != after
        {
            self.execute(self.statements.rebase_messages, [thread_no, before - after])?;
        }
        Ok(thread_no)
    }

    /// Deletes everything of a thread but its head.
    fn erase(&self, thread_no: i64) -> Result<(), DatabaseError> {
        let statements = &self.statements;
        self.execute(statements.erase_messages, [thread_no])?;
        self.execute(statements.erase_participants, [thread_no])?;
        Ok(())
    }

    /// Returns the outcome for the first message whose key is taken, or `None` if no key is taken.
    fn first_taken_key(
        &self,
        id: &ThreadId,
        current: CurrentHead,
        messages: &NewMessages,
    ) -> Result<Option<CommitOutcome>, DatabaseError> {
        for (index, NewMessage { message, key, .. }) in messages.iter().enumerate() {
            let Some(key) = key else { continue };
            let query = KeyQuery::new(id, message.author(), key);
            let is_taken = match index {
                0 => current.is_first_key_taken,
                _ => self.is_key_taken(current, &query)?,
            };
            if is_taken && let Some(message) = self.keyed_message(&query)? {
                return Ok(Some(CommitOutcome::KeyTaken { index, message }));
            }
        }
        Ok(None)
    }

    fn is_key_taken(
        &self,
        current: CurrentHead,
        query: &KeyQuery<'_>,
    ) -> Result<bool, DatabaseError> {
        let (lowest, highest) = stored_range(KeyDigest::of(query));
        let params = params![current.thread_no, lowest, highest, current.last_number];
        Ok(self.query(&self.statements.is_key_taken, params, rows::integer)? == [1])
    }

    /// Writes the revision of the location and updates its counts.
    fn put_location(
        &self,
        commit: &Commit,
        revision: Revision,
        current: Option<CurrentHead>,
    ) -> Result<(), DatabaseError> {
        let thread = commit.next().live();
        let is_unread = thread.is_some_and(|thread| thread.is_unread_by(Role::Operator));
        let is_waiting = thread.is_some_and(|thread| thread.waiting_since().is_some());
        let was_unread = current.is_some_and(|current| current.is_unread);
        let was_waiting = current.is_some_and(|current| current.is_waiting);
        let params = params![
            commit.id().location.as_str(),
            i64::from(revision),
            i64::from(is_unread) - i64::from(was_unread),
            i64::from(is_waiting) - i64::from(was_waiting),
        ];
        self.execute(self.statements.put_location, params)?;
        Ok(())
    }

    fn insert_messages(
        &self,
        head: &WrittenHead<'_>,
        messages: &NewMessages,
    ) -> Result<(), DatabaseError> {
        let WrittenHead { state, thread_no, revision, first_author } = *head;
        let id = state.id();
        let created_at = state.live().map(|thread| thread.created_at().unix_micros());
        // The authors of this commit. Most commits have one message, and an import of a thread has
        // few authors.
        let first_author = first_author.map(|number| (messages[0].message.author(), number));
        let mut authors: Vec<(&Participant, i64)> = Vec::from_iter(first_author);
        for new in messages.iter() {
            let message = &new.message;
            let author = message.author();
            let known = authors.iter().find(|(other, _)| *other == author);
            let participant = if let Some((_, participant)) = known {
                *participant
            } else {
                let participant = self.participant(thread_no, author)?;
                authors.push((author, participant));
                participant
            };
            let digest = digest_of(id, new);
            let [_, _, number, ordinal, _, _, _, body, sent_at, revision, flags, redaction] =
                message_values(id, Some(revision), message);
            let values = [
                thread_no.into(),
                number,
                redaction,
                ordinal,
                flags,
                participant.into(),
                Value::Digest(digest),
                body,
                sent_at,
                created_at.into(),
                revision,
            ];
            let params = params_from_iter(values.map(Parameter));
            self.execute(self.statements.insert_message, params)?;
        }
        Ok(())
    }

    /// Returns the number of an author in a thread. Adds a row for a new author or a new name.
    fn participant(&self, thread_no: i64, author: &Participant) -> Result<i64, DatabaseError> {
        let name = author.name.as_ref().map(DisplayName::as_str);
        let params = params![thread_no, author.role.code(), author.id.as_str(), name];
        let found = self.query(&self.statements.participant, params, rows::integer)?;
        if let Some(found) = found.first() {
            return Ok(*found);
        }
        let added = self.query(self.statements.insert_participant, params, rows::integer)?;
        Ok(first(&added)?)
    }

    fn redact_message(&self, thread_no: i64, redaction: &Redaction) -> Result<(), DatabaseError> {
        let Redaction { number, ordinal } = redaction;
        let params = params![thread_no, i64::from(*number), ordinal];
        match self.execute(self.statements.redact_message, params)? {
            0 => Err(InvalidRecord::rule("thread", "the message to redact is missing").into()),
            _ => Ok(()),
        }
    }

    /// Gives some messages of an author the author's row without a name, and deletes each row with
    /// a name that no other message needs.
    fn redact_author(
        &self,
        thread_no: i64,
        redaction: &AuthorRedaction,
    ) -> Result<(), DatabaseError> {
        let AuthorRedaction { role, author, messages } = redaction;
        let statements = &self.statements;
        let params = params![thread_no, role.code(), author.as_str()];
        let named = self.query(statements.named_participants, params, rows::integer)?;
        if named.is_empty() {
            return Ok(());
        }
        let without_name = match role {
            Role::Customer => Participant::customer(author.clone(), None),
            Role::Operator => Participant::operator(author.clone(), None),
        };
        let unnamed = self.participant(thread_no, &without_name)?;
        let (first, last) = (i64::from(*messages.start()), i64::from(*messages.end()));
        for participant in named {
            let params = params![thread_no, first, last, participant, unnamed];
            self.execute(statements.replace_participant, params)?;
            self.execute(statements.delete_unused_participant, params![thread_no, participant])?;
        }
        // The row without a name is also unused if the author has no message in the range.
        self.execute(statements.delete_unused_participant, params![thread_no, unnamed])?;
        Ok(())
    }
}

/// Returns the digest of a new message's key, or `None` if the message has no key.
fn digest_of(thread: &ThreadId, new: &NewMessage) -> Option<KeyDigest> {
    Some(KeyDigest::of(&KeyQuery::new(thread, new.message.author(), new.key.as_ref()?)))
}

/// Returns the value of the row that an `INSERT` with RETURNING gives back.
fn first(values: &[i64]) -> Result<i64, InvalidRecord> {
    values.first().copied().ok_or(InvalidRecord::rule("row", "the new row is missing"))
}
