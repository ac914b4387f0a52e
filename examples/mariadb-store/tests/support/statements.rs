//! Statements that act on the tables without a store.

use frontdesk::store::Revision;
use frontdesk::{LocationId, ThreadId};

/// Sets the counter of an unused location.
pub(crate) fn begin_at(location: &LocationId, revision: Revision) -> String {
    let (location, revision) = (literal(location.as_str()), i64::from(revision));
    format!("INSERT INTO location VALUES ({location}, {revision}, 0, 0)")
}

/// Makes the head of a thread invalid.
pub(crate) fn damage(id: &ThreadId) -> String {
    let [location, booking] = [id.location.as_str(), id.booking.as_str()].map(literal);
    format!(
        "UPDATE thread SET last_number = -1 WHERE location = {location} AND booking = {booking}"
    )
}

/// Writes an id as a literal of SQL.
fn literal(id: &str) -> String {
    format!("'{}'", id.replace('\\', "\\\\").replace('\'', "''"))
}
