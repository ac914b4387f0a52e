//! Rows as heads, tombstones and messages, and back.

use rusqlite::types::{FromSql, ToSqlOutput};
use rusqlite::{Row, ToSql};

use super::errors::Failure;
use crate::id::ThreadId;
use crate::message::Message;
use crate::record::Corrupt;
use crate::store::columns::{self, Value};
use crate::store::{Revision, Stored, ThreadState};

macro_rules! heads {
    ($($rest:literal)+) => {
        concat!(
            "SELECT location, booking, revision, last_number, newest_first IS NULL, ",
            "created_at, first_number, ",
            "by_customer, by_operator, last_role, last_at, preview, preview_cut, ",
            "customer_number, customer_covered, customer_furthest, customer_set_at, ",
            "operator_number, operator_covered, operator_furthest, operator_set_at, ",
            "code, activity, starts_at, duration_secs, status, customer_name, profile ",
            "FROM thread WHERE location = ?1 ",
            $($rest),+
        )
    };
}

macro_rules! messages {
    ($($rest:literal)+) => {
        concat!(
            "SELECT m.number, ordinal, m.role, m.author, name, body, sent_at FROM ",
            $($rest),+
        )
    };
}

pub(super) const HEAD_OF_THREAD: &str = heads!("AND booking = ?2");
pub(super) const INBOX: &str = heads!(
    "AND newest_first IS NOT NULL AND (newest_first, booking) > (?2, ?3) "
    "ORDER BY newest_first, booking LIMIT ?4"
);
pub(super) const UNREAD: &str = heads!(
    "AND awaits = 1 AND (newest_first, booking) > (?2, ?3) "
    "ORDER BY newest_first, booking LIMIT ?4"
);
pub(super) const FEED: &str = heads!("AND revision > ?2 ORDER BY revision LIMIT ?3");

pub(super) const MESSAGES_OLDEST_FIRST: &str = messages!(
    "message m WHERE location = ?1 AND booking = ?2 AND number BETWEEN ?3 AND ?4 "
    "ORDER BY number LIMIT ?5"
);
pub(super) const MESSAGES_NEWEST_FIRST: &str = messages!(
    "message m WHERE location = ?1 AND booking = ?2 AND number BETWEEN ?3 AND ?4 "
    "ORDER BY number DESC LIMIT ?5"
);
pub(super) const MESSAGE_BY_KEY: &str = messages!(
    "idempotency_key k LEFT JOIN message m USING (location, booking, number) "
    "WHERE k.location = ?1 AND k.booking = ?2 AND k.role = ?3 AND k.author = ?4 AND k.key = ?5"
);

/// What a commit has to know of what is stored.
pub(super) const STANDING: &str =
    "SELECT revision, awaits FROM thread WHERE location = ?1 AND booking = ?2";
pub(super) const NEXT_REVISION: &str = "INSERT INTO location VALUES (?1, 1, ?2) \
    ON CONFLICT DO UPDATE SET revision = revision + 1, unread = unread + ?2 RETURNING revision";
pub(super) const PUT_HEAD: &str = "INSERT INTO thread VALUES (\
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const PUT_MESSAGE: &str =
    "INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
pub(super) const PUT_KEY: &str = "INSERT INTO idempotency_key VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
pub(super) const ERASE_MESSAGES: &str = "DELETE FROM message WHERE location = ?1 AND booking = ?2";
pub(super) const ERASE_KEYS: &str =
    "DELETE FROM idempotency_key WHERE location = ?1 AND booking = ?2";

/// The revision that is stored, and whether it counts as unread.
pub(super) struct Standing {
    pub(super) revision: Revision,
    pub(super) awaits: bool,
}

pub(super) fn standing(row: &Row<'_>) -> Result<Standing, Failure> {
    let awaits = row.get::<_, Option<bool>>(1)?.unwrap_or_default();
    Ok(Standing { revision: Revision::try_from(row.get::<_, i64>(0)?)?, awaits })
}

/// The columns of a row from left to right.
struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl Columns<'_, '_> {
    fn next<T: FromSql>(&mut self) -> Result<T, Failure> {
        self.next += 1;
        Ok(self.row.get(self.next - 1)?)
    }
}

