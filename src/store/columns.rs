//! Heads, tombstones and messages as the columns of an SQL database, in the order
//! that every such store keeps them in.

mod value;

pub(super) use value::Value;

use crate::booking::BookingRecord;
use crate::id::{BookingId, IdError, LocationId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageRecord};
use crate::participant::{Role, Sides};
use crate::record::Corrupt;
use crate::store::{Revision, Stored, ThreadState};
use crate::text::{DisplayName, LineError, Preview};
use crate::thread::{LastMessage, MarkRecord, ReadMark, Thread, ThreadRecord, Tombstone};
use crate::timestamp::{Timestamp, TimestampError};

/// The columns of a row from left to right, each NULL or of a type.
pub(super) trait Columns {
    /// What a column is that cannot be read, or not be what it stands for.
    type Failure: From<Corrupt> + From<IdError> + From<LineError> + From<TimestampError>;

    fn text(&mut self) -> Result<Option<String>, Self::Failure>;
    fn number(&mut self) -> Result<Option<i64>, Self::Failure>;
    fn flag(&mut self) -> Result<Option<bool>, Self::Failure>;
}

/// The location's newest revision and its unread number.
pub(super) fn location<C: Columns>(columns: &mut C) -> Result<(Revision, u64), C::Failure> {
    let revision = Revision::try_from(number(columns)?)?;
    let unread = u64::try_from(number(columns)?);
    Ok((revision, unread.map_err(|_| Corrupt::rule("unread number", "it is negative"))?))
}

/// The thread's id from the first two columns of a head; none where the first is NULL.
pub(super) fn id<C: Columns>(columns: &mut C) -> Result<Option<ThreadId>, C::Failure> {
    let Some(location) = columns.text()? else { return Ok(None) };
    let booking = BookingId::new(known(columns.text()?)?)?;
    Ok(Some(ThreadId::new(LocationId::new(location)?, booking)))
}

/// The head or the tombstone from the columns after its id.
pub(super) fn stored<C: Columns>(id: &ThreadId, columns: &mut C) -> Result<Stored, C::Failure> {
    let revision = Revision::try_from(number(columns)?)?;
    let last = number(columns)?.try_into()?;
    if known(columns.flag()?)? {
        let state = ThreadState::Erased(Tombstone { id: id.clone(), last });
        return Ok(Stored { revision, state });
    }
    let record = ThreadRecord {
        location: id.location.as_str().to_owned(),
        created_at: time(columns)?,
        first_number: number(columns)?,
        messages: Sides { customer: number(columns)?, operator: number(columns)? },
        last: last_message(columns)?,
        marks: Sides { customer: mark(columns)?, operator: mark(columns)? },
        booking: BookingRecord {
            id: id.booking.as_str().to_owned(),
            code: known(columns.text()?)?,
            activity: known(columns.text()?)?,
            starts_at: time(columns)?,
            duration_secs: number(columns)?,
            status: known(columns.text()?)?,
            customer_name: columns.text()?,
            profile: columns.text()?,
        },
    };
    Ok(Stored { revision, state: ThreadState::Live(Thread::try_from(record)?) })
}

fn last_message<C: Columns>(columns: &mut C) -> Result<Option<LastMessage>, C::Failure> {
    let (role, sent_at) = (columns.number()?, columns.number()?);
    let (preview, is_cut) = (columns.text()?, columns.flag()?);
    let Some(role) = role else { return Ok(None) };
    let preview = Preview::from_stored(known(preview)?, known(is_cut)?)?;
    let sent_at = Timestamp::from_unix_micros(known(sent_at)?)?;
    Ok(Some(LastMessage::new(Role::try_from(role)?, sent_at, preview)))
}

fn mark<C: Columns>(columns: &mut C) -> Result<MarkRecord, C::Failure> {
    Ok(MarkRecord {
        number: number(columns)?,
        covered: number(columns)?,
        furthest: number(columns)?,
        set_at: columns.number()?.map(Timestamp::from_unix_micros).transpose()?,
    })
}

/// The message from its columns, without its id.
pub(super) fn message<C: Columns>(columns: &mut C) -> Result<Message, C::Failure> {
    let record = MessageRecord {
        number: number(columns)?,
        ordinal: number(columns)?,
        role: Role::try_from(number(columns)?)?,
        author: known(columns.text()?)?,
        name: columns.text()?,
        body: known(columns.text()?)?,
        sent_at: time(columns)?,
    };
    Ok(record.try_into()?)
}

fn number<C: Columns>(columns: &mut C) -> Result<i64, C::Failure> {
    Ok(known(columns.number()?)?)
}

fn time<C: Columns>(columns: &mut C) -> Result<Timestamp, C::Failure> {
    Ok(Timestamp::from_unix_micros(number(columns)?)?)
}

fn known<T>(column: Option<T>) -> Result<T, Corrupt> {
    column.ok_or(Corrupt::rule("row", "a column that always has a value has none"))
}

/// Where a thread stands in the inbox, as the columns have it.
pub(super) fn newest_first(position: &InboxPosition) -> i64 {
    -position.active_at().unix_micros()
}

/// The columns of a head after its revision, from `last_number` on; of a tombstone
/// all but that one are NULL.
pub(super) fn of_state(state: &ThreadState) -> [Value<'_>; 26] {
    let thread = state.live();
    let last_number = match state {
        ThreadState::Live(thread) => thread.last_number(),
        ThreadState::Erased(tombstone) => tombstone.last,
    };
    let micros = |at: Option<Timestamp>| Value::from(at.map(Timestamp::unix_micros));
    let written = |role| Value::from(thread.map(|thread| i64::from(thread.messages_by(role))));
    let booking = thread.map(Thread::booking);
    let last = thread.and_then(Thread::last_message);
    let [c_number, c_covered, c_furthest, c_set_at] =
        of_mark(thread.map(|thread| thread.mark(Role::Customer)));
    let [o_number, o_covered, o_furthest, o_set_at] =
        of_mark(thread.map(|thread| thread.mark(Role::Operator)));
    [
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
    ]
}

fn of_mark<'a>(mark: Option<ReadMark>) -> [Value<'a>; 4] {
    [
        mark.map(|mark| i64::from(mark.number())).into(),
        mark.map(|mark| i64::from(mark.covered())).into(),
        mark.map(|mark| i64::from(mark.furthest())).into(),
        mark.and_then(|mark| mark.set_at()).map(Timestamp::unix_micros).into(),
    ]
}

/// The columns of a message after its thread's id; without one all are NULL.
pub(super) fn of_message(message: Option<&Message>) -> [Value<'_>; 7] {
    let author = message.map(Message::author);
    [
        message.map(|message| i64::from(message.number())).into(),
        message.map(|message| i64::from(message.ordinal())).into(),
        author.map(|author| author.role.code()).into(),
        author.map(|author| author.id.as_str()).into(),
        author.and_then(|author| author.name.as_ref()).map(DisplayName::as_str).into(),
        message.map(|message| message.body().as_str()).into(),
        message.map(|message| message.sent_at().unix_micros()).into(),
    ]
}
