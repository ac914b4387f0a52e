//! The order in which locations change: the numbers of transactions, divided by 256.
//!
//! A commit stores the number of its transaction. A list of locations contains the number of the
//! oldest transaction that was running, so every commit that the list does not see has this number or
//! a higher one. Numbers that change with every commit would add an index entry to each commit.

/// The number of the present transaction.
pub(crate) const TRANSACTION: &str = "(pg_catalog.pg_current_xact_id()::text::bigint >> 8)";

/// The number of the oldest transaction that is running.
pub(crate) const OLDEST_RUNNING: &str =
    "(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint >> 8)";
