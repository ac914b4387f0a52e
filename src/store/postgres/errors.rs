use std::error::Error;
use std::fmt;

use deadpool_postgres::PoolError;
use tokio_postgres::error::{DbError, Severity, SqlState};

use super::migrations::MAX_PARTITIONS;
use crate::id::{IdError, ThreadId};
use crate::record::Corrupt;
use crate::store::StoreError;
use crate::text::LineError;
use crate::timestamp::TimestampError;

/// Why a PostgreSQL database cannot be used as a store. The cause is its `source`.
///
/// ```
/// use frontdesk::store::{PostgresBuilder, PostgresOpenError, PostgresStore};
///
/// let url = PostgresStore::connect("the hotel's").unwrap_err();
/// assert!(matches!(url, PostgresOpenError::Url));
///
/// let asked = PostgresBuilder::MAX_PARTITIONS + 1;
/// let many = PostgresStore::builder().partitions(asked).migrations().unwrap_err();
/// assert!(matches!(many, PostgresOpenError::Partitions { asked: found } if found == asked));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresOpenError {
    /// The URL cannot be read. What is in it is not repeated, since that may be the
    /// password.
    #[error("the URL of the database cannot be read")]
    Url,
    /// A schema's name has 1 to 63 bytes and no NUL.
    #[error("a schema's name has 1 to 63 bytes and no NUL; this one has {bytes} bytes")]
    SchemaName {
        /// Its length.
        bytes: usize,
    },
    /// The database has another encoding than UTF8, which cannot hold, order or give
    /// back all that people write; nothing was changed.
    #[error("the database is encoded in {found}, not in UTF8")]
    Encoding {
        /// Its encoding, as PostgreSQL names it.
        found: String,
    },
    /// A table has 1 to [`MAX_PARTITIONS`](super::PostgresBuilder::MAX_PARTITIONS)
    /// partitions.
    #[error("a table has 1 to {MAX_PARTITIONS} partitions, not {asked}")]
    Partitions {
        /// How many were asked for.
        asked: u16,
    },
    /// The tables were made with another number of partitions; nothing was changed.
    #[error("the tables have {found} partitions (0: they are plain), not {asked}")]
    OtherPartitions {
        /// How many they have; 0, they are plain tables.
        found: u16,
        /// How many were asked for.
        asked: u16,
    },
    /// A newer version of this crate has changed the schema; nothing was changed.
    #[error("the database has schema version {found}, newer than {known}")]
    Newer {
        /// The database's schema version.
        found: i32,
        /// The newest that this version of the crate knows.
        known: i32,
    },
    /// The database cannot be reached, or may only be read; try again later.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused: a missing privilege, a table of somebody else's.
    #[error("the schema cannot be made")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl From<Failure> for PostgresOpenError {
    fn from(failure: Failure) -> Self {
        match failure.remedy() {
            Remedy::Later | Remedy::AnotherLine | Remedy::Again => {
                Self::Unavailable(failure.into())
            }
            _ => Self::Refused(failure.into()),
        }
    }
}

/// What went wrong inside.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// No connection was to be had.
    NoLine(Cause),
    /// A connection was lost, or failed in a way that the server did not explain.
    Lost(Cause),
    /// The server said no, and took back what the statement had done, unless it ended
    /// the connection.
    Refused(Refusal),
    Corrupt(Corrupt),
    /// It, in a row of this thread.
    OfThread(Box<Failure>, ThreadId),
    /// A column has another type than the schema says.
    Column(usize),
    /// The location has the highest revision there is.
    NoRevision,
    /// Others were always faster.
    Outrun,
}

/// What helps against a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The same on another connection; what was sent may have been done.
    AnotherLine,
    /// The same once more: it was taken back for another transaction's sake.
    Again,
    /// Waiting. Nothing was done.
    Later,
    /// A repair. Nothing was done.
    Repair,
    /// None that is known here. Nothing was done.
    Unknown,
}

/// What is told of a failure that the server did not explain: a text that has
/// nothing of what was sent.
#[derive(Debug, Clone)]
pub(super) struct Cause(String);

