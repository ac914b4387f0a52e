use std::cell::Cell;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use frontdesk::store::{Epoch, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, Params, Row};

use crate::database_error::DatabaseError;
use crate::epoch;
use crate::forget_progress::ForgetProgress;
use crate::open_error::{OpenError, SqliteOpenError};
use crate::schema;
use crate::statements::Statements;
use crate::synchronous::Synchronous;

/// One connection, the SQL text of its statements, and the epoch of the file.
pub(super) struct Database {
    connection: Connection,
    pub(super) statements: Statements,
    /// Zero until [`open_epoch`](Self::open_epoch) has read it.
    pub(super) epoch: Epoch,
    /// The end of the last step that forgot keys, if there are more keys.
    pub(super) forget_progress: Cell<Option<ForgetProgress>>,
}

impl Database {
    /// Opens a file without changing its schema, which may be missing or old.
    /// [`migrate`](Self::migrate) brings the schema up to date.
    pub(super) fn open(
        path: &Path,
        busy_timeout: Duration,
        synchronous: Synchronous,
    ) -> Result<Self, OpenError> {
        let mut connection = Connection::open(path)?;
        // SQLite opens a file without write permission as a read-only database. The file is
        // refused here, because the first write would fail with an unspecific error.
        if connection.is_readonly("main")? {
            let cause = io::Error::from(io::ErrorKind::PermissionDenied);
            return Err(SqliteOpenError::ReadOnly(cause.into()).into());
        }
        // SQLite takes the timeout as milliseconds in an `i32`, so a longer one is reduced.
        connection.busy_timeout(busy_timeout.min(Duration::from_millis(i32::MAX as u64)))?;
        // The check comes before `enable_wal`, because a change of the journal mode writes
        // to the file, which may belong to another program.
        schema::check(&mut connection)?;
        enable_wal(&connection, busy_timeout)?;
        let journal: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if journal != "wal" {
            // The path `:memory:` names an in-memory database, and an empty path names a
            // temporary database. Neither can have a write-ahead log. Both are refused, because
            // each connection of the store would open a separate database.
            let cause = io::Error::other("the database has no file for a write-ahead log");
            return Err(SqliteOpenError::Unavailable(cause.into()).into());
        }
        let database = Self::new(connection)?;
        database.set_synchronous(synchronous)?;
        Ok(database)
    }

    /// Sets the moments at which the connection waits for the disk.
    pub(super) fn set_synchronous(&self, synchronous: Synchronous) -> Result<(), OpenError> {
        Ok(self.connection.pragma_update(None, "synchronous", synchronous.pragma_value())?)
    }

    /// Sets the number of pages in the write-ahead log at which a commit makes a checkpoint.
    pub(super) fn set_checkpoint_pages(&self, pages: u32) -> Result<(), OpenError> {
        // SQLite takes the number as an `i32` and makes no checkpoints if the number is 0.
        let pages = pages.clamp(1, i32::MAX.unsigned_abs());
        Ok(self.connection.pragma_update(None, "wal_autocheckpoint", pages)?)
    }

    pub(super) fn open_in_memory() -> Result<Self, OpenError> {
        Self::new(Connection::open_in_memory()?)
    }

    fn new(connection: Connection) -> Result<Self, OpenError> {
        // With this setting, SQLite overwrites erased content with zeros (L3).
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        // The capacity exceeds the number of statements, so the connection prepares each
        // statement only once.
        connection.set_prepared_statement_cache_capacity(64);
        // Without this setting, SQLite prepares a statement again each time a value is bound to
        // its LIMIT. The preparation takes several times as long as a small statement itself.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let (statements, forget_progress) = (Statements::new(), Cell::default());
        Ok(Self { connection, statements, epoch: Epoch::ZERO, forget_progress })
    }

    /// Creates the schema or brings it up to date.
    pub(super) fn migrate(&mut self) -> Result<(), OpenError> {
        schema::migrate(&mut self.connection)
    }

    /// Reads the epoch, or renews it if a power failure may have undone commits.
    pub(super) fn open_epoch(&mut self, synchronous: Synchronous) -> Result<Epoch, OpenError> {
        self.epoch = epoch::open_epoch(&mut self.connection, synchronous)?;
        Ok(self.epoch)
    }

    /// Runs a statement and returns the number of changed rows.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, DatabaseError> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// Runs a query and reads all of its rows with `read`.
    pub(super) fn query<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, DatabaseError>,
    ) -> Result<Vec<T>, DatabaseError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            values.push(read(row)?);
        }
        Ok(values)
    }

    /// Runs all queries of `read` in one snapshot.
    pub(super) fn snapshot<T>(
        &self,
        read: impl FnOnce() -> Result<T, DatabaseError>,
    ) -> Result<T, StoreError> {
        self.try_snapshot(read).map_err(DatabaseError::into_store_error)
    }

    /// Does the same as [`snapshot`](Self::snapshot), with an error that several callers can get.
    pub(super) fn try_snapshot<T>(
        &self,
        read: impl FnOnce() -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        self.execute("BEGIN", ())?;
        let result = read();
        let ended = self.execute("COMMIT", ()).inspect_err(|_| self.roll_back());
        result.and_then(|value| ended.map(|_| value))
    }

    /// Returns `true` while a transaction is open. Some errors end the transaction: if the disk
    /// is full, for example, SQLite rolls the transaction back.
    pub(super) fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Rolls back a transaction if one is open.
    pub(super) fn roll_back(&self) {
        if self.is_in_transaction() {
            // If the rollback fails, the next BEGIN fails too and reports an error.
            let _ = self.execute("ROLLBACK", ());
        }
    }
}

/// Switches the journal to a write-ahead log.
///
/// Several processes can open a new file at the same time, and SQLite does not apply the busy
/// timeout to a change of the journal mode. So this function repeats the change until it
/// succeeds or the timeout has passed.
fn enable_wal(connection: &Connection, busy_timeout: Duration) -> Result<(), rusqlite::Error> {
    let start = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < busy_timeout =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}
