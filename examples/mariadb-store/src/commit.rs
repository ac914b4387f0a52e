use std::time::{Duration, Instant};

use frontdesk::store::{
    AuthorRedaction, Change, Commit, CommitOutcome, ForgottenKeys, NewMessage, NewMessages,
    Redaction, Revision, StoreError, StoredMessage, VersionedThread,
};
use frontdesk::{InvalidRecord, LocationId, Role, ThreadId, Timestamp};
use frontdesk_sql::{ColumnReader, message_values, thread_values};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Value};

use crate::database::{Database, EPOCH, positional, query};
use crate::error::DatabaseError;
use crate::reads::sql_limit;
use crate::rows::{Columns, location_revision, parameter, stored_message, versioned_thread};
use crate::statements::{
    ADD_COUNTS, DELETE_KEY, ERASE_KEYS, ERASE_MESSAGES, INSERT_KEY, INSERT_LOCATION,
    LOCATION_REVISION, NEXT_REVISION, OLD_KEYS, REDACT, REDACT_AUTHOR,
};

/// The time after which a transaction is not run again.
const RETRY_TIME: Duration = Duration::from_secs(20);

/// The failure of a transaction.
enum Failure {
    /// Nothing was written.
    RolledBack(DatabaseError),
    /// `COMMIT` failed.
    AtCommit(DatabaseError),
}

impl<E: Into<DatabaseError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::RolledBack(error.into())
    }
}

impl Failure {
    /// Returns the error of the store, unless the transaction can be run again.
    fn check_retry(
        self,
        started: Instant,
        rolled_back: impl FnOnce(DatabaseError) -> StoreError,
    ) -> Result<(), StoreError> {
        match self {
            Self::RolledBack(error) | Self::AtCommit(error)
                if error.allows_retry() && started.elapsed() < RETRY_TIME =>
            {
                Ok(())
            }
            Self::RolledBack(error) => Err(rolled_back(error)),
            Self::AtCommit(error) => Err(error.into_commit_error()),
        }
    }
}

impl Database {
    /// Writes a commit. Runs its transaction again after a deadlock, which is not a conflict.
    pub(crate) async fn commit(&self, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        let (id, started) = (commit.id(), Instant::now());
        loop {
            match self.try_commit(commit).await {
                Ok(outcome) => return Ok(outcome),
                Err(Failure::RolledBack(DatabaseError::NoLocation)) => {
                    self.insert_location(&id.location).await?;
                }
                Err(failure) => failure.check_retry(started, |error| error.in_thread(id))?,
            }
        }
    }

    /// Removes keys of messages that were sent before a time.
    pub(crate) async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> Result<ForgottenKeys, StoreError> {
        let started = Instant::now();
        loop {
            match self.try_forget_keys(location, before, limit).await {
                Ok(forgotten) => return Ok(forgotten),
                Err(failure) => failure.check_retry(started, DatabaseError::into_store_error)?,
            }
        }
    }

    async fn insert_location(&self, location: &LocationId) -> Result<(), StoreError> {
        match self.execute(INSERT_LOCATION, vec![location.as_str().into()]).await {
            // The next attempt finds out if the row exists.
            Err(error) if !error.allows_retry() => Err(error.into_store_error()),
            _ => Ok(()),
        }
    }

    async fn try_commit(&self, commit: &Commit) -> Result<CommitOutcome, Failure> {
        let mut connection = self.begin(&self.statements.of_commits()).await?;
        let written = self.write(&mut connection, commit).await;
        finish(connection, written, |outcome| matches!(outcome, CommitOutcome::Committed(_))).await
    }

    /// Begins a transaction. All statements are prepared before it, so that it contains only
    /// executions.
    async fn begin(&self, statements: &[&str]) -> Result<Conn, DatabaseError> {
        let mut connection = self.pool.get_conn().await?;
        for &statement in statements {
            connection.prep(statement).await?;
        }
        connection.query_drop("START TRANSACTION").await?;
        Ok(connection)
    }