impl columns::Columns for Columns<'_, '_> {
    type Failure = Failure;

    fn text(&mut self) -> Result<Option<String>, Failure> {
        self.next()
    }

    fn number(&mut self) -> Result<Option<i64>, Failure> {
        self.next()
    }

    fn flag(&mut self) -> Result<Option<bool>, Failure> {
        self.next()
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Flag(flag) => flag.to_sql(),
        }
    }
}

/// The location's newest revision and its unread number.
pub(super) fn location(row: &Row<'_>) -> Result<(Revision, u64), Failure> {
    columns::location(&mut Columns { row, next: 0 })
}

/// The head or the tombstone of a row; what it cannot be names its thread.
pub(super) fn stored(row: &Row<'_>) -> Result<Stored, Failure> {
    let mut columns = Columns { row, next: 0 };
    let id = columns::id(&mut columns)?.ok_or(Corrupt::rule("row", "it is of no thread"))?;
    columns::stored(&id, &mut columns).map_err(|failure| failure.of_thread(id))
}

/// The message of a row.
pub(super) fn message(row: &Row<'_>) -> Result<Message, Failure> {
    columns::message(&mut Columns { row, next: 0 })
}

/// The parameters of [`PUT_HEAD`].
pub(super) fn head(revision: Revision, state: &ThreadState) -> Vec<Value<'_>> {
    let id = state.id();
    let place: [Value<'_>; 3] =
        [id.location.as_str().into(), id.booking.as_str().into(), i64::from(revision).into()];
    [&place[..], &columns::of_state(state)].concat()
}

/// The parameters of [`PUT_MESSAGE`].
pub(super) fn new_message<'a>(id: &'a ThreadId, message: &'a Message) -> Vec<Value<'a>> {
    let place: [Value<'_>; 2] = [id.location.as_str().into(), id.booking.as_str().into()];
    [&place[..], &columns::of_message(Some(message))].concat()
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::sqlite::schema;

    /// Each statement finds its rows by an index, in the index's order: none scans
    /// a table, none sorts.
    #[test]
    fn each_statement_uses_an_index() {
        let reads = [
            HEAD_OF_THREAD,
            INBOX,
            UNREAD,
            FEED,
            MESSAGES_OLDEST_FIRST,
            MESSAGES_NEWEST_FIRST,
            MESSAGE_BY_KEY,
            STANDING,
        ];
        let erases = [ERASE_MESSAGES, ERASE_KEYS];
        let puts = [NEXT_REVISION, PUT_HEAD, PUT_MESSAGE, PUT_KEY];
        let named = include_str!("rows.rs").matches("pub(super) const ").count() - 1;
        assert_eq!(reads.len() + erases.len() + puts.len(), named, "a statement is not listed");

        let mut connection = Connection::open_in_memory().unwrap();
        schema::prepare(&mut connection).unwrap();
        for sql in reads.into_iter().chain(erases) {
            let plan = plan(&connection, sql);
            assert!(!plan.is_empty(), "{sql}");
            for step in plan {
                assert!(
                    step.starts_with("SEARCH ") && step.contains("location=?"),
                    "{sql}: {step}"
                );
            }
        }
        for sql in puts {
            assert_eq!(plan(&connection, sql), [""; 0], "{sql}");
        }
        for (sql, index) in [
            (INBOX, "thread_inbox (location=? AND (newest_first,booking)>(?,?))"),
            (UNREAD, "thread_unread (location=? AND (newest_first,booking)>(?,?))"),
            (FEED, "thread_feed (location=? AND revision>?)"),
        ] {
            let plan = plan(&connection, sql);
            assert_eq!(plan, [format!("SEARCH thread USING INDEX {index}")]);
        }
    }

    /// The steps by which SQLite runs a statement.
    fn plan(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut steps = statement.raw_query();
        let mut plan = Vec::new();
        while let Some(step) = steps.next().unwrap() {
            plan.push(step.get("detail").unwrap());
        }
        plan
    }
}
