//! Rows as heads, tombstones and messages, and back.

use rusqlite::types::FromSql;
use rusqlite::{Row, ToSql, named_params};

use super::errors::Failure;
use crate::booking::BookingRecord;
use crate::id::{BookingId, LocationId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageRecord};
use crate::participant::{Role, Sides};
use crate::store::{Revision, Stored, ThreadState};
use crate::text::Preview;
use crate::thread::{LastMessage, MarkRecord, Thread, ThreadRecord, Tombstone};
use crate::timestamp::Timestamp;

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
            "SELECT m.number, ordinal, m.role, m.author, name, body, sent_at FROM message m ",
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
    "WHERE location = ?1 AND booking = ?2 AND number BETWEEN ?3 AND ?4 "
    "ORDER BY number LIMIT ?5"
);
pub(super) const MESSAGES_NEWEST_FIRST: &str = messages!(
    "WHERE location = ?1 AND booking = ?2 AND number BETWEEN ?3 AND ?4 "
    "ORDER BY number DESC LIMIT ?5"
);
pub(super) const MESSAGE_BY_KEY: &str = messages!(
    "JOIN idempotency_key k USING (location, booking, number) "
    "WHERE k.location = ?1 AND k.booking = ?2 AND k.role = ?3 AND k.author = ?4 AND k.key = ?5"
);

/// What a commit has to know of what is stored.
pub(super) const STANDING: &str =
    "SELECT revision, awaits FROM thread WHERE location = ?1 AND booking = ?2";
pub(super) const NEXT_REVISION: &str = "INSERT INTO location VALUES (?1, 1, ?2) \
    ON CONFLICT DO UPDATE SET revision = revision + 1, unread = unread + ?2 RETURNING revision";
pub(super) const PUT_HEAD: &str = "INSERT INTO thread VALUES (\
    :location, :booking, :revision, :last_number, :newest_first, :awaits, \
    :created_at, :first_number, :by_customer, :by_operator, \
    :last_role, :last_at, :preview, :preview_cut, \
    :customer_number, :customer_covered, :customer_furthest, :customer_set_at, \
    :operator_number, :operator_covered, :operator_furthest, :operator_set_at, \
    :code, :activity, :starts_at, :duration_secs, :status, :customer_name, :profile)";
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

/// Where a thread stands in the inbox, as the columns have it.
pub(super) fn newest_first(position: &InboxPosition) -> i64 {
    -position.active_at().unix_micros()
}

/// A row's columns from left to right.
struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl Columns<'_, '_> {
    fn next<T: FromSql>(&mut self) -> Result<T, Failure> {
        self.next += 1;
        Ok(self.row.get(self.next - 1)?)
    }

    fn time(&mut self) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_unix_micros(self.next()?)?)
    }

    fn mark(&mut self) -> Result<MarkRecord, Failure> {
        let (number, covered, furthest) = (self.next()?, self.next()?, self.next()?);
        let set_at = self.next::<Option<i64>>()?.map(Timestamp::from_unix_micros).transpose()?;
        Ok(MarkRecord { number, covered, furthest, set_at })
    }
}

/// The head or the tombstone of a row; what it cannot be names its thread.
pub(super) fn stored(row: &Row<'_>) -> Result<Stored, Failure> {
    let mut columns = Columns { row, next: 0 };
    let location = LocationId::new(columns.next::<String>()?)?;
    let id = ThreadId::new(location, BookingId::new(columns.next::<String>()?)?);
    match state(&id, &mut columns) {
        Ok((revision, state)) => Ok(Stored { revision, state }),
        Err(failure) => Err(failure.of_thread(id)),
    }
}

