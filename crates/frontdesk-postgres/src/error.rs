use std::error::Error;
use std::fmt;

use deadpool_postgres::PoolError;
use frontdesk::store::StoreError;
use frontdesk::{IdError, InvalidRecord, SingleLineError, ThreadId, TimestampError};

use crate::recovery::Recovery;
use crate::server_error::ServerError;

/// The error of one attempt to use the database.
#[derive(Debug, Clone)]
pub(crate) enum DatabaseError {
    /// No connection could be opened.
    ConnectFailed(Cause),
    /// The connection was lost, or failed without an error from the server.
    ConnectionLost(Cause),
    /// The server reported an error. It rolled the statement back, unless it closed the
    /// connection.
    Server(ServerError),
    /// A row holds invalid data.
    InvalidRecord(InvalidRecord),
    /// A column of a row has another type than in the schema.
    ColumnType { column: usize },
    /// The table `epoch` has no row for the server's timeline, although the store has just
    /// written it.
    NoEpoch,
    /// An error of another variant, in a row of this thread.
    InThread(Box<DatabaseError>, ThreadId),
    /// The location has used the highest revision.
    RevisionsExhausted,
    /// Other transactions succeeded first in every attempt.
    RetriesExhausted,
}

/// The text of an error that the server did not report. The text contains no part
/// of the statement or its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Cause(String);

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(reported) => Self::Server(reported.into()),
            None => Self::ConnectionLost(Cause(error.to_string())),
        }
    }
}

impl From<PoolError> for DatabaseError {
    fn from(error: PoolError) -> Self {
        let cause = match error {
            PoolError::Backend(error) => match error.as_db_error() {
                Some(reported) => ServerError::from(reported).to_string(),
                None => error.to_string(),
            },
            PoolError::Timeout(_) => "timeout of the pool".to_owned(),
            PoolError::Closed => "the pool is closed".to_owned(),
            PoolError::NoRuntimeSpecified => "the pool has timeouts but no runtime".to_owned(),
            // The host's hook may quote anything in its error.
            PoolError::PostCreateHook(_) => "a hook of the pool failed".to_owned(),
        };
        Self::ConnectFailed(Cause(cause))
    }
}

macro_rules! from_invalid_data {
    ($($error:ty),+) => {$(
        impl From<$error> for DatabaseError {
            fn from(error: $error) -> Self {
                Self::InvalidRecord(error.into())
            }
        }
    )+};
}

from_invalid_data!(InvalidRecord, IdError, SingleLineError, TimestampError);

impl DatabaseError {
    pub(crate) fn recovery(&self) -> Recovery {
        match self {
            Self::ConnectionLost(_) => Recovery::Reconnect,
            Self::Server(error) => error.recovery(),
            Self::ConnectFailed(_) | Self::RetriesExhausted => Recovery::Wait,
            Self::InvalidRecord(_) | Self::ColumnType { .. } | Self::NoEpoch => Recovery::Repair,
            Self::InThread(error, _) => error.recovery(),
            Self::RevisionsExhausted => Recovery::Unknown,
        }
    }

    /// Returns `true` if the server may have executed the statement although it failed.
    pub(crate) fn leaves_outcome_unknown(&self) -> bool {
        let did_not_start = matches!(self, Self::Server(error) if error.is_unusable_connection());
        self.recovery() == Recovery::Reconnect && !did_not_start
    }

