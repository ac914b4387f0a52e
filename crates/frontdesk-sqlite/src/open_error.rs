use std::error::Error;

use rusqlite::ErrorCode;

/// The reason why a file cannot be opened as a store.
///
/// The underlying error, if any, is the `source`.
///
/// ```
/// use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("letter.txt");
/// std::fs::write(&path, "Dear guest, this file is not a database.")?;
/// assert!(matches!(SqliteStore::open(&path), Err(SqliteOpenError::Damaged(_))));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteOpenError {
    /// The file is an SQLite database that another program made. The file is unchanged.
    #[error("the file is a database of another program")]
    Foreign,
    /// A newer version of this crate changed the schema of the file. The file is unchanged.
    #[error("the file has schema version {found}, newer than {known}")]
    Newer {
        /// The schema version of the file.
        found: i32,
        /// The newest schema version that this version of the crate supports.
        known: i32,
    },
    /// The file is not an SQLite database, or it is damaged.
    #[error("the file is not an SQLite database or is damaged")]
    Damaged(#[source] Box<dyn Error + Send + Sync>),
    /// The process can read the file, but cannot write to the file or to its folder.
    #[error("the file or its folder is not writable")]
    ReadOnly(#[source] Box<dyn Error + Send + Sync>),
    /// The file cannot be opened. For example, its folder does not exist, a permission is
    /// missing, the disk is full, or another process kept the file locked.
    #[error("the file cannot be opened")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// A [`SqliteOpenError`] that the `?` operator makes from an error of `rusqlite`.
///
/// A `From` implementation on the public type would make the version of `rusqlite` a part
/// of the public API.
#[derive(Debug)]
pub(super) struct OpenError(SqliteOpenError);

impl OpenError {
    /// Returns the underlying error.
    pub(super) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<SqliteOpenError> for OpenError {
    fn from(error: SqliteOpenError) -> Self {
        Self(error)
    }
}

impl From<OpenError> for SqliteOpenError {
    fn from(OpenError(error): OpenError) -> Self {
        error
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        let is_unexpected_row = matches!(
            error,
            rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::InvalidColumnType(..)
        );
        Self(match error.sqlite_error_code() {
            _ if is_unexpected_row => SqliteOpenError::Damaged(error.into()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                SqliteOpenError::Damaged(error.into())
            }
            Some(ErrorCode::ReadOnly) => SqliteOpenError::ReadOnly(error.into()),
            _ => SqliteOpenError::Unavailable(error.into()),
        })
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self(SqliteOpenError::Unavailable(error.into()))
    }
}
