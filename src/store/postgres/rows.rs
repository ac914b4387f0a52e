//! Rows as heads, tombstones and messages, and back.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::errors::Failure;
use super::statements::{Adds, Shape};
use super::values::Value;
use crate::booking::BookingRecord;
use crate::id::{BookingId, IdempotencyKey, LocationId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageRecord};
use crate::participant::{Role, Sides};
use crate::record::Corrupt;
use crate::store::{Commit, NewMessage, Revision, Stored, ThreadState};
use crate::text::{DisplayName, Preview};
use crate::thread::{LastMessage, MarkRecord, ReadMark, Thread, ThreadRecord, Tombstone};
use crate::timestamp::Timestamp;

/// How many columns a head has.
pub(super) const HEAD_COLUMNS: usize = 28;

/// Where a thread stands in the inbox, as the columns have it.
pub(super) fn newest_first(position: &InboxPosition) -> i64 {
    -position.active_at().unix_micros()
}

/// A column's value.
pub(super) fn column<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T, Failure> {
    row.try_get(at).map_err(|_| Failure::Column(at))
}

/// The columns of a row from left to right.
struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Columns<'r> {
    fn next<T: FromSql<'r>>(&mut self) -> Result<T, Failure> {
        self.next += 1;
        column(self.row, self.next - 1)
    }

    fn number(&mut self) -> Result<i64, Failure> {
        Ok(self.next::<i32>()?.into())
    }

    fn time(&mut self) -> Result<Timestamp, Failure> {
        Ok(Timestamp::from_unix_micros(self.next()?)?)
    }

    fn mark(&mut self) -> Result<MarkRecord, Failure> {
        let (number, covered, furthest) = (self.number()?, self.number()?, self.number()?);
        let set_at = self.next::<Option<i64>>()?.map(Timestamp::from_unix_micros).transpose()?;
        Ok(MarkRecord { number, covered, furthest, set_at })
    }
}

/// The location's newest revision and its unread number, from the first two columns.
pub(super) fn location(row: &Row) -> Result<(Revision, u64), Failure> {
    let revision = Revision::try_from(column::<i64>(row, 0)?)?;
    let unread = u64::try_from(column::<i64>(row, 1)?);
    Ok((revision, unread.map_err(|_| Corrupt::rule("unread number", "it is negative"))?))
}

/// The head or the tombstone in the columns from `from` on, if there is one; what it
/// cannot be names its thread.
pub(super) fn stored(row: &Row, from: usize) -> Result<Option<Stored>, Failure> {
    let mut columns = Columns { row, next: from };
    let Some(location) = columns.next::<Option<String>>()? else { return Ok(None) };
    let id = ThreadId::new(LocationId::new(location)?, BookingId::new(columns.next::<String>()?)?);
    match state(&id, &mut columns) {
        Ok((revision, state)) => Ok(Some(Stored { revision, state })),
        Err(failure) => Err(failure.of_thread(id)),
    }
}

