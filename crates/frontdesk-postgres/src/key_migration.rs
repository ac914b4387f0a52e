//! The migration of the keys of the second schema to the messages.

use crate::connections::Connections;
use crate::error::DatabaseError;
use crate::key_lookup::key_digest_of_row;
use crate::row_reader::RowReader;
use crate::schema::Schema;

/// The number of keys that one transaction moves. Meanwhile the writers of one location wait.
const BATCH: i64 = 2_000;

/// The procedure that moves the keys of the table `idempotency_key` to their messages, in many
/// small transactions.
///
/// The remaining rows of the table are the remaining work, so an interrupted procedure continues.
/// Several processes can run it at the same time, and stores can read and write meanwhile.
pub(crate) struct KeyMigration<'a> {
    pub(crate) connections: &'a Connections,
    pub(crate) schema: &'a Schema,
}

/// Locks the location and moves the next keys of the location, from a booking on.
///
/// The snapshot of the candidates can be older than the lock. Another process can have moved or
/// removed some of them since then, and the DELETE skips these rows.
const MOVE_KEYS: &str = "WITH locked AS MATERIALIZED (\
    SELECT FROM schema.location WHERE location = $1 FOR NO KEY UPDATE), \
    candidate AS MATERIALIZED (SELECT k.ctid AS row, k.booking FROM schema.idempotency_key k \
    WHERE k.location = $1 AND k.booking >= $2 AND (SELECT count(*) FROM locked) >= 0 \
    ORDER BY k.booking, k.role, k.author, k.key LIMIT $3), \
    k AS (DELETE FROM schema.idempotency_key k \
    WHERE k.location = $1 AND k.ctid = ANY (ARRAY (SELECT row FROM candidate)) RETURNING k.*), \
    moved AS (UPDATE schema.message m SET key_digest = {digest} FROM k \
    WHERE m.location = $1 AND m.booking = k.booking AND m.number = k.number) \
    SELECT count(*), max(booking) FROM candidate";

/// Finds the next location with keys.
const NEXT_LOCATION: &str = "SELECT min(location) FROM schema.idempotency_key WHERE location > $1";

impl KeyMigration<'_> {
    pub(crate) async fn run(&self) -> Result<(), DatabaseError> {
        match self.move_all().await {
            // Another process has moved all keys and removed the table.
            Err(error) if error.is_undefined_table() => Ok(()),
            moved => moved,
        }
    }

    async fn move_all(&self) -> Result<(), DatabaseError> {
        let next_location = self.schema.qualify(NEXT_LOCATION);
        let move_keys = self.schema.qualify(MOVE_KEYS).replace("{digest}", &key_digest_of_row());
        let mut location = String::new();
        loop {
            let after = [location.as_str().into()];
            let rows = self.connections.query_with_retry(&next_location, &after).await?;
            let next = rows.first().map(|row| RowReader::new(row).read()).transpose()?.flatten();
            let Some(next) = next else { return Ok(()) };
            location = next;
            self.move_location(&move_keys, &location).await?;
        }
    }

    async fn move_location(&self, move_keys: &str, location: &str) -> Result<(), DatabaseError> {
        let mut booking = String::new();
        loop {
            let parameters = [location.into(), booking.as_str().into(), BATCH.into()];
            let rows = self.connections.query_with_retry(move_keys, &parameters).await?;
            let mut row = RowReader::new(rows.first().ok_or(DatabaseError::RetriesExhausted)?);
            let candidates = row.read_integer()?;
            let last: Option<String> = row.read()?;
            match last {
                Some(last) if candidates == BATCH => booking = last,
                _ => return Ok(()),
            }
        }
    }
}
