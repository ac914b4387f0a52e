//! The bounds of reads as parameters of statements.

use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::{LocationCounts, VersionedThread};
use frontdesk_sql::{newest_first, read_counts};

use crate::error::DatabaseError;
use crate::rows::{Columns, versioned_thread};

/// Converts a limit to the integer type of the database.
pub(crate) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Returns the values that determine the order of the inbox and of the unread threads.
pub(crate) fn inbox_position(position: &InboxPosition) -> (i64, &str) {
    (newest_first(position), position.booking())
}

/// Returns the values that determine the order of the waiting threads.
pub(crate) fn waiting_position(position: &WaitingPosition) -> (i64, &str) {
    (position.waiting_since().unix_micros(), position.booking())
}

/// Reads a row with the location's counts and a head. A location without heads has one row.
pub(crate) fn counts_and_head(
    columns: &mut Columns,
) -> Result<(LocationCounts, Option<VersionedThread>), DatabaseError> {
    Ok((read_counts(columns)?, versioned_thread(columns)?))
}

/// Joins the rows of a list.
pub(crate) fn counts_and_heads(
    rows: Vec<(LocationCounts, Option<VersionedThread>)>,
) -> (LocationCounts, Vec<VersionedThread>) {
    let counts = rows.first().map(|(counts, _)| *counts).unwrap_or_default();
    (counts, rows.into_iter().filter_map(|(_, head)| head).collect())
}
