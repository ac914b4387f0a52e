//! The migration of the rows to the tables of the third schema.
//!
//! `schema_3.sql` renames the tables of the second schema and creates new ones. Each step then moves
//! some rows to the new tables in a transaction of its own. The rows that are left in the old
//! tables are the progress of the migration, so an interrupted migration continues when a store
//! opens the file again. Several processes that open the file at the same time take turns to move
//! rows. A store opens only when no rows are left, so no statement of a store reads the old tables.

use std::io;

use frontdesk::store::KeyQuery;
use frontdesk::{BookingId, IdempotencyKey, LocationId, ParticipantId, Role, ThreadId};
use frontdesk_sql::{KeyDigest, THREAD_COLUMNS};
use rusqlite::{Connection, ErrorCode, Row, Transaction, TransactionBehavior, params};

use crate::key_digest::stored_digest;
use crate::open_error::{OpenError, SqliteOpenError};

/// The version of the schema that created the new tables.
const NEW_TABLES: usize = 3;

/// The number of heads that one step moves. A head has up to six entries in indexes.
const HEADS: i64 = 1_000;
/// The number of messages or of keys that one step moves.
const MESSAGES: i64 = 4_000;

/// Returns the time since which a thread of the first schema waits: the time of the first customer
/// message (role 0) that no operator's message (role 1) followed (U5).
const WAITING_SINCE: &str = "
    (SELECT asked.sent_at FROM message_2 asked
     WHERE asked.location = t.location AND asked.booking = t.booking AND asked.role = 0
       AND asked.number > coalesce(
           (SELECT reply.number FROM message_2 reply
            WHERE reply.location = t.location AND reply.booking = t.booking AND reply.role = 1
            ORDER BY reply.number DESC LIMIT 1), 0)
     ORDER BY asked.number LIMIT 1)";

/// Inserts a row for each author and name of the messages up to a message.
const MOVE_PARTICIPANTS: &str = "
    INSERT INTO participant (thread_no, participant_no, role, author, name)
    SELECT h.thread_no,
           coalesce((SELECT max(participant_no) + 1 FROM participant p
                     WHERE p.thread_no = h.thread_no), 0)
           + row_number() OVER (PARTITION BY h.thread_no ORDER BY min(m.number)) - 1,
           m.role, m.author, m.name
    FROM message_2 m CROSS JOIN head h USING (location, booking)
    WHERE (m.location, m.booking, m.number) <= (?1, ?2, ?3)
      AND NOT EXISTS (SELECT 1 FROM participant p WHERE p.thread_no = h.thread_no
                      AND p.role = m.role AND p.author = m.author AND p.name IS m.name)
    GROUP BY h.thread_no, m.role, m.author, m.name";

const MOVE_MESSAGES: &str = "
    INSERT INTO message (id, bits, participant_no, key_digest, body, sent_after, revision)
    SELECT (h.thread_no << 31) + m.number,
           (coalesce(m.redaction, 0) << 33) | (m.ordinal << 2) | (m.flags & 3),
           p.participant_no, k.digest, m.body, m.sent_at - h.created_at, m.revision
    FROM message_2 m CROSS JOIN head h USING (location, booking)
    CROSS JOIN participant p ON p.thread_no = h.thread_no
      AND p.role = m.role AND p.author = m.author AND p.name IS m.name
    LEFT JOIN moved_key k ON k.id = (h.thread_no << 31) + m.number
    WHERE (m.location, m.booking, m.number) <= (?1, ?2, ?3)";

const DELETE_MOVED_KEYS: &str = "
    DELETE FROM moved_key
    WHERE id <= (SELECT (thread_no << 31) + ?3 FROM head WHERE location = ?1 AND booking = ?2)
      AND EXISTS (SELECT 1 FROM message WHERE message.id = moved_key.id)";