/// What is told of the server's answer. Its message, detail and hint are left out:
/// they can quote values, such as the body of a message.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    state: SqlState,
    severity: Option<Severity>,
    table: Option<String>,
    constraint: Option<String>,
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said) => Self::Refused(Refusal {
                state: said.code().clone(),
                severity: severity(said),
                table: said.table().map(str::to_owned),
                constraint: said.constraint().map(str::to_owned),
            }),
            None => Self::Lost(Cause(error.to_string())),
        }
    }
}

/// How grave it is. Poolers say it in the old way only, which of PostgreSQL itself can
/// be in another language.
fn severity(said: &DbError) -> Option<Severity> {
    said.parsed_severity().or_else(|| match said.severity() {
        "FATAL" => Some(Severity::Fatal),
        "PANIC" => Some(Severity::Panic),
        _ => None,
    })
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => match Self::from(error) {
                Self::Refused(refusal) => Self::NoLine(Cause(refusal.to_string())),
                Self::Lost(cause) => Self::NoLine(cause),
                other => other,
            },
            PoolError::Timeout(_) => Self::NoLine(Cause("the pool's time-out is over".to_owned())),
            PoolError::Closed => Self::NoLine(Cause("the pool is closed".to_owned())),
            PoolError::NoRuntimeSpecified => {
                Self::NoLine(Cause("the pool has time-outs and no runtime".to_owned()))
            }
            // Of the host's; what it says is not known to hold no words.
            PoolError::PostCreateHook(_) => {
                Self::NoLine(Cause("the pool's own hook failed".to_owned()))
            }
        }
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

impl Refusal {
    /// Whether the line is at fault, and nothing was begun on it: it leads to a server
    /// that may only be read, a replica or a primary that is one no longer (25006); it
    /// was left in a transaction that has failed (25P02); or what was prepared on it is
    /// gone, another's, or of tables that were altered since (of which the server says
    /// "not supported").
    fn is_about_the_line(&self) -> bool {
        ["25006", "25P02", "26000", "42P05", "0A000"].contains(&self.state.code())
    }

    fn remedy(&self) -> Remedy {
        // The connection ends here, whatever for. A server that cannot flush its log
        // to a full or broken disk panics, and may find the commit there when it is
        // back.
        if matches!(self.severity, Some(Severity::Fatal | Severity::Panic)) {
            return Remedy::AnotherLine;
        }
        let code = self.state.code();
        match code {
            // An administrator or a crash ended the connection, and a transaction may
            // have been committed when it came; statement completion unknown.
            "57P01" | "57P02" | "57P03" | "57P05" | "40003" => Remedy::AnotherLine,
            _ if self.is_about_the_line() => Remedy::AnotherLine,
            "40001" | "40P01" => Remedy::Again,
            // Cancelled, by hand or by a time-out; a lock that was not to be had.
            "57014" | "55P03" => Remedy::Later,
            "XX001" | "XX002" => Remedy::Repair,
            _ => match code.get(..2) {
                Some("08") => Remedy::AnotherLine,
                // No memory, disk or connection left; the operating system failed.
                Some("53" | "58") => Remedy::Later,
                _ => Remedy::Unknown,
            },
        }
    }
}

