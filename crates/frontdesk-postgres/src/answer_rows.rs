use frontdesk::store::Epoch;
use tokio_postgres::Row;

use crate::error::DatabaseError;
use crate::row_reader::RowReader;

/// The rows of an answer, and the epoch of the server that gave it (P7).
pub(crate) struct AnswerRows {
    pub(crate) epoch: Epoch,
    rows: Vec<Row>,
    /// `true` if the first column of the rows is the token.
    has_token: bool,
}

impl AnswerRows {
    /// Takes the rows of a statement made by [`with_epoch`](crate::epoch::with_epoch).
    /// Returns `None` if the server's timeline has no token yet.
    pub(crate) fn new(rows: Vec<Row>) -> Result<Option<Self>, DatabaseError> {
        let first = rows.first().ok_or(DatabaseError::NoEpoch)?;
        let token: Option<i64> = RowReader::new(first).read()?;
        Ok(token.map(|token| Self {
            epoch: Epoch::new(token.cast_unsigned()),
            rows,
            has_token: true,
        }))
    }

    /// Takes rows without a token.
    pub(crate) fn of_epoch(epoch: Epoch, rows: Vec<Row>) -> Self {
        Self { epoch, rows, has_token: false }
    }

    /// Returns a reader for each row, at the column after the token. If the statement selected
    /// no row, its answer has one row in which this column is NULL, and this method returns no
    /// reader.
    pub(crate) fn iter(&self) -> impl Iterator<Item = RowReader<'_>> {
        let readers = self.rows.iter().map(|row| RowReader::new(row).skip(self.has_token.into()));
        readers.filter(|reader| !self.has_token || !reader.is_at_null())
    }

    pub(crate) fn first(&self) -> Option<RowReader<'_>> {
        self.iter().next()
    }
}
