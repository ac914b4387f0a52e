use std::hash::{BuildHasher, RandomState};

/// The server's timeline, which changes when a standby is promoted.
///
/// A standby answers `pg_current_wal_lsn()` with the error 55000, so a standby executes no
/// statement that contains this expression. The function is volatile, and Pgpool-II sends
/// statements that call a volatile function to the primary.
const TIMELINE: &str =
    "pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)";

/// A condition that is true on a primary. A standby answers with the error 55000.
pub(crate) const ON_PRIMARY: &str = "pg_catalog.pg_current_wal_lsn() IS NOT NULL";

/// Returns a statement whose rows begin with a column `token`, followed by the columns of
/// `select`. The token is the epoch. `parts` are further parts of the `WITH` clause, and a comma
/// precedes each part.
///
/// The token is NULL until the first session of a timeline has stored a token. In this case the
/// statement must write nothing, because the caller stores a token and runs the statement again.
///
/// If `select` returns no row, the statement returns one row, in which the other columns are
/// NULL. The join has no condition, so the server can execute the join only as a nested loop,
/// and the rows keep the order of `select`.
pub(crate) fn with_epoch(parts: &str, select: &str) -> String {
    format!(
        "WITH epoch AS MATERIALIZED (SELECT CASE e.timeline WHEN {TIMELINE} THEN e.token END \
         AS token FROM schema.epoch e){parts} \
         SELECT epoch.token, r.* FROM epoch LEFT JOIN ({select}) r ON true"
    )
}

/// Returns the statement that stores a token for the server's timeline. The statement changes
/// nothing if the timeline already has a token. If several sessions run it at the same time, only
/// the first changes the row.
pub(crate) fn store_token() -> String {
    format!(
        "UPDATE schema.epoch e SET timeline = s.timeline, token = $1 \
         FROM (SELECT {TIMELINE} AS timeline) s WHERE e.timeline <> s.timeline"
    )
}

/// Returns a random token. The standard library takes the seed of a `RandomState` from the
/// operating system.
pub(crate) fn random_token() -> i64 {
    RandomState::new().hash_one(0).cast_signed()
}