    async fn write(
        &self,
        connection: &mut Conn,
        commit: &Commit,
    ) -> Result<CommitOutcome, DatabaseError> {
        let id = commit.id();
        // The first statement locks the location, so the snapshot of the transaction is newer
        // than all other commits to the location.
        let revision = take_revision(connection, id).await?;
        if let Change::Messages(messages) = commit.change()
            && let Some(taken) = self.first_taken_key(connection, id, messages).await?
        {
            return Ok(taken);
        }
        let found = query(connection, &self.statements.head, thread(id), versioned_thread).await?;
        let found: Option<VersionedThread> = found.into_iter().flatten().next();
        if commit.conflicts_with(found.as_ref().map(|found| found.revision), EPOCH) {
            return Ok(CommitOutcome::Conflict(found));
        }
        let values = thread_values(Some(revision), commit.next()).map(parameter);
        let (sql, key) = match found {
            None => (&self.statements.insert_head, Vec::new()),
            Some(_) => (&self.statements.update_head, thread(id)),
        };
        let values = values.into_iter().chain(key).collect();
        connection.exec_drop(sql, Params::Positional(values)).await?;
        if commit.next().live().is_none() {
            connection.exec_drop(ERASE_MESSAGES, positional(thread(id))).await?;
            connection.exec_drop(ERASE_KEYS, positional(thread(id))).await?;
        }
        match commit.change() {
            Change::None => {}
            Change::Messages(messages) => {
                self.insert_messages(connection, (id, revision), messages).await?;
            }
            Change::Redact(redaction) => redact(connection, id, redaction).await?,
            Change::RedactAuthor(redaction) => redact_author(connection, id, redaction).await?,
        }
        add_counts(connection, found.as_ref(), commit).await?;
        Ok(CommitOutcome::Committed(revision))
    }

    /// Returns the outcome for the first message whose key is taken, or `None` if no key is taken.
    async fn first_taken_key(
        &self,
        connection: &mut Conn,
        id: &ThreadId,
        messages: &NewMessages,
    ) -> Result<Option<CommitOutcome>, DatabaseError> {
        for (index, NewMessage { message, key, .. }) in messages.iter().enumerate() {
            let Some(key) = key else { continue };
            let author = message.author();
            let mut parameters = thread(id);
            parameters.push(author.role.code().into());
            parameters.extend([author.id.as_str().into(), key.as_str().into()]);
            let sql = &self.statements.message_by_key;
            let found: Vec<StoredMessage> =
                query(connection, sql, parameters, stored_message).await?;
            if let Some(message) = found.into_iter().next() {
                return Ok(Some(CommitOutcome::KeyTaken { index, message }));
            }
        }
        Ok(None)
    }

    async fn insert_messages(
        &self,
        connection: &mut Conn,
        (id, revision): (&ThreadId, Revision),
        messages: &NewMessages,
    ) -> Result<(), DatabaseError> {
        // One statement for each message. `exec_batch` would use the bulk protocol of MariaDB, which
        // on Galera reports success for a transaction that another node's transaction rolled back.
        for NewMessage { message, key, .. } in messages.iter() {
            let values = message_values(id, Some(revision), message).map(parameter);
            let values = Params::Positional(values.into());
            connection.exec_drop(&self.statements.insert_message, values).await?;
            let Some(key) = key else { continue };
            let author = message.author();
            let mut parameters = thread(id);
            parameters.push(author.role.code().into());
            parameters.extend([author.id.as_str().into(), key.as_str().into()]);
            parameters.push(i64::from(message.number()).into());
            connection.exec_drop(INSERT_KEY, Params::Positional(parameters)).await?;
        }
        Ok(())
    }

    async fn try_forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> Result<ForgottenKeys, Failure> {
        let mut connection = self.begin(&[OLD_KEYS, DELETE_KEY]).await?;
        let deleted = delete_old_keys(&mut connection, location, before, limit).await;
        finish(connection, deleted, |_| true).await
    }
}

/// Ends a transaction: commits it if it was successful and `writes`, else rolls it back.
async fn finish<T>(
    mut connection: Conn,
    result: Result<T, DatabaseError>,
    writes: impl FnOnce(&T) -> bool,
) -> Result<T, Failure> {
    match result {
        Ok(value) if writes(&value) => match connection.query_drop("COMMIT").await {
            Ok(()) => Ok(value),
            Err(error) => Err(Failure::AtCommit(error.into())),
        },
        result => {
            // If this fails, the server rolls back when the connection ends.
            if connection.query_drop("ROLLBACK").await.is_err() {
                let _ = connection.disconnect().await;
            }
            Ok(result?)
        }
    }
}

