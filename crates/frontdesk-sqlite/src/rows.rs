//! Conversions between the rows of the database and the values of [`frontdesk_sql`].

use std::slice;

use frontdesk::store::{
    LocationCounts, LocationRevision, Revision, StoredMessage, VersionedThread,
};
use frontdesk::{InvalidRecord, LocationId};
use frontdesk_sql::{
    ColumnReader, ID_COLUMNS, MESSAGE_COLUMNS, Value, read_counts, read_message, read_thread,
    read_thread_id,
};
use rusqlite::types::{FromSql, ToSqlOutput, Value as SqlValue};
use rusqlite::{Row, ToSql};

use crate::database_error::DatabaseError;
use crate::key_digest::stored_digest;

/// A row whose columns are read from left to right.
struct SqliteColumns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> SqliteColumns<'r, 's> {
    fn new(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    fn next<T: FromSql>(&mut self) -> Result<T, DatabaseError> {
        self.next += 1;
        Ok(self.row.get(self.next - 1)?)
    }
}

impl ColumnReader for SqliteColumns<'_, '_> {
    type Error = DatabaseError;

    fn text(&mut self) -> Result<Option<String>, DatabaseError> {
        self.next()
    }

    fn integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        self.next()
    }

    fn boolean(&mut self) -> Result<Option<bool>, DatabaseError> {
        self.next()
    }
}

/// A [`Value`] as a parameter of a statement.
pub(super) struct Parameter<'a>(pub(super) Value<'a>);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match &self.0 {
            Value::Text(text) => text.to_sql(),
            Value::Integer(integer) => integer.to_sql(),
            Value::Boolean(boolean) => boolean.to_sql(),
            Value::Digest(digest) => {
                let bytes = digest.map(|digest| stored_digest(digest).to_vec());
                Ok(ToSqlOutput::Owned(bytes.map_or(SqlValue::Null, SqlValue::Blob)))
            }
        }
    }
}

/// Reads a row that contains the counts of a location.
pub(super) fn location_counts(row: &Row<'_>) -> Result<LocationCounts, DatabaseError> {
    read_counts(&mut SqliteColumns::new(row))
}

/// Reads a row of the list of locations.
pub(super) fn location_revision(row: &Row<'_>) -> Result<LocationRevision, DatabaseError> {
    let location = LocationId::new(row.get::<_, String>(0)?)?;
    Ok(LocationRevision::new(location, row.get::<_, i64>(1)?.try_into()?))
}

/// Reads a row of a thread, a link or a tombstone. An error names the thread, unless the id itself
/// is invalid.
pub(super) fn versioned_thread(row: &Row<'_>) -> Result<VersionedThread, DatabaseError> {
    let mut columns = SqliteColumns::new(row);
    let id =
        read_thread_id(&mut columns)?.ok_or(InvalidRecord::rule("thread", "location is NULL"))?;
    read_thread(&id, &mut columns).map_err(|error| error.in_thread(id))
}

/// The columns at the start of a row of a message. The table describes their bits.
pub(super) const PACKED_COLUMNS: [&str; 3] = ["id", "bits", "participant_no"];

/// The highest number, ordinal and redaction ordinal of a message, each of 31 bits.
const MAX_31_BITS: i64 = (1 << 31) - 1;

/// The values of [`PACKED_COLUMNS`].
pub(super) struct PackedValues {
    id: i64,
    bits: i64,
    participant_no: i64,
}

impl PackedValues {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, DatabaseError> {
        Ok(Self { id: row.get(0)?, bits: row.get(1)?, participant_no: row.get(2)? })
    }

    /// Returns the numbers of the thread and of the author.
    pub(super) fn participant(&self) -> (i64, i64) {
        (self.thread_no(), self.participant_no)
    }

    fn thread_no(&self) -> i64 {
        self.id >> 31
    }

    fn number(&self) -> i64 {
        self.id & MAX_31_BITS
    }

    fn flags(&self) -> i64 {
        self.bits & 3
    }

    fn ordinal(&self) -> i64 {
        (self.bits >> 2) & MAX_31_BITS
    }

    fn redaction(&self) -> Option<i64> {
        Some((self.bits >> 33) & MAX_31_BITS).filter(|ordinal| *ordinal > 0)
    }
}

/// The author of a message.
pub(super) struct Author {
    role: i64,
    id: String,
    name: Option<String>,
}

pub(super) fn author(row: &Row<'_>) -> Result<Author, DatabaseError> {
    Ok(Author { role: row.get(0)?, id: row.get(1)?, name: row.get(2)? })
}

