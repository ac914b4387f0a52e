use frontdesk::{LocationId, Timestamp};
use rusqlite::Row;

use crate::database_error::DatabaseError;

/// The last key that a call removed. The next call with the same location and time continues there,
/// so that it does not read again the messages whose keys are gone.
pub(super) struct ForgetProgress {
    pub(super) location: LocationId,
    pub(super) before: Timestamp,
    pub(super) key: KeyPosition,
}

/// The position of a message whose key can be forgotten.
#[derive(Clone, Default)]
pub(super) struct KeyPosition {
    pub(super) booking: String,
    pub(super) number: i64,
    /// The id of the message in the file.
    pub(super) message: i64,
}

impl KeyPosition {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, DatabaseError> {
        Ok(Self { booking: row.get(0)?, number: row.get(1)?, message: row.get(2)? })
    }
}