impl Failure {
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Lost(_) => Remedy::AnotherLine,
            Self::Refused(refusal) => refusal.remedy(),
            Self::NoLine(_) | Self::Outrun => Remedy::Later,
            Self::Corrupt(_) | Self::Column(_) => Remedy::Repair,
            Self::OfThread(failure, _) => failure.remedy(),
            Self::NoRevision => Remedy::Unknown,
        }
    }

    /// Whether what was sent may have been done all the same.
    pub(super) fn leaves_doubt(&self) -> bool {
        let not_begun = matches!(self, Self::Refused(said) if said.is_about_the_line());
        self.remedy() == Remedy::AnotherLine && !not_begun
    }

    /// Whether a row of `table` has this primary key already.
    pub(super) fn is_taken_in(&self, table: &str) -> bool {
        matches!(self, Self::Refused(said) if said.state == SqlState::UNIQUE_VIOLATION
            // A partition's is named after the table.
            && said.table.as_deref().is_some_and(|found| found.starts_with(table)))
    }

    /// Whether another process was faster at making the same thing.
    pub(super) fn is_lost_race(&self) -> bool {
        let made = [
            SqlState::UNIQUE_VIOLATION,
            SqlState::DUPLICATE_SCHEMA,
            SqlState::DUPLICATE_TABLE,
            // The type of a table's rows, which is looked for after the table.
            SqlState::DUPLICATE_OBJECT,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        matches!(self, Self::Refused(said) if made.contains(&said.state))
    }

    pub(super) fn of_thread(self, thread: ThreadId) -> Self {
        Self::OfThread(Box::new(self), thread)
    }

    /// As the store's error; nothing was written.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::OfThread(failure, thread) => match *failure {
                Self::Corrupt(corrupt) => StoreError::corrupt(thread, corrupt),
                Self::OfThread(failure, thread) => failure.of_thread(thread).into_error(),
                other if other.remedy() == Remedy::Repair => StoreError::corrupt(thread, other),
                other => other.into_error(),
            },
            Self::Corrupt(corrupt) => corrupt.into(),
            other => match other.remedy() {
                Remedy::Repair => StoreError::damaged(other),
                Remedy::Unknown => StoreError::other(other),
                Remedy::AnotherLine | Remedy::Again | Remedy::Later => {
                    StoreError::unavailable(other)
                }
            },
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL said {}", self.state.code())?;
        if let Some(severity) = &self.severity {
            write!(f, " ({severity})")?;
        }
        if let Some(table) = &self.table {
            write!(f, ", table {table}")?;
        }
        if let Some(constraint) = &self.constraint {
            write!(f, ", constraint {constraint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLine(cause) => write!(f, "no connection was to be had: {cause}"),
            Self::Lost(cause) => write!(f, "the connection failed: {cause}"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Corrupt(corrupt) => corrupt.fmt(f),
            Self::OfThread(failure, _) => failure.fmt(f),
            Self::Column(at) => write!(f, "column {at} has another type than the schema says"),
            Self::NoRevision => f.write_str("the location has the highest revision there is"),
            Self::Outrun => f.write_str("other writers were always faster"),
        }
    }
}

impl Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;

    fn refused(severity: Severity, code: &str) -> Failure {
        let state = SqlState::from_code(code);
        Failure::Refused(Refusal { state, severity: Some(severity), table: None, constraint: None })
    }

    #[test]
    fn a_server_that_breaks_down_or_hangs_up_leaves_a_doubt() {
        // No disk, a flush that failed, a time-out while idle, an error of the server's.
        for code in ["53100", "58030", "25P03", "XX000"] {
            for severity in [Severity::Fatal, Severity::Panic] {
                let failure = refused(severity, code);
                assert!(failure.leaves_doubt(), "{failure}");
                assert_eq!(failure.remedy(), Remedy::AnotherLine, "{failure}");
            }
        }
    }

    #[test]
    fn a_statement_that_was_taken_back_leaves_none() {
        // No memory, no disk, cancelled, a lock that was not to be had, read-only, a
        // prepared statement that is gone.
        for code in [
            "53200", "53100", "58030", "57014", "55P03", "40001", "40P01", "25006", "26000",
            "42P05", "0A000",
        ] {
            let failure = refused(Severity::Error, code);
            assert!(!failure.leaves_doubt(), "{failure}");
            assert_eq!(failure.into_error().kind(), StoreErrorKind::Unavailable, "{code}");
        }
    }

    #[test]
    fn whichever_part_of_a_table_was_there_first_the_race_is_run_again() {
        for code in ["23505", "42P06", "42P07", "42710"] {
            assert!(refused(Severity::Error, code).is_lost_race(), "{code}");
        }
        assert!(!refused(Severity::Error, "42501").is_lost_race());
    }
}
