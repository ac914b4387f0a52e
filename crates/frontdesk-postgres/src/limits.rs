/// The highest number of partitions of a table. It suits any number of cores, and one
/// transaction creates them with the number of locks that a server allows by default.
pub(crate) const MAX_PARTITIONS: u16 = 128;

/// The highest number of shards of a table. One transaction creates the shards of three tables.
pub(crate) const MAX_SHARDS: u16 = 128;

/// The highest number of bytes in the name of a schema: PostgreSQL's `NAMEDATALEN` less the
/// final NUL. PostgreSQL cuts a longer name, so two names could become one.
pub(crate) const MAX_SCHEMA_NAME_BYTES: usize = 63;