fn state(id: &ThreadId, columns: &mut Columns<'_, '_>) -> Result<(Revision, ThreadState), Failure> {
    let revision = Revision::try_from(columns.next::<i64>()?)?;
    let last = columns.next::<i64>()?.try_into()?;
    if columns.next::<bool>()? {
        return Ok((revision, ThreadState::Erased(Tombstone { id: id.clone(), last })));
    }
    let created_at = columns.time()?;
    let first_number = columns.next()?;
    let messages = Sides { customer: columns.next()?, operator: columns.next()? };
    let last = if let Some(role) = columns.next::<Option<i64>>()? {
        let (role, sent_at) = (Role::try_from(role)?, columns.time()?);
        let preview = Preview::from_stored(columns.next::<String>()?, columns.next()?)?;
        Some(LastMessage::new(role, sent_at, preview))
    } else {
        columns.next += 3;
        None
    };
    let record = ThreadRecord {
        location: id.location.as_str().to_owned(),
        created_at,
        first_number,
        messages,
        last,
        marks: Sides { customer: columns.mark()?, operator: columns.mark()? },
        booking: BookingRecord {
            id: id.booking.as_str().to_owned(),
            code: columns.next()?,
            activity: columns.next()?,
            starts_at: columns.time()?,
            duration_secs: columns.next()?,
            status: columns.next()?,
            customer_name: columns.next()?,
            profile: columns.next()?,
        },
    };
    Ok((revision, ThreadState::Live(Thread::try_from(record)?)))
}

/// Hands the parameters of [`PUT_HEAD`] to `put`.
pub(super) fn with_head<T>(
    revision: Revision,
    state: &ThreadState,
    put: impl FnOnce(&[(&str, &dyn ToSql)]) -> T,
) -> T {
    let (revision, id) = (i64::from(revision), state.id());
    let thread = match state {
        ThreadState::Live(thread) => Some(thread),
        ThreadState::Erased(_) => None,
    };
    let last_number: i64 = match state {
        ThreadState::Live(thread) => thread.last_number().into(),
        ThreadState::Erased(tombstone) => tombstone.last.into(),
    };
    let micros = Timestamp::unix_micros;
    let booking = thread.map(Thread::booking);
    let last = thread.and_then(Thread::last_message);
    let customer = thread.map(|thread| thread.mark(Role::Customer));
    let operator = thread.map(|thread| thread.mark(Role::Operator));
    put(named_params! {
        ":location": id.location.as_str(),
        ":booking": id.booking.as_str(),
        ":revision": revision,
        ":last_number": last_number,
        ":newest_first": thread.map(|thread| newest_first(&InboxPosition::of(thread))),
        ":awaits": thread.map(Thread::awaits_operator),
        ":created_at": thread.map(|thread| micros(thread.created_at())),
        ":first_number": thread.map(|thread| i64::from(thread.first_number())),
        ":by_customer": thread.map(|thread| thread.messages_by(Role::Customer)),
        ":by_operator": thread.map(|thread| thread.messages_by(Role::Operator)),
        ":last_role": last.map(|last| last.role.code()),
        ":last_at": last.map(|last| micros(last.sent_at)),
        ":preview": last.map(|last| last.preview.as_str()),
        ":preview_cut": last.map(|last| last.preview.is_cut()),
        ":customer_number": customer.map(|mark| i64::from(mark.number())),
        ":customer_covered": customer.map(|mark| mark.covered()),
        ":customer_furthest": customer.map(|mark| i64::from(mark.furthest())),
        ":customer_set_at": customer.and_then(|mark| mark.set_at()).map(micros),
        ":operator_number": operator.map(|mark| i64::from(mark.number())),
        ":operator_covered": operator.map(|mark| mark.covered()),
        ":operator_furthest": operator.map(|mark| i64::from(mark.furthest())),
        ":operator_set_at": operator.and_then(|mark| mark.set_at()).map(micros),
        ":code": booking.map(|booking| booking.code.as_str()),
        ":activity": booking.map(|booking| booking.activity.as_str()),
        ":starts_at": booking.map(|booking| micros(booking.starts_at)),
        ":duration_secs": booking.map(|booking| booking.duration().as_secs().cast_signed()),
        ":status": booking.map(|booking| booking.status.word()),
        ":customer_name": booking.and_then(|booking| booking.customer_name.as_ref()?.as_str().into()),
        ":profile": booking.and_then(|booking| booking.profile.as_ref()?.as_str().into()),
    })
}

/// The message of a row.
pub(super) fn message(row: &Row<'_>) -> Result<Message, Failure> {
    let record = MessageRecord {
        number: row.get(0)?,
        ordinal: row.get(1)?,
        role: Role::try_from(row.get::<_, i64>(2)?)?,
        author: row.get(3)?,
        name: row.get(4)?,
        body: row.get(5)?,
        sent_at: Timestamp::from_unix_micros(row.get(6)?)?,
    };
    Ok(record.try_into()?)
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
