use std::error::Error;
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::id::{IdError, ThreadId};
use crate::record::Corrupt;
use crate::store::StoreError;
use crate::text::LineError;
use crate::timestamp::TimestampError;

/// Why an SQLite file cannot be opened as a store. The cause is its `source`.
///
/// ```
/// use frontdesk::store::{SqliteOpenError, SqliteStore};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("letter.txt");
/// std::fs::write(&path, "Dear guest, this is no database at all.")?;
/// assert!(matches!(SqliteStore::open(&path), Err(SqliteOpenError::Damaged(_))));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteOpenError {
    /// It is an SQLite file of another program; nothing was changed in it.
    #[error("the file is another program's database")]
    Foreign,
    /// A newer version of this crate has changed its schema; nothing was changed.
    #[error("the file has schema version {found}, newer than {known}")]
    Newer {
        /// The file's schema version.
        found: i32,
        /// The newest that this version of the crate knows.
        known: i32,
    },
    /// It is no SQLite file, or a damaged one.
    #[error("the file is not a database, or is damaged")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
    /// It may be read here, but not written.
    #[error("the file or its folder cannot be written")]
    ReadOnly(#[source] Box<dyn Error + Send + Sync>),
    /// It cannot be opened: no such folder, no permission, no space, or another
    /// process kept it busy.
    #[error("the file cannot be opened")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// A [`SqliteOpenError`] inside, made of what `rusqlite` says. It is a type of its own so
/// that hosts see nothing of `rusqlite`, whose version is our affair.
#[derive(Debug)]
pub(super) struct NotOpened(SqliteOpenError);

impl From<SqliteOpenError> for NotOpened {
    fn from(error: SqliteOpenError) -> Self {
        Self(error)
    }
}

impl From<NotOpened> for SqliteOpenError {
    fn from(NotOpened(error): NotOpened) -> Self {
        error
    }
}

impl From<rusqlite::Error> for NotOpened {
    fn from(error: rusqlite::Error) -> Self {
        Self(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                SqliteOpenError::Damaged(error.into())
            }
            Some(ErrorCode::ReadOnly) => SqliteOpenError::ReadOnly(error.into()),
            _ => SqliteOpenError::Unavailable(error.into()),
        })
    }
}

impl From<std::io::Error> for NotOpened {
    fn from(error: std::io::Error) -> Self {
        Self(SqliteOpenError::Unavailable(error.into()))
    }
}

/// What went wrong inside.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    Sqlite(Arc<rusqlite::Error>),
    Corrupt(Corrupt),
    /// Either of them, in a row of this thread.
    OfThread(Box<Failure>, ThreadId),
    /// The location has the highest revision there is.
    NoRevision,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

macro_rules! corrupt {
    ($($word:ty),+) => {$(
        impl From<$word> for Failure {
            fn from(error: $word) -> Self {
                Self::Corrupt(error.into())
            }
        }
    )+};
}

corrupt!(Corrupt, IdError, LineError, TimestampError);

impl Failure {
    pub(super) fn of_thread(self, thread: ThreadId) -> Self {
        Self::OfThread(Box::new(self), thread)
    }

    /// As the store's error; nothing was written.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::OfThread(failure, thread) => match *failure {
                Self::Corrupt(corrupt) => StoreError::corrupt(thread, corrupt),
                Self::Sqlite(error) if is_corrupt(&error) => StoreError::corrupt(thread, error),
                other => other.into_error(),
            },
            Self::Corrupt(corrupt) => corrupt.into(),
            Self::NoRevision => StoreError::other("the location has the highest revision there is"),
            Self::Sqlite(error) if is_corrupt(&error) => StoreError::damaged(error),
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(
                    ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::DiskFull
                    | ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::OutOfMemory,
                ) => StoreError::unavailable(error),
                _ => StoreError::other(error),
            },
        }
    }

    /// As the error of a transaction whose COMMIT failed: when the disk failed, it
    /// may have been written.
    pub(super) fn at_commit(self) -> StoreError {
        match self {
            Self::Sqlite(error)
                if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) =>
            {
                StoreError::outcome_unknown(error)
            }
            other => other.into_error(),
        }
    }
}

/// Whether it is the file that is damaged, or a value that its column cannot have.
fn is_corrupt(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sqlite;
    let damaged = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    );
    let wrong_value = matches!(
        error,
        Sqlite::FromSqlConversionFailure(..)
            | Sqlite::IntegralValueOutOfRange(..)
            | Sqlite::InvalidColumnType(..)
            | Sqlite::Utf8Error(..)
    );
    damaged || wrong_value
}
