//! Conversions between the rows of the database and the values of [`frontdesk_sql`].

use frontdesk::store::{LocationRevision, StoredMessage, VersionedThread};
use frontdesk::{InvalidRecord, LocationId};
use frontdesk_sql::{ColumnReader, read_message, read_thread, read_thread_id};
use mysql_async::{Row, Value};

use crate::error::DatabaseError;

/// A row whose columns are read from left to right.
pub(crate) struct Columns(std::vec::IntoIter<Value>);

impl From<Row> for Columns {
    fn from(row: Row) -> Self {
        Self(row.unwrap().into_iter())
    }
}

impl ColumnReader for Columns {
    type Error = DatabaseError;

    fn text(&mut self) -> Result<Option<String>, DatabaseError> {
        match self.0.next() {
            Some(Value::NULL) => Ok(None),
            Some(Value::Bytes(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(InvalidRecord::rule("row", "text is not UTF-8").into()),
            },
            _ => Err(InvalidRecord::rule("row", "column is not text").into()),
        }
    }

    fn integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        match self.0.next() {
            Some(Value::NULL) => Ok(None),
            Some(Value::Int(number)) => Ok(Some(number)),
            _ => Err(InvalidRecord::rule("row", "column is not an integer").into()),
        }
    }

    fn boolean(&mut self) -> Result<Option<bool>, DatabaseError> {
        Ok(self.integer()?.map(|number| number != 0))
    }
}

/// Returns a value as a parameter of a statement.
pub(crate) fn parameter(value: frontdesk_sql::Value<'_>) -> Value {
    match value {
        frontdesk_sql::Value::Text(text) => text.into(),
        frontdesk_sql::Value::Integer(number) => number.into(),
        frontdesk_sql::Value::Boolean(flag) => flag.into(),
        frontdesk_sql::Value::Digest(digest) => {
            digest.map(|digest| digest.to_bytes().to_vec()).into()
        }
    }
}

/// Reads a row of a thread, a link or a tombstone. Returns `None` for a row of an outer join that
/// found no thread.
pub(crate) fn versioned_thread(
    columns: &mut Columns,
) -> Result<Option<VersionedThread>, DatabaseError> {
    match read_thread_id(columns)? {
        Some(id) => Ok(Some(read_thread(&id, columns)?)),
        None => Ok(None),
    }
}

/// Reads a row of a message.
pub(crate) fn stored_message(columns: &mut Columns) -> Result<StoredMessage, DatabaseError> {
    read_message(columns)
}

/// Reads a row of the list of locations.
pub(crate) fn location_revision(columns: &mut Columns) -> Result<LocationRevision, DatabaseError> {
    let (location, revision) = (columns.text()?, columns.integer()?);
    let missing = InvalidRecord::rule("location", "required column is NULL");
    let (Some(location), Some(revision)) = (location, revision) else { return Err(missing.into()) };
    Ok(LocationRevision::new(LocationId::new(location)?, revision.try_into()?))
}
