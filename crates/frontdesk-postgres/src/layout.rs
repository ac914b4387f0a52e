use crate::engine::Engine;
use crate::limits::{MAX_PARTITIONS, MAX_SHARDS};
use crate::open_error::PostgresOpenError;

/// The placement of the tables' rows that the host requested.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Layout {
    /// The number of partitions of each table; `None` if the host accepts any number.
    pub(crate) partitions: Option<u16>,
    /// The number of shards of each table; `None` if the tables are on one server.
    pub(crate) shards: Option<u16>,
}

impl Layout {
    /// Checks that a database can have this layout.
    pub(crate) fn checked(self) -> Result<Self, PostgresOpenError> {
        match self {
            Self { partitions: Some(_), shards: Some(_) } => {
                Err(PostgresOpenError::PartitionsAndShards)
            }
            Self { partitions: Some(requested), .. }
                if !(1..=MAX_PARTITIONS).contains(&requested) =>
            {
                Err(PostgresOpenError::Partitions { requested })
            }
            Self { shards: Some(requested), .. } if !(1..=MAX_SHARDS).contains(&requested) => {
                Err(PostgresOpenError::Shards { requested })
            }
            layout => Ok(layout),
        }
    }

    pub(crate) fn engine(self) -> Engine {
        if self.shards.is_some() { Engine::Citus } else { Engine::Postgres }
    }
}
