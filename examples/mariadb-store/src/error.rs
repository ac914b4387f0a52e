use frontdesk::store::StoreError;
use frontdesk::{IdError, InvalidRecord, SingleLineError, ThreadId, TimestampError};
use mysql_async::Error;

/// An error of the database, or of a row that it returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The server refused a statement. The server's message is left out, because it can quote a
    /// value of a column.
    #[error("the server reports error {code} ({state})")]
    Server {
        /// The error code of the server.
        code: u16,
        /// The state of standard SQL.
        state: String,
    },
    /// The connection failed.
    #[error("the connection failed")]
    Connection(#[source] Cause),
    /// A row is not valid.
    #[error(transparent)]
    InvalidRecord(#[from] InvalidRecord),
    /// The row of the location does not exist.
    #[error("the location has no row")]
    NoLocation,
    /// The location already has the highest revision.
    #[error("the location already has the highest revision")]
    RevisionsExhausted,
}

/// The error of the driver behind a [`DatabaseError`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Error);

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        match error {
            Error::Server(error) => Self::Server { code: error.code, state: error.state },
            other => Self::Connection(Cause(other)),
        }
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

from_invalid_values!(IdError, SingleLineError, TimestampError);

/// A deadlock. On Galera also a transaction that another node's transaction overtook.
const DEADLOCK: u16 = 1213;
/// A wait for a lock that took too long. Only the statement is rolled back, so the store rolls
/// back the transaction.
const LOCK_WAIT_TIMEOUT: u16 = 1205;
/// A row changed after the snapshot of the transaction, with `innodb_snapshot_isolation`.
const CHECK_READ: u16 = 1020;
/// A node of a Galera cluster is not in the primary component.
const NODE_NOT_READY: u16 = 1047;
/// The server is shutting down.
const SHUTDOWN: u16 = 1053;
/// Another session killed the connection.
const KILLED: u16 = 1927;

impl DatabaseError {
    /// Returns `true` if nothing was written and the transaction can be run again.
    pub(crate) fn allows_retry(&self) -> bool {
        let retried = [DEADLOCK, LOCK_WAIT_TIMEOUT, CHECK_READ];
        matches!(self, Self::Server { code, .. } if retried.contains(code))
    }

    /// Converts the error of a read, or of a write that was rolled back.
    pub(crate) fn into_store_error(self) -> StoreError {
        let transient = [DEADLOCK, LOCK_WAIT_TIMEOUT, CHECK_READ, NODE_NOT_READY, SHUTDOWN, KILLED];
        match self {
            Self::InvalidRecord(invalid) => invalid.into(),
            Self::Connection(_) => StoreError::unavailable(self),
            Self::Server { code, .. } if transient.contains(&code) => StoreError::unavailable(self),
            other => StoreError::other(other),
        }
    }

    /// Converts the error of a read of one thread.
    pub(crate) fn in_thread(self, thread: &ThreadId) -> StoreError {
        match self {
            Self::InvalidRecord(invalid) => StoreError::corrupt(thread.clone(), invalid),
            other => other.into_store_error(),
        }
    }

    /// Converts the error of a `COMMIT`.
    pub(crate) fn into_commit_error(self) -> StoreError {
        if self.allows_retry() {
            self.into_store_error()
        } else {
            StoreError::outcome_unknown(self)
        }
    }
}
