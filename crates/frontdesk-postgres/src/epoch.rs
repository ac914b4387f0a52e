use std::hash::{BuildHasher, RandomState};

use crate::engine::Engine;

/// The server's timeline, which changes when a standby is promoted.
///
/// A standby answers `pg_current_wal_lsn()` with the error 55000, so a standby executes no
/// statement that contains this expression. The function is volatile, and Pgpool-II sends
/// statements that call a volatile function to the primary.
const TIMELINE: &str =
    "pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)";

/// A condition that is true on a primary. A standby answers with the error 55000.
pub(crate) const ON_PRIMARY: &str = "pg_catalog.pg_current_wal_lsn() IS NOT NULL";

/// Returns the expression that identifies the history of a server of a Citus cluster: the timeline,
/// and the system identifier, which the server shares with its standbys.
pub(crate) fn history() -> String {
    format!(
        "{TIMELINE} || '-' || (SELECT s.system_identifier FROM pg_catalog.pg_control_system() s)"
    )
}

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
///
/// On PostgreSQL the table `epoch` has one row. On Citus each server has a copy of the table, with
/// one row for the history of each server and the same token in all rows. The worker that holds the
/// location executes the whole statement, so the statement reads the history of this worker. The
/// epoch of all locations changes if one of the servers has a history without a row, and stays the
/// same if Citus moves a location.
pub(crate) fn with_epoch(engine: Engine, parts: &str, select: &str) -> String {
    let token = match engine {
        Engine::Postgres => {
            // The table has one row. Without LIMIT, the planner expects more than a thousand, and
            // copies the rows of `select` before it joins them.
            format!(
                "CASE e.timeline WHEN {TIMELINE} THEN e.token END AS token \
                 FROM schema.epoch e LIMIT 1"
            )
        }
        Engine::Citus => format!(
            "(SELECT e.token FROM schema.epoch e WHERE e.timeline = {}) AS token",
            history()
        ),
    };
    format!(
        "WITH epoch AS MATERIALIZED (SELECT {token}){parts} \
         SELECT epoch.token, r.* FROM epoch LEFT JOIN ({select}) r ON true"
    )
}

/// Returns the statement that stores a token for the server's timeline. The statement changes
/// nothing if the timeline already has a token. If several sessions run it at the same time, only
/// the first changes the row.
pub(crate) fn store_token(engine: Engine) -> String {
    match engine {
        Engine::Postgres => format!(
            "UPDATE schema.epoch e SET timeline = s.timeline, token = $1 \
             FROM (SELECT {TIMELINE} AS timeline) s WHERE e.timeline <> s.timeline"
        ),
        Engine::Citus => "SELECT schema.store_epoch_1($1)".to_owned(),
    }
}

/// Returns a random token. The standard library takes the seed of a `RandomState` from the
/// operating system.
pub(crate) fn random_token() -> i64 {
    RandomState::new().hash_one(0).cast_signed()
}