/// The tables that exist only during the migration. The digests of `moved_key` belong to messages
/// that are not moved yet.
const BEGIN: &str = "
    CREATE TABLE migration (from_version INTEGER NOT NULL) STRICT;
    CREATE TABLE moved_key (id INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT;";

const FINISH: &str = "
    UPDATE location SET waiting = (
        SELECT count(*) FROM head
        WHERE head.location = location.location AND waiting_since IS NOT NULL)
    WHERE (SELECT from_version FROM migration) = 1;
    DROP TABLE thread_2;
    DROP TABLE message_2;
    DROP TABLE idempotency_key_2;
    DROP TABLE moved_key;
    DROP TABLE migration;";

/// Records in the file that the rows of the tables with the suffix `_2` must be moved. A new file
/// has no such rows. A file that already has the new tables also has the record, or all its rows were
/// moved.
pub(super) fn begin(transaction: &Transaction<'_>, from_version: usize) -> Result<(), OpenError> {
    if from_version >= NEW_TABLES {
        return Ok(());
    }
    transaction.execute_batch(BEGIN)?;
    let version = i64::try_from(from_version).unwrap_or(i64::MAX);
    transaction.execute("INSERT INTO migration VALUES (?1)", (version,))?;
    if from_version == 0 {
        transaction.execute_batch(FINISH)?;
    }
    Ok(())
}

/// Moves all rows, if the migration of the file is not finished.
pub(super) fn run(connection: &mut Connection) -> Result<(), OpenError> {
    while is_unfinished(connection)? {
        take_turn(connection, take_step)?;
    }
    Ok(())
}

/// Makes a transaction. Makes it again if other processes committed during the whole busy timeout, for
/// example the steps of a migration.
pub(super) fn take_turn(
    connection: &mut Connection,
    transaction: impl Fn(&mut Connection) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    loop {
        let version = data_version(connection)?;
        match transaction(connection) {
            Err(error) if is_busy(&error) && data_version(connection)? != version => {}
            done => return done,
        }
    }
}

fn is_unfinished(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migration')";
    connection.query_row(sql, (), |row| row.get(0))
}

/// Returns a number that changes when another connection commits.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}

fn is_busy(error: &OpenError) -> bool {
    let cause = error.cause().and_then(|cause| cause.downcast_ref::<rusqlite::Error>());
    cause.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseBusy)
}

