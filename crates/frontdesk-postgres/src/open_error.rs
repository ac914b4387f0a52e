use std::error::Error;

use crate::error::DatabaseError;
use crate::limits::{MAX_PARTITIONS, MAX_SCHEMA_NAME_BYTES, MAX_SHARDS};
use crate::recovery::Recovery;

/// The reason why a PostgreSQL database cannot be used as a store.
///
/// The underlying error, if any, is the `source`.
///
/// ```
/// use frontdesk_postgres::{PostgresBuilder, PostgresOpenError, PostgresStore};
///
/// let invalid = PostgresStore::connect("the hotel's database").unwrap_err();
/// assert!(matches!(invalid, PostgresOpenError::Url));
///
/// let requested = PostgresBuilder::MAX_PARTITIONS + 1;
/// let error = PostgresStore::builder().partitions(requested).migrations().unwrap_err();
/// assert_eq!(error.to_string(), "129 partitions were requested, but a table has 1 to 128");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresOpenError {
    /// The URL is not valid. The error does not repeat it, because it may contain the
    /// password.
    #[error("the URL of the database is not valid")]
    Url,
    /// The name of the schema is empty, has more than 63 bytes or contains NUL.
    #[error(
        "the name of the schema has {bytes} bytes or contains NUL, \
         but needs 1 to {MAX_SCHEMA_NAME_BYTES} bytes without NUL"
    )]
    SchemaName {
        /// The length of the name.
        bytes: usize,
    },
    /// The encoding of the database is not UTF8, so it cannot store every text or order ids
    /// by their bytes. Nothing was changed.
    #[error("the encoding of the database is {found}, but must be UTF8")]
    Encoding {
        /// The encoding, by PostgreSQL's name for it.
        found: String,
    },
    /// The requested number of partitions is 0 or above
    /// [`MAX_PARTITIONS`](crate::PostgresBuilder::MAX_PARTITIONS).
    #[error("{requested} partitions were requested, but a table has 1 to {MAX_PARTITIONS}")]
    Partitions {
        /// The requested number.
        requested: u16,
    },
    /// The tables exist with another number of partitions. Nothing was changed.
    #[error(
        "the tables have {found} partitions (0: not partitioned), but {requested} were requested"
    )]
    PartitionMismatch {
        /// The number of partitions of the tables; 0 if they are not partitioned.
        found: u16,
        /// The requested number.
        requested: u16,
    },
    /// The requested number of shards is 0 or above
    /// [`MAX_SHARDS`](crate::PostgresBuilder::MAX_SHARDS).
    #[error("{requested} shards were requested, but a table has 1 to {MAX_SHARDS}")]
    Shards {
        /// The requested number.
        requested: u16,
    },
    /// Partitions and shards were requested. Shards already split the tables by location.
    #[error("partitions and shards were requested, but a table has only one of them")]
    PartitionsAndShards,
    /// Distributed tables were requested, but the database does not have the extension `citus`.
    /// Nothing was changed.
    #[error("the database does not have the extension citus, which distributes tables")]
    CitusMissing,
    /// Distributed tables were requested, but the tables exist in another form: on one server, or
    /// distributed by another column, or not colocated. Nothing was changed. The last text of
    /// [`PostgresBuilder::migrations`](crate::PostgresBuilder::migrations) distributes the tables
    /// of one server.
    #[error("the tables exist, but are not distributed by location and colocated")]
    NotDistributed,
    /// The tables are distributed, but the store was made without
    /// [`PostgresBuilder::distributed`](crate::PostgresBuilder::distributed). The store would not
    /// notice the failover of a worker (P7). Nothing was changed.
    #[error("the tables are distributed, but the store was made for tables on one server")]
    Distributed,
    /// A newer version of this crate changed the schema. Nothing was changed.
    #[error("the database has schema version {found}, newer than {known}")]
    Newer {
        /// The schema version of the database.
        found: i32,
        /// The newest schema version that this version of the crate supports.
        known: i32,
    },
    /// The server is a standby, which accepts no commit. Connect to the primary: a URL with
    /// `target_session_attrs=read-write` finds it among several hosts. Nothing was changed.
    #[error("the server is a standby, but the store needs the primary")]
    Standby(#[source] Box<dyn Error + Send + Sync>),
    /// The database cannot be reached or is read-only. A later attempt can succeed.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database refused the migration. For example, a privilege is missing, or the
    /// schema contains a table of another program with the same name.
    #[error("the database refused the migration")]
    Server(#[source] Box<dyn Error + Send + Sync>),
}

impl From<DatabaseError> for PostgresOpenError {
    fn from(error: DatabaseError) -> Self {
        if error.is_from_standby() {
            return Self::Standby(error.into());
        }
        match error.recovery() {
            Recovery::Wait | Recovery::Reconnect | Recovery::Retry => {
                Self::Unavailable(error.into())
            }
            Recovery::Repair | Recovery::Unknown => Self::Server(error.into()),
        }
    }
}
