use std::error::Error;
use std::slice;

use frontdesk::LocationId;
use frontdesk::store::{LocationCounts, LocationRevision, StoredMessage, VersionedThread};
use frontdesk_sql::ColumnReader;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use crate::error::DatabaseError;

/// The columns of a row, read from left to right.
#[derive(Clone, Copy)]
pub(crate) struct RowReader<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> RowReader<'r> {
    pub(crate) fn new(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    /// Returns a reader that starts some columns further to the right.
    pub(crate) fn skip(self, columns: usize) -> Self {
        Self { next: self.next + columns, ..self }
    }

    /// Returns `true` if the next column is NULL.
    pub(crate) fn is_at_null(&self) -> bool {
        matches!(self.row.try_get(self.next), Ok(None::<AnyValue>))
    }

    pub(crate) fn read<T: FromSql<'r>>(&mut self) -> Result<T, DatabaseError> {
        let column = self.next;
        self.next += 1;
        self.row.try_get(column).map_err(|_| DatabaseError::ColumnType { column })
    }

    /// Reads an integer column that is not NULL.
    pub(crate) fn read_integer(&mut self) -> Result<i64, DatabaseError> {
        self.read::<Integer>().map(|Integer(integer)| integer)
    }

    /// Reads the counts of a location from three columns, or from one column with an array. Returns
    /// `None` if the array is NULL.
    pub(crate) fn read_counts(&mut self) -> Result<Option<LocationCounts>, DatabaseError> {
        if self.row.columns()[self.next].type_() != &Type::INT8_ARRAY {
            return frontdesk_sql::read_counts(self).map(Some);
        }
        let counts: Option<Vec<i64>> = self.read()?;
        counts.map(|counts| frontdesk_sql::read_counts(&mut Elements(counts.iter()))).transpose()
    }

    /// Reads the columns of a thread, a link or a tombstone; `None` if its id is NULL, as in
    /// an outer join. An error names the thread.
    pub(crate) fn read_thread(&mut self) -> Result<Option<VersionedThread>, DatabaseError> {
        let Some(id) = frontdesk_sql::read_thread_id(self)? else { return Ok(None) };
        frontdesk_sql::read_thread(&id, self).map(Some).map_err(|error| error.in_thread(id))
    }

    pub(crate) fn read_message(&mut self) -> Result<StoredMessage, DatabaseError> {
        frontdesk_sql::read_message(self)
    }

    pub(crate) fn read_location(&mut self) -> Result<LocationRevision, DatabaseError> {
        let location = LocationId::new(self.read::<String>()?)?;
        Ok(LocationRevision::new(location, self.read_integer()?.try_into()?))
    }
}

impl ColumnReader for RowReader<'_> {
    type Error = DatabaseError;

    fn text(&mut self) -> Result<Option<String>, DatabaseError> {
        self.read()
    }

    fn integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        Ok(self.read::<Option<Integer>>()?.map(|Integer(integer)| integer))
    }

    fn boolean(&mut self) -> Result<Option<bool>, DatabaseError> {
        self.read()
    }
}

/// The elements of an array of integers.
struct Elements<'a>(slice::Iter<'a, i64>);

impl ColumnReader for Elements<'_> {
    type Error = DatabaseError;

    fn text(&mut self) -> Result<Option<String>, DatabaseError> {
        Err(DatabaseError::ColumnType { column: 0 })
    }

    fn integer(&mut self) -> Result<Option<i64>, DatabaseError> {
        Ok(self.0.next().copied())
    }

    fn boolean(&mut self) -> Result<Option<bool>, DatabaseError> {
        Err(DatabaseError::ColumnType { column: 0 })
    }
}

/// A value of any type.
struct AnyValue;

impl FromSql<'_> for AnyValue {
    fn from_sql(_: &Type, _: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value of a `smallint`, an `integer` or a `bigint` column.
struct Integer(i64);

impl FromSql<'_> for Integer {
    fn from_sql(sql_type: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        match *sql_type {
            Type::INT2 => i16::from_sql(sql_type, raw).map(|integer| Self(integer.into())),
            Type::INT4 => i32::from_sql(sql_type, raw).map(|integer| Self(integer.into())),
            _ => i64::from_sql(sql_type, raw).map(Self),
        }
    }

    fn accepts(sql_type: &Type) -> bool {
        [Type::INT2, Type::INT4, Type::INT8].contains(sql_type)
    }
}
