use std::sync::Arc;

use frontdesk::store::StoreError;
use frontdesk::{IdError, InvalidRecord, SingleLineError, ThreadId, TimestampError};
use rusqlite::ErrorCode;

/// An error of a statement, or of a row that the statement returned.
///
/// The type is `Clone` because every commit of a failed transaction gets the same error.
#[derive(Debug, Clone)]
pub(super) enum DatabaseError {
    Sqlite(Arc<rusqlite::Error>),
    InvalidRecord(InvalidRecord),
    /// One of the other errors, with the thread whose rows were read or written.
    InThread(Box<DatabaseError>, ThreadId),
    /// The location already has the highest revision.
    RevisionsExhausted,
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

macro_rules! from_invalid_values {
    ($($error:ty),+) => {$(
        impl From<$error> for DatabaseError {
            fn from(error: $error) -> Self {
                Self::InvalidRecord(error.into())
            }
        }
    )+};
}

from_invalid_values!(InvalidRecord, IdError, SingleLineError, TimestampError);

impl DatabaseError {
    /// Adds the thread whose rows were read or written.
    pub(super) fn in_thread(self, thread: ThreadId) -> Self {
        Self::InThread(Box::new(self), thread)
    }

    /// Converts the error of a read, or of a write that was rolled back.
    pub(super) fn into_store_error(self) -> StoreError {
        match self {
            Self::InThread(error, thread) => match *error {
                Self::InvalidRecord(invalid) => StoreError::corrupt(thread, invalid),
                Self::Sqlite(error) if is_corrupt(&error) => StoreError::corrupt(thread, error),
                other => other.into_store_error(),
            },
            Self::InvalidRecord(invalid) => invalid.into(),
            Self::RevisionsExhausted => {
                StoreError::other("the location already has the highest revision")
            }
            Self::Sqlite(error) if is_corrupt(&error) => StoreError::corrupt_row(error),
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

    /// Converts the error of a `COMMIT` statement. After an I/O error the outcome is unknown,
    /// because the transaction may already be in the log on the disk.
    pub(super) fn into_commit_error(self) -> StoreError {
        match self {
            Self::Sqlite(error)
                if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) =>
            {
                StoreError::outcome_unknown(error)
            }
            other => other.into_store_error(),
        }
    }
}

/// Returns `true` if the file is damaged, or if a value does not fit the type of its column.
fn is_corrupt(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sqlite;
    let is_damaged = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    );
    let is_wrong_type = matches!(
        error,
        Sqlite::FromSqlConversionFailure(..)
            | Sqlite::IntegralValueOutOfRange(..)
            | Sqlite::InvalidColumnType(..)
            | Sqlite::Utf8Error(..)
    );
    is_damaged || is_wrong_type
}