fn state(id: &ThreadId, columns: &mut Columns<'_>) -> Result<(Revision, ThreadState), Failure> {
    let revision = Revision::try_from(columns.next::<i64>()?)?;
    let last = columns.number()?.try_into()?;
    if columns.next::<bool>()? {
        return Ok((revision, ThreadState::Erased(Tombstone { id: id.clone(), last })));
    }
    let created_at = columns.time()?;
    let first_number = columns.number()?;
    let messages = Sides { customer: columns.number()?, operator: columns.number()? };
    let last = if let Some(role) = columns.next::<Option<i32>>()? {
        let (role, sent_at) = (Role::try_from(i64::from(role))?, columns.time()?);
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

/// The message in the columns from `from` on, if there is one.
pub(super) fn message(row: &Row, from: usize) -> Result<Option<Message>, Failure> {
    let mut columns = Columns { row, next: from };
    let Some(number) = columns.next::<Option<i32>>()? else { return Ok(None) };
    let record = MessageRecord {
        number: number.into(),
        ordinal: columns.number()?,
        role: Role::try_from(columns.number()?)?,
        author: columns.next()?,
        name: columns.next()?,
        body: columns.next()?,
        sent_at: columns.time()?,
    };
    Ok(Some(record.try_into()?))
}

/// What a commit's statement does.
pub(super) fn shape(commit: &Commit) -> Shape {
    Shape {
        starts: commit.expected.is_none(),
        erases: commit.next.live().is_none(),
        adds: match &commit.message {
            None => Adds::Nothing,
            Some(NewMessage { key: None, .. }) => Adds::Message,
            Some(NewMessage { key: Some(_), .. }) => Adds::MessageWithKey,
        },
    }
}

/// The key that a commit's message comes with.
pub(super) fn key(commit: &Commit) -> Option<&IdempotencyKey> {
    commit.message.as_ref()?.key.as_ref()
}

/// The parameters of a commit, all of them whatever its shape, as
/// [`Statements::commit`](super::statements::Statements::commit) numbers them.
pub(super) fn values(commit: &Commit) -> [Value<'_>; 37] {
    let Commit { next, expected, message } = commit;
    let id = next.id();
    let thread = next.live();
    let last_number = match next {
        ThreadState::Live(thread) => thread.last_number(),
        ThreadState::Erased(tombstone) => tombstone.last,
    };
    let micros = |time: Option<Timestamp>| Value::from(time.map(Timestamp::unix_micros));
    let booking = thread.map(Thread::booking);
    let last = thread.and_then(Thread::last_message);
    let written = |role| thread.map(|thread| i64::from(thread.messages_by(role))).into();
    let [c_number, c_covered, c_furthest, c_set_at] =
        mark(thread.map(|thread| thread.mark(Role::Customer)));
    let [o_number, o_covered, o_furthest, o_set_at] =
        mark(thread.map(|thread| thread.mark(Role::Operator)));
    let new = message.as_ref().map(|NewMessage { message, .. }| message);
    let author = new.map(Message::author);
    [
        id.location.as_str().into(),
        id.booking.as_str().into(),
        expected.map(i64::from).into(),
        i64::from(last_number).into(),
        thread.map(|thread| newest_first(&InboxPosition::of(thread))).into(),
        thread.map(Thread::awaits_operator).into(),
        micros(thread.map(Thread::created_at)),
        thread.map(|thread| i64::from(thread.first_number())).into(),
        written(Role::Customer),
        written(Role::Operator),
        last.map(|last| last.role.code()).into(),
        micros(last.map(|last| last.sent_at)),
        last.map(|last| last.preview.as_str()).into(),
        last.map(|last| last.preview.is_cut()).into(),
        c_number,
        c_covered,
        c_furthest,
        c_set_at,
        o_number,
        o_covered,
        o_furthest,
        o_set_at,
        booking.map(|booking| booking.code.as_str()).into(),
        booking.map(|booking| booking.activity.as_str()).into(),
        micros(booking.map(|booking| booking.starts_at)),
        booking.map(|booking| booking.duration().as_secs().cast_signed()).into(),
        booking.map(|booking| booking.status.word()).into(),
        booking.and_then(|booking| booking.customer_name.as_ref()).map(DisplayName::as_str).into(),
        booking.and_then(|booking| Some(booking.profile.as_ref()?.as_str())).into(),
        new.map(|message| i64::from(message.number())).into(),
        new.map(|message| i64::from(message.ordinal())).into(),
        author.map(|author| author.role.code()).into(),
        author.map(|author| author.id.as_str()).into(),
        author.and_then(|author| author.name.as_ref()).map(DisplayName::as_str).into(),
        new.map(|message| message.body().as_str()).into(),
        micros(new.map(Message::sent_at)),
        key(commit).map(IdempotencyKey::as_str).into(),
    ]
}

fn mark<'a>(mark: Option<ReadMark>) -> [Value<'a>; 4] {
    [
        mark.map(|mark| i64::from(mark.number())).into(),
        mark.map(|mark| i64::from(mark.covered())).into(),
        mark.map(|mark| i64::from(mark.furthest())).into(),
        mark.and_then(|mark| mark.set_at()).map(Timestamp::unix_micros).into(),
    ]
}
