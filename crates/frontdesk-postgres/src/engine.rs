/// The engine that a store's statements are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// A cluster of PostgreSQL servers with the extension Citus, which distributes the tables by
    /// location.
    Citus,
}