/// Reads a row of a message.
pub(super) fn stored_message(
    row: &Row<'_>,
    packed: PackedValues,
    author: &Author,
) -> Result<StoredMessage, DatabaseError> {
    let others = SqliteColumns { row, next: PACKED_COLUMNS.len() };
    let columns = MESSAGE_COLUMNS[ID_COLUMNS.len()..].iter();
    read_message(&mut MessageRow { packed, author, others, columns })
}

/// A row of a message, as the columns that [`read_message`] reads.
struct MessageRow<'r, 's> {
    packed: PackedValues,
    author: &'r Author,
    others: SqliteColumns<'r, 's>,
    /// The columns that are not read yet.
    columns: slice::Iter<'static, &'static str>,
}

impl ColumnReader for MessageRow<'_, '_> {
    type Error = DatabaseError;

    fn text(&mut self) -> Result<Option<String>, DatabaseError> {
        match self.columns.next().copied() {
            Some("author") => Ok(Some(self.author.id.clone())),
            Some("name") => Ok(self.author.name.clone()),
            _ => self.others.text(),
        }
    }

    fn integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        Ok(match self.columns.next().copied() {
            Some("number") => Some(self.packed.number()),
            Some("ordinal") => Some(self.packed.ordinal()),
            Some("flags") => Some(self.packed.flags()),
            Some("redaction") => self.packed.redaction(),
            Some("role") => Some(self.author.role),
            _ => self.others.integer()?,
        })
    }

    fn boolean(&mut self) -> Result<Option<bool>, DatabaseError> {
        self.columns.next();
        self.others.boolean()
    }
}

/// The state that a commit changes.
#[derive(Clone, Copy, Default)]
pub(super) struct CurrentState {
    /// The newest revision of the location.
    pub(super) newest: Revision,
    pub(super) head: Option<CurrentHead>,
}

/// The number of a thread, the number of its last message, the revision of its head, which a commit
/// compares, and the values that the location's counts and the times of the messages depend on.
#[derive(Clone, Copy)]
pub(super) struct CurrentHead {
    pub(super) thread_no: i64,
    pub(super) last_number: i64,
    pub(super) revision: Revision,
    pub(super) is_unread: bool,
    pub(super) is_waiting: bool,
    pub(super) created_at: Option<i64>,
    /// `true` if the thread has a message with the key of the commit's first message.
    pub(super) is_first_key_taken: bool,
    /// The number of the author of the commit's first message, if the author is known in the thread.
    pub(super) first_author: Option<i64>,
}

pub(super) fn current_state(row: &Row<'_>) -> Result<CurrentState, DatabaseError> {
    let newest = row.get::<_, i64>(0)?.try_into()?;
    let Some(thread_no) = row.get(1)? else { return Ok(CurrentState { newest, head: None }) };
    let head = CurrentHead {
        thread_no,
        last_number: row.get(2)?,
        revision: row.get::<_, i64>(3)?.try_into()?,
        is_unread: row.get::<_, Option<bool>>(4)?.unwrap_or_default(),
        is_waiting: row.get(5)?,
        created_at: row.get(6)?,
        is_first_key_taken: row.get::<_, Option<bool>>(7)?.unwrap_or_default(),
        first_author: row.get(8)?,
    };
    Ok(CurrentState { newest, head: Some(head) })
}

/// Reads a row with one integer.
pub(super) fn integer(row: &Row<'_>) -> Result<i64, DatabaseError> {
    Ok(row.get(0)?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::schema;

    /// The virtual columns of the table define the packed values.
    #[test]
    fn packed_values_are_those_of_the_virtual_columns() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let insert = "INSERT OR REPLACE INTO message \
                      (id, bits, participant_no, body, sent_after, revision) \
                      VALUES (?1, ?2, 0, '', 0, 0) \
                      RETURNING thread_no, number, ordinal, flags, redaction";
        let values = [0, 1, 2, 3, 4, (1 << 31) - 2, (1 << 31) - 1];
        for number in values {
            for (ordinal, redaction) in values.iter().flat_map(|at| values.map(|of| (*at, of))) {
                let id = (7 << 31) + number;
                let bits = (redaction << 33) | (ordinal << 2) | (number & 3);
                let expected = connection.query_row(insert, [id, bits], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
                });
                let packed = PackedValues { id, bits, participant_no: 0 };
                let unpacked = (
                    packed.thread_no(),
                    packed.number(),
                    packed.ordinal(),
                    packed.flags(),
                    packed.redaction(),
                );
                assert_eq!(Ok(unpacked), expected, "{id} {bits}");
            }
        }
    }
}
