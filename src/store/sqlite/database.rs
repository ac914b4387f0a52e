use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, Params, Row, params, params_from_iter};

use super::errors::{Failure, NotOpened, SqliteOpenError};
use super::rows;
use super::{Synchronous, schema};
use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::store::columns;
use crate::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, NewMessage, Revision, StoreError, Stored,
    ThreadPage, ThreadState,
};
use crate::thread::Thread;

/// One connection, with its statements prepared once.
pub(super) struct Database {
    connection: Connection,
}

/// Where a page starts, as the columns have it.
pub(super) struct Place {
    newest_first: i64,
    booking: String,
}

impl Place {
    pub(super) fn after(position: Option<&InboxPosition>) -> Self {
        match position {
            Some(position) => Self {
                newest_first: columns::newest_first(position),
                booking: position.booking().to_owned(),
            },
            None => Self { newest_first: i64::MIN, booking: String::new() },
        }
    }
}

impl Database {
    pub(super) fn open(
        path: &Path,
        busy_timeout: Duration,
        synchronous: Synchronous,
    ) -> Result<Self, NotOpened> {
        let mut connection = Connection::open(path)?;
        // SQLite opens what it cannot write for reading alone, and fails later with
        // whatever it cannot do first.
        if connection.is_readonly("main")? {
            let cause = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(SqliteOpenError::ReadOnly(cause.into()).into());
        }
        // SQLite counts milliseconds in 31 bits.
        connection.busy_timeout(busy_timeout.min(Duration::from_millis(i32::MAX as u64)))?;
        // First of all: to change the journal of another program's file is to
        // change the file.
        schema::check(&mut connection)?;
        write_ahead(&connection, busy_timeout)?;
        let journal: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if journal != "wal" {
            // Of `:memory:` and of no path each connection has a database of its own.
            let cause = io::Error::other("it cannot have a write-ahead log");
            return Err(SqliteOpenError::Unavailable(cause.into()).into());
        }
        let synchronous = match synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        };
        connection.pragma_update(None, "synchronous", synchronous)?;
        Self::of(connection)
    }

    pub(super) fn open_in_memory() -> Result<Self, NotOpened> {
        Self::of(Connection::open_in_memory()?)
    }

    fn of(connection: Connection) -> Result<Self, NotOpened> {
        // What is erased is overwritten (L3).
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.set_prepared_statement_cache_capacity(32);
        // Else SQLite prepares a statement anew for every LIMIT that is bound (22 µs,
        // several times what the smallest of them takes).
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { connection })
    }

    pub(super) fn prepare_schema(&mut self) -> Result<(), NotOpened> {
        schema::prepare(&mut self.connection)
    }

    fn run(&self, sql: &str, params: impl Params) -> Result<usize, Failure> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// What `read` makes of all rows that `sql` finds.
    fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: fn(&Row<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// Reads as of one moment.
    fn snapshot<T>(&self, read: impl FnOnce() -> Result<T, Failure>) -> Result<T, StoreError> {
        self.run("BEGIN", ()).map_err(Failure::into_error)?;
        let found = read();
        let ended = self.run("COMMIT", ());
        found.and_then(|found| ended.map(|_| found)).map_err(Failure::into_error)
    }

    fn head(&self, id: &ThreadId) -> Result<Option<Stored>, Failure> {
        let key = params![id.location.as_str(), id.booking.as_str()];
        Ok(self.list(rows::HEAD_OF_THREAD, key, rows::stored)?.pop())
    }

    /// The location's newest revision and its unread number.
    fn location(&self, location: &LocationId) -> Result<(Revision, u64), Failure> {
        let sql = "SELECT revision, unread FROM location WHERE location = ?1";
        let found = self.list(sql, params![location.as_str()], rows::location)?.pop();
        Ok(found.unwrap_or_default())
    }

    pub(super) fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.head(id).map_err(Failure::into_error)
    }

    pub(super) fn messages(
        &self,
        id: &ThreadId,
        range: &RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = match direction {
            Direction::OldestFirst => rows::MESSAGES_OLDEST_FIRST,
            Direction::NewestFirst => rows::MESSAGES_NEWEST_FIRST,
        };
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        let (from, to) = (i64::from(*range.start()), i64::from(*range.end()));
        self.list(sql, params![location, booking, from, to, most(limit)], rows::message)
            .map_err(|failure| failure.of_thread(id.clone()).into_error())
    }

    pub(super) fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.keyed(id, role, author, key)
            .map_err(|failure| failure.of_thread(id.clone()).into_error())
    }

    fn keyed(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, Failure> {
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        let params = params![location, booking, role.code(), author.as_str(), key.as_str()];
        Ok(self.list(rows::MESSAGE_BY_KEY, params, rows::message)?.pop())
    }

    pub(super) fn threads(
        &self,
        location: &LocationId,
        after: &Place,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let sql = match filter {
            Filter::All => rows::INBOX,
            Filter::Unread => rows::UNREAD,
        };
        let Place { newest_first, booking } = after;
        let params = params![location.as_str(), newest_first, booking, most(limit)];
        self.snapshot(|| {
            let (revision, unread) = self.location(location)?;
            let heads = self.list(sql, params, rows::stored)?;
            let threads = heads.into_iter().filter_map(|stored| match stored.state {
                ThreadState::Live(thread) => Some(thread),
                ThreadState::Erased(_) => None,
            });
            Ok(ThreadPage { threads: threads.collect(), unread, revision })
        })
    }

    pub(super) fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.snapshot(|| {
            let (revision, unread) = self.location(location)?;
            let mut changes = Changes { unread, revision, ..Changes::default() };
            if revision > since {
                // One more tells whether there is more.
                let most = most(limit.saturating_add(1));
                let params = params![location.as_str(), i64::from(since), most];
                changes.changed = self.list(rows::FEED, params, rows::stored)?;
                changes.more = changes.changed.len() > limit;
                changes.changed.truncate(limit);
            }
            Ok(changes)
        })
    }

    /// Commits them one after the other in one transaction, which one `fsync` ends.
    /// Each is whole or not at all, whatever becomes of its neighbours.
    pub(super) fn commit_all(&self, commits: &[Commit]) -> Vec<Result<CommitOutcome, StoreError>> {
        if let Err(failure) = self.run("BEGIN IMMEDIATE", ()) {
            return self.all_failed(commits.len(), &failure, Failure::into_error);
        }
        let mut outcomes = Vec::with_capacity(commits.len());
        for commit in commits {
            match self.commit_one(commit) {
                Ok(outcome) => outcomes.push(
                    outcome.map_err(|failure| failure.of_thread(commit.id().clone()).into_error()),
                ),
                Err(failure) => {
                    return self.all_failed(commits.len(), &failure, Failure::into_error);
                }
            }
        }
        match self.run("COMMIT", ()) {
            Ok(_) => outcomes,
            Err(failure) => self.all_failed(commits.len(), &failure, Failure::at_commit),
        }
    }

    /// Takes back what is left of the transaction; each commit gets the cause.
    fn all_failed(
        &self,
        commits: usize,
        failure: &Failure,
        error: fn(Failure) -> StoreError,
    ) -> Vec<Result<CommitOutcome, StoreError>> {
        if !self.connection.is_autocommit() {
            // If this fails too, the next BEGIN says so.
            let _ = self.run("ROLLBACK", ());
        }
        (0..commits).map(|_| Err(error(failure.clone()))).collect()
    }

    /// Commits one inside of the shared transaction; what fails in it is taken back
    /// and leaves the others alone. The outer error is one that they cannot survive:
    /// what was begun cannot be taken back by itself.
    fn commit_one(&self, commit: &Commit) -> Result<Result<CommitOutcome, Failure>, Failure> {
        self.run("SAVEPOINT one", ())?;
        let outcome = match self.write(commit) {
            // A full disk has taken the whole transaction back.
            Err(failure) if self.connection.is_autocommit() => return Err(failure),
            Err(failure) => {
                self.run("ROLLBACK TO one", ())?;
                Err(failure)
            }
            Ok(outcome) => Ok(outcome),
        };
        self.run("RELEASE one", ())?;
        Ok(outcome)
    }

    fn write(&self, commit: &Commit) -> Result<CommitOutcome, Failure> {
        let Commit { next, expected, message } = commit;
        let id = next.id();
        let (location, booking) = (id.location.as_str(), id.booking.as_str());
        if let Some(NewMessage { message, key: Some(key) }) = message
            && let Some(sent) = self.keyed(id, message.role(), &message.author().id, key)?
        {
            return Ok(CommitOutcome::KeyTaken(sent));
        }
        let found = self.list(rows::STANDING, params![location, booking], rows::standing)?.pop();
        if found.as_ref().map(|found| found.revision) != *expected {
            return Ok(CommitOutcome::Conflict(self.head(id)?));
        }

        let awaited = found.is_some_and(|found| found.awaits);
        let awaits = next.live().is_some_and(Thread::awaits_operator);
        let unread = i64::from(awaits) - i64::from(awaited);
        let revision = self.list(rows::NEXT_REVISION, params![location, unread], |row| {
            Revision::try_from(row.get::<_, i64>(0)?).map_err(|_| Failure::NoRevision)
        })?;
        let revision = revision.first().copied().ok_or(Failure::NoRevision)?;
        self.run(rows::PUT_HEAD, params_from_iter(rows::head(revision, next)))?;
        if next.live().is_none() {
            self.run(rows::ERASE_MESSAGES, params![location, booking])?;
            self.run(rows::ERASE_KEYS, params![location, booking])?;
        }
        if let Some(NewMessage { message, key }) = message {
            self.run(rows::PUT_MESSAGE, params_from_iter(rows::new_message(id, message)))?;
            if let Some(key) = key {
                let (author, number) = (message.author(), i64::from(message.number()));
                let (role, writer) = (author.role.code(), author.id.as_str());
                let row = params![location, booking, role, writer, key.as_str(), number];
                self.run(rows::PUT_KEY, row)?;
            }
        }
        Ok(CommitOutcome::Committed(revision))
    }
}

/// Makes the journal a write-ahead log. SQLite itself does not wait for others
/// here, and many may open a new file at once.
fn write_ahead(connection: &Connection, busy_timeout: Duration) -> Result<(), rusqlite::Error> {
    let start = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < busy_timeout =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            done => return done,
        }
    }
}

/// A limit as SQL has it.
fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