    /// Returns `true` if the statement uses a table that does not exist.
    pub(crate) fn is_undefined_table(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_undefined_table())
    }

    /// Returns `true` if the role lacks a privilege.
    pub(crate) fn is_missing_privilege(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_missing_privilege())
    }

    /// Returns `true` if another process created the same schema object first.
    pub(crate) fn is_concurrent_creation(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_concurrent_creation())
    }

    /// Returns `true` if the server is a standby.
    pub(crate) fn is_from_standby(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_from_standby())
    }

    /// Returns `true` if the statement failed because it was prepared before.
    pub(crate) fn is_from_prepared_statement(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_from_prepared_statement())
    }

    pub(crate) fn in_thread(self, thread: ThreadId) -> Self {
        Self::InThread(Box::new(self), thread)
    }

    /// Converts an error after which nothing was written.
    pub(crate) fn into_store_error(self) -> StoreError {
        let (error, thread) = match self {
            // The innermost thread is the one whose row was read.
            Self::InThread(error, thread) => match *error {
                nested @ Self::InThread(..) => return nested.into_store_error(),
                error => (error, Some(thread)),
            },
            error => (error, None),
        };
        match (error.recovery(), thread) {
            (Recovery::Repair, Some(thread)) => StoreError::corrupt(thread, error.into_source()),
            (Recovery::Repair, None) => StoreError::corrupt_row(error.into_source()),
            (Recovery::Unknown, _) => StoreError::other(error),
            (Recovery::Reconnect | Recovery::Retry | Recovery::Wait, _) => {
                StoreError::unavailable(error)
            }
        }
    }

    /// Returns the error of a row as the source of a [`StoreError`].
    fn into_source(self) -> Box<dyn Error + Send + Sync> {
        match self {
            Self::InvalidRecord(invalid) => invalid.into(),
            other => other.into(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectFailed(cause) => write!(f, "no connection: {cause}"),
            Self::ConnectionLost(cause) => write!(f, "lost the connection: {cause}"),
            Self::Server(error) => error.fmt(f),
            Self::InvalidRecord(invalid) => invalid.fmt(f),
            Self::ColumnType { column } => {
                write!(f, "column {column} of a row has another type than in the schema")
            }
            Self::NoEpoch => f.write_str("the table epoch must have exactly one row"),
            Self::InThread(error, _) => error.fmt(f),
            Self::RevisionsExhausted => f.write_str("the location has used all revisions"),
            Self::RetriesExhausted => {
                f.write_str("other transactions succeeded first in every attempt")
            }
        }
    }
}

impl Error for DatabaseError {}

#[cfg(test)]
mod tests {
    use frontdesk::store::StoreErrorKind;
    use tokio_postgres::error::Severity;

    use super::*;

    fn server_error(severity: Severity, code: &str) -> DatabaseError {
        DatabaseError::Server(ServerError::with_code(severity, code))
    }

    #[test]
    fn an_error_that_closes_the_connection_leaves_the_outcome_unknown() {
        // Disk full, failed flush, idle timeout, internal error.
        for code in ["53100", "58030", "25P03", "XX000"] {
            for severity in [Severity::Fatal, Severity::Panic] {
                let error = server_error(severity, code);
                assert!(error.leaves_outcome_unknown(), "{error}");
                assert_eq!(error.recovery(), Recovery::Reconnect, "{error}");
            }
        }
    }

    #[test]
    fn after_an_error_that_rolled_back_the_statement_the_outcome_is_known() {
        // Out of memory, disk full, I/O error, cancelled, lock not available, serialization
        // failure, deadlock, moving shard, read-only server, standby, lost or outdated prepared
        // statement.
        for code in [
            "53200", "53100", "58030", "57014", "55P03", "40001", "40P01", "CIINF", "25006",
            "55000", "26000", "42P05", "0A000",
        ] {
            let error = server_error(Severity::Error, code);
            assert!(!error.leaves_outcome_unknown(), "{error}");
            assert_eq!(error.into_store_error().kind(), StoreErrorKind::Unavailable, "{code}");
        }
    }

    #[test]
    fn a_lost_worker_of_citus_leaves_the_outcome_unknown() {
        let error = DatabaseError::Server(ServerError::of_lost_worker());
        assert!(error.leaves_outcome_unknown(), "{error}");
        assert_eq!(error.recovery(), Recovery::Reconnect);
        // An internal error of the server itself rolled the statement back.
        assert!(!server_error(Severity::Error, "XX000").leaves_outcome_unknown());
    }

    #[test]
    fn every_kind_of_duplicate_object_is_a_concurrent_creation() {
        for code in ["23505", "42P06", "42P07", "42710"] {
            assert!(server_error(Severity::Error, code).is_concurrent_creation(), "{code}");
        }
        assert!(!server_error(Severity::Error, "42501").is_concurrent_creation());
    }
}