/// Returns the parameters of a thread's id.
fn thread(id: &ThreadId) -> Vec<Value> {
    vec![id.location.as_str().into(), id.booking.as_str().into()]
}

/// Locks the location and takes its next revision.
async fn take_revision(connection: &mut Conn, id: &ThreadId) -> Result<Revision, DatabaseError> {
    let location = || positional(vec![id.location.as_str().into()]);
    connection.exec_drop(NEXT_REVISION, location()).await?;
    if connection.affected_rows() == 1 {
        let revision = connection.last_insert_id().and_then(|revision| revision.try_into().ok());
        let revision = revision.map(|revision: i64| Revision::try_from(revision)).transpose()?;
        return revision.ok_or(DatabaseError::RevisionsExhausted);
    }
    let parameters = vec![id.location.as_str().into()];
    let found = query(connection, LOCATION_REVISION, parameters, location_revision).await?;
    Err(if found.is_empty() {
        DatabaseError::NoLocation
    } else {
        DatabaseError::RevisionsExhausted
    })
}

async fn redact(
    connection: &mut Conn,
    id: &ThreadId,
    redaction: &Redaction,
) -> Result<(), DatabaseError> {
    let Redaction { number, ordinal } = redaction;
    let mut parameters = vec![Value::from(*ordinal)];
    parameters.extend(thread(id));
    parameters.push(i64::from(*number).into());
    connection.exec_drop(REDACT, positional(parameters)).await?;
    match connection.affected_rows() {
        0 => Err(InvalidRecord::rule("thread", "the message to redact is missing").into()),
        _ => Ok(()),
    }
}

async fn redact_author(
    connection: &mut Conn,
    id: &ThreadId,
    redaction: &AuthorRedaction,
) -> Result<(), DatabaseError> {
    let AuthorRedaction { role, author, messages } = redaction;
    let mut parameters = thread(id);
    let numbers = [messages.start(), messages.end()].map(|number| i64::from(*number).into());
    parameters.extend(numbers);
    parameters.extend([role.code().into(), author.as_str().into()]);
    Ok(connection.exec_drop(REDACT_AUTHOR, positional(parameters)).await?)
}

/// Adds the difference between the replaced and the next state to the location's counts.
async fn add_counts(
    connection: &mut Conn,
    found: Option<&VersionedThread>,
    commit: &Commit,
) -> Result<(), DatabaseError> {
    let before = found.and_then(|found| found.state.live());
    let next = commit.next().live();
    let [unread_before, unread] = [before, next]
        .map(|live| i64::from(live.is_some_and(|live| live.is_unread_by(Role::Operator))));
    let [waiting_before, waiting] =
        [before, next].map(|live| i64::from(live.is_some_and(|it| it.waiting_since().is_some())));
    let (unread, waiting) = (unread - unread_before, waiting - waiting_before);
    if (unread, waiting) == (0, 0) {
        return Ok(());
    }
    let location = commit.id().location.as_str();
    let parameters = vec![unread.into(), waiting.into(), location.into()];
    Ok(connection.exec_drop(ADD_COUNTS, positional(parameters)).await?)
}

async fn delete_old_keys(
    connection: &mut Conn,
    location: &LocationId,
    before: Timestamp,
    limit: usize,
) -> Result<ForgottenKeys, DatabaseError> {
    // The query reads one row more than the limit, to find out if there are more keys.
    let rows = sql_limit(limit.saturating_add(1));
    let location = location.as_str();
    let parameters = vec![location.into(), before.unix_micros().into(), rows.into()];
    let mut keys = query(connection, OLD_KEYS, parameters, key_columns).await?;
    let more = keys.len() > limit;
    keys.truncate(limit);
    let mut removed = 0;
    for key in keys {
        let parameters = std::iter::once(location.into()).chain(key).collect();
        connection.exec_drop(DELETE_KEY, Params::Positional(parameters)).await?;
        removed += usize::try_from(connection.affected_rows()).unwrap_or(0);
    }
    Ok(ForgottenKeys::new(removed, more))
}

/// Reads the columns that identify a key within its location.
fn key_columns(columns: &mut Columns) -> Result<[Value; 4], DatabaseError> {
    let (booking, role) = (columns.text()?, columns.integer()?);
    Ok([booking.into(), role.into(), columns.text()?.into(), columns.text()?.into()])
}
