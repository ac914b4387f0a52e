//! Schema and initial rows of the baseline's database.

use frontdesk::{Booking, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

/// The schema of `SqliteStore`.
pub const SCHEMA: &str = concat!(
    include_str!("../../../crates/frontdesk-sqlite/src/schema_1.sql"),
    include_str!("../../../crates/frontdesk-sqlite/src/schema_2.sql"),
    include_str!("../../../crates/frontdesk-sqlite/src/schema_3.sql"),
    include_str!("../../../crates/frontdesk-sqlite/src/schema_4.sql"),
    "DROP TABLE thread_2; DROP TABLE message_2; DROP TABLE idempotency_key_2;",
);

/// Inserts a location without threads.
pub fn insert_location(connection: &Connection, location: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO location (location, revision, unread, waiting) VALUES (?1, 0, 0, 0)";
    connection.prepare_cached(sql)?.execute([location])?;
    Ok(())
}

/// Inserts thread number `index` of a location, without messages. The thread gets a negative
/// revision, which is below the revisions of all commits.
pub fn insert_thread(
    connection: &Connection,
    location: &str,
    booking: &Booking,
    index: usize,
    created_at: Timestamp,
) -> rusqlite::Result<()> {
    let index = i64::try_from(index).expect("the index fits an i64");
    let mut insert = connection.prepare_cached(
        "INSERT INTO head (location, booking, revision, last_number, newest_first, unread, \
         redactions, created_at, first_number, customer_messages, operator_messages, \
         customer_number, customer_covered, customer_furthest, \
         operator_number, operator_covered, operator_furthest, code, activity, starts_at) \
         VALUES (?1, ?2, -1 - ?3, 0, -?4, 0, 0, ?4, 1, 0, 0, 0, 0, 0, 0, 0, 0, ?5, ?6, ?7)",
    )?;
    let (id, code, activity) =
        (booking.id.as_str(), booking.code.as_str(), booking.activity.as_str());
    let created_at = created_at.unix_micros();
    let starts_at = booking.starts_at.map(Timestamp::unix_micros);
    insert.execute(params![location, id, index, created_at, code, activity, starts_at])?;
    Ok(())
}

/// Returns every row of every table, in the order of the primary keys.
pub fn dump(connection: &Connection) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    for table in ["location", "head", "participant", "message"] {
        let mut select = connection.prepare(&format!("SELECT * FROM {table}"))?;
        let columns = select.column_count();
        let found = select.query_map((), |row| (0..columns).map(|at| row.get(at)).collect())?;
        rows.extend(found.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(rows)
}