/// Moves some rows, or removes the old tables when they are empty.
fn take_step(connection: &mut Connection) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process can finish the migration while this process waits for the lock.
    if is_unfinished(&transaction)?
        && !move_heads(&transaction)?
        && !move_keys(&transaction)?
        && !move_messages(&transaction)?
    {
        if has_rows(&transaction, "moved_key")? {
            return Err(missing("the message of a key"));
        }
        transaction.execute_batch(FINISH)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Moves the first heads. Returns `false` if there are none.
fn move_heads(transaction: &Transaction<'_>) -> Result<bool, OpenError> {
    let last = format!(
        "SELECT location, booking FROM \
         (SELECT location, booking FROM thread_2 ORDER BY location, booking LIMIT {HEADS}) \
         ORDER BY location DESC, booking DESC LIMIT 1"
    );
    let Some(last) = last_row(transaction, &last, thread_of)? else { return Ok(false) };
    let columns = THREAD_COLUMNS.join(", ");
    let values = THREAD_COLUMNS.map(|column| match column {
        "waiting_since" => format!(
            "CASE WHEN last_role = 0 AND (SELECT from_version FROM migration) = 1 \
             THEN {WAITING_SINCE} ELSE waiting_since END"
        ),
        column => format!("t.{column}"),
    });
    let insert = format!(
        "INSERT INTO head ({columns}) SELECT {} FROM thread_2 t \
         WHERE (t.location, t.booking) <= (?1, ?2) ORDER BY t.location, t.booking",
        values.join(", ")
    );
    let delete = "DELETE FROM thread_2 WHERE (location, booking) <= (?1, ?2)";
    let moved = transaction.prepare_cached(&insert)?.execute(params![last.0, last.1])?;
    let deleted = transaction.prepare_cached(delete)?.execute(params![last.0, last.1])?;
    all_moved("a head", moved, deleted)
}

/// Moves the first messages. Returns `false` if there are none.
fn move_messages(transaction: &Transaction<'_>) -> Result<bool, OpenError> {
    let last = format!(
        "SELECT location, booking, number FROM \
         (SELECT location, booking, number FROM message_2 \
          ORDER BY location, booking, number LIMIT {MESSAGES}) \
         ORDER BY location DESC, booking DESC, number DESC LIMIT 1"
    );
    let message = |row: &Row<'_>| Ok((thread_of(row)?, row.get::<_, i64>(2)?));
    let Some(last) = last_row(transaction, &last, message)? else { return Ok(false) };
    let ((location, booking), number) = &last;
    let delete = "DELETE FROM message_2 WHERE (location, booking, number) <= (?1, ?2, ?3)";
    let run = |sql| transaction.prepare_cached(sql)?.execute(params![location, booking, number]);
    run(MOVE_PARTICIPANTS)?;
    let moved = run(MOVE_MESSAGES)?;
    // The keys of the moved messages have no higher ids than the last message.
    transaction.execute(DELETE_MOVED_KEYS, params![location, booking, number])?;
    all_moved("the head of a message", moved, run(delete)?)
}

/// Moves the first keys. Returns `false` if there are none.
fn move_keys(transaction: &Transaction<'_>) -> Result<bool, OpenError> {
    let mut select = transaction.prepare_cached(
        "SELECT k.location, k.booking, k.role, k.author, k.key, k.number, h.thread_no \
         FROM (SELECT * FROM idempotency_key_2 \
               ORDER BY location, booking, role, author, key LIMIT ?1) k \
         CROSS JOIN head h USING (location, booking)",
    )?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO moved_key (id, digest) VALUES ((?1 << 31) + ?3, ?2)")?;
    let mut delete = transaction.prepare_cached(
        "DELETE FROM idempotency_key_2 WHERE location = ?1 AND booking = ?2 AND role = ?3 \
         AND author = ?4 AND key = ?5",
    )?;
    let keys = select.query_map((MESSAGES,), OldKey::read)?;
    let keys = keys.collect::<rusqlite::Result<Vec<_>>>()?;
    for key in &keys {
        let OldKey { location, booking, role, author, text, number, thread_no } = key;
        insert.execute(params![thread_no, stored_digest(key.digest()?), number])?;
        delete.execute(params![location, booking, role, author, text])?;
    }
    if keys.is_empty() && has_rows(transaction, "idempotency_key_2")? {
        return Err(missing("the head of a key"));
    }
    Ok(!keys.is_empty())
}

/// A row of the keys of the second schema, with the number of its thread.
struct OldKey {
    location: String,
    booking: String,
    role: i64,
    author: String,
    text: String,
    number: i64,
    thread_no: i64,
}

impl OldKey {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            location: row.get(0)?,
            booking: row.get(1)?,
            role: row.get(2)?,
            author: row.get(3)?,
            text: row.get(4)?,
            number: row.get(5)?,
            thread_no: row.get(6)?,
        })
    }

    fn digest(&self) -> Result<KeyDigest, OpenError> {
        let location = LocationId::new(self.location.as_str()).map_err(damaged)?;
        let booking = BookingId::new(self.booking.as_str()).map_err(damaged)?;
        let (thread, role) =
            (ThreadId::new(location, booking), Role::try_from(self.role).map_err(damaged)?);
        let author = ParticipantId::new(self.author.as_str()).map_err(damaged)?;
        let key = IdempotencyKey::new(self.text.as_str()).map_err(damaged)?;
        Ok(KeyDigest::of(&KeyQuery { thread: &thread, role, author: &author, key: &key }))
    }
}

/// Reads the location and the booking from the first two columns.
fn thread_of(row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// Reads the only row of a query, or `None`.
fn last_row<T>(
    transaction: &Transaction<'_>,
    sql: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, OpenError> {
    let mut statement = transaction.prepare_cached(sql)?;
    Ok(statement.query_map((), read)?.next().transpose()?)
}

fn has_rows(transaction: &Transaction<'_>, table: &str) -> rusqlite::Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table})");
    transaction.query_row(&sql, (), |row| row.get(0))
}

/// Returns `true` if rows were moved, and an error if a row cannot be moved because `required` is
/// missing.
fn all_moved(required: &str, moved: usize, deleted: usize) -> Result<bool, OpenError> {
    if moved != deleted {
        return Err(missing(required));
    }
    Ok(deleted > 0)
}

fn missing(required: &str) -> OpenError {
    damaged(io::Error::other(format!("{required} is missing")))
}

fn damaged(error: impl std::error::Error + Send + Sync + 'static) -> OpenError {
    SqliteOpenError::Damaged(Box::new(error)).into()
}
