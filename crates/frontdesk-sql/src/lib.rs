//! Threads and messages of [`frontdesk`] as flat rows, for stores on SQL databases.
//!
//! A store generates its statements from the lists of column names, binds the values in the
//! same order, and reads a row through a [`ColumnReader`]. Adding a column in a later version
//! therefore changes this module and one migration of each store, but no statement.
//!
//! - Times are microseconds since the Unix epoch, roles are 0 (customer) and 1 (operator).
//! - The row of an erased thread (a tombstone) has only `location`, `booking`, `revision` and
//!   `last_number`. The row of a link also has `linked_to`. All other columns are NULL.
//! - `linked_booking` is the id of the snapshot's booking if that booking was linked to the thread,
//!   else NULL. `preview` is NULL without messages and if the last message is redacted.
//! - A redacted message has an empty body and its redaction ordinal in `redaction`. Other
//!   messages never have an empty body, so the column `body` needs no NULL.
//! - A store can keep the [`KeyDigest`] of a message's idempotency key instead of the key.
//! - `flags` has bit 0 for automatic and bit 1 for imported messages.
//!
//! ```
//! use frontdesk::record::MessageRecord;
//! use frontdesk::store::{Revision, StoredMessage, ThreadState};
//! use frontdesk::{InvalidRecord, LocationId, Message, Thread};
//! # use frontdesk::{Booking, BookingId, Timestamp};
//! use frontdesk_sql::{ColumnReader, MESSAGE_COLUMNS, Value};
//!
//! let placeholders = vec!["?"; MESSAGE_COLUMNS.len()].join(", ");
//! let insert =
//!     format!("INSERT INTO message ({}) VALUES ({placeholders})", MESSAGE_COLUMNS.join(", "));
//! assert!(insert.starts_with("INSERT INTO message (location, booking, number, "));
//!
//! /// A row whose columns are the values that were written.
//! struct Row<'a>(std::slice::Iter<'a, Value<'a>>);
//!
//! impl ColumnReader for Row<'_> {
//!     type Error = InvalidRecord;
//!
//!     fn text(&mut self) -> Result<Option<String>, InvalidRecord> {
//!         match self.0.next() {
//!             Some(Value::Text(text)) => Ok(text.map(str::to_owned)),
//!             _ => Err(InvalidRecord::rule("row", "column is not text")),
//!         }
//!     }
//!     fn integer(&mut self) -> Result<Option<i64>, InvalidRecord> {
//!         match self.0.next() {
//!             Some(Value::Integer(number)) => Ok(*number),
//!             _ => Err(InvalidRecord::rule("row", "column is not an integer")),
//!         }
//!     }
//!     fn boolean(&mut self) -> Result<Option<bool>, InvalidRecord> {
//!         match self.0.next() {
//!             Some(Value::Boolean(flag)) => Ok(*flag),
//!             _ => Err(InvalidRecord::rule("row", "column is not a boolean")),
//!         }
//!     }
//! }
//!
//! // A thread:
//! # let now = Timestamp::UNIX_EPOCH;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
//! let thread = Thread::start(LocationId::new("harbour")?, booking, now);
//! let state = ThreadState::Live(thread);
//! let values = frontdesk_sql::thread_values(Some(Revision::ZERO), &state);
//! let mut row = Row(values.iter());
//! let id = frontdesk_sql::read_thread_id(&mut row)?.expect("the id is not NULL");
//! assert_eq!(frontdesk_sql::read_thread(&id, &mut row)?.state, state);
//!
//! // A message:
//! let mut record = MessageRecord::default();
//! (record.number, record.ordinal, record.author) = (1, 1, "c-9".into());
//! record.body = Some("Hello!".into());
//! let message = Message::try_from(record)?;
//! let values = frontdesk_sql::message_values(&id, Some(Revision::ZERO), &message);
//! let mut row = Row(values.iter());
//! assert_eq!(frontdesk_sql::read_thread_id(&mut row)?.as_ref(), Some(&id));
//! let stored = frontdesk_sql::read_message(&mut row)?;
//! assert_eq!(stored, StoredMessage::new(message.clone(), Revision::ZERO));
//!
//! // The counts of a location:
//! let values = [Value::from(7), Value::from(1), Value::from(0)];
//! let counts = frontdesk_sql::read_counts(&mut Row(values.iter()))?;
//! assert_eq!((counts.revision.get(), counts.unread, counts.waiting), (7, 1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod key_digest;
mod value;

pub use key_digest::KeyDigest;
pub use value::Value;

use frontdesk::inbox::InboxPosition;
use frontdesk::record::{BookingRecord, MarkRecord, MessageRecord, ThreadRecord};
use frontdesk::store::{LocationCounts, Revision, StoredMessage, ThreadState, VersionedThread};
use frontdesk::{
    Booking, BookingId, DisplayName, IdError, InvalidRecord, LastMessage, Link, LocationId,
    Message, MessageBody, Preview, ReadMark, Role, SingleLineError, Thread, ThreadId, Timestamp,
    TimestampError, Tombstone,
};

/// The columns of a thread's id, which [`read_thread_id`] reads.
///
/// ```
/// use frontdesk_sql::{ID_COLUMNS, THREAD_COLUMNS};
///
/// assert!(THREAD_COLUMNS.starts_with(&ID_COLUMNS));
/// ```
pub const ID_COLUMNS: [&str; 2] = ["location", "booking"];

/// The columns of a thread, a link or a tombstone, in the order of [`thread_values`].
/// [`read_thread_id`] reads the first two columns, and [`read_thread`] reads the others.
pub const THREAD_COLUMNS: [&str; 35] = [
    "location",
    "booking",
    "revision",
    "last_number",
    "newest_first",
    "unread",
    "waiting_since",
    "linked_to",
    "redactions",
    "created_at",
    "first_number",
    "customer_messages",
    "operator_messages",
    "last_role",
    "last_at",
    "preview",
    "preview_cut",
    "customer_number",
    "customer_covered",
    "customer_furthest",
    "customer_set_at",
    "operator_number",
    "operator_covered",
    "operator_furthest",
    "operator_set_at",
    "code",
    "activity",
    "starts_at",
    "duration_secs",
    "status",
    "customer_name",
    "profile",
    "short_code",
    "booking_version",
    "linked_booking",
];

/// The columns of a message, in the order of [`message_values`]. [`read_thread_id`] reads
/// the first two columns, and [`read_message`] reads the others.
pub const MESSAGE_COLUMNS: [&str; 12] = [
    "location",
    "booking",
    "number",
    "ordinal",
    "role",
    "author",
    "name",
    "body",
    "sent_at",
    "revision",
    "flags",
    "redaction",
];

const AUTOMATIC: i64 = 1;
const IMPORTED: i64 = 2;

/// A row that is read column by column, from left to right.
pub trait ColumnReader {
    /// The error for a column that cannot be read or holds an invalid value.
    type Error: From<InvalidRecord> + From<IdError> + From<SingleLineError> + From<TimestampError>;

    /// Reads a text column.
    ///
    /// # Errors
    ///
    /// If the column is not text.
    fn text(&mut self) -> Result<Option<String>, Self::Error>;

    /// Reads an integer column.
    ///
    /// # Errors
    ///
    /// If the column is not an integer.
    fn integer(&mut self) -> Result<Option<i64>, Self::Error>;

    /// Reads a boolean column.
    ///
    /// # Errors
    ///
    /// If the column is not a boolean.
    fn boolean(&mut self) -> Result<Option<bool>, Self::Error>;
}

/// Reads a location's counts from three integer columns: the newest revision, the number of
/// unread threads and the number of waiting threads.
///
/// # Errors
///
/// If a column cannot be read, is NULL or is out of range.
pub fn read_counts<R: ColumnReader>(row: &mut R) -> Result<LocationCounts, R::Error> {
    let revision = Revision::try_from(integer(row)?)?;
    let mut count = || {
        let count = u64::try_from(integer(row)?);
        Ok::<_, R::Error>(count.map_err(|_| InvalidRecord::rule("count", "number is negative"))?)
    };
    Ok(LocationCounts::new(revision, count()?, count()?))
}

/// Reads the columns of a thread's id. Returns `None` if the first column is NULL, as in a row
/// of an outer join that found no thread.
///
/// # Errors
///
/// If a column cannot be read or does not contain an id.
pub fn read_thread_id<R: ColumnReader>(row: &mut R) -> Result<Option<ThreadId>, R::Error> {
    let location = row.text()?;
    let booking = row.text()?;
    let Some(location) = location else { return Ok(None) };
    let booking = BookingId::new(not_null(booking)?)?;
    Ok(Some(ThreadId::new(LocationId::new(location)?, booking)))
}

/// Reads the columns that follow the id in [`THREAD_COLUMNS`].
///
/// # Errors
///
/// If a column cannot be read or the columns do not make a thread, a link or a tombstone.
pub fn read_thread<R: ColumnReader>(
    id: &ThreadId,
    row: &mut R,
) -> Result<VersionedThread, R::Error> {
    let revision = Revision::try_from(integer(row)?)?;
    let last_number = integer(row)?.try_into()?;
    let is_live = row.integer()?.is_some();
    let _unread = row.boolean()?;
    let waiting_since = optional_time(row)?;
    let linked_to = row.text()?;
    if let Some(target) = linked_to {
        let link = Link::new(id.clone(), BookingId::new(target)?);
        return Ok(VersionedThread::new(revision, ThreadState::Linked(link)));
    }
    if !is_live {
        let tombstone = Tombstone::new(id.clone(), last_number);
        return Ok(VersionedThread::new(revision, ThreadState::Erased(tombstone)));
    }
    let mut record = ThreadRecord::default();
    id.location.as_str().clone_into(&mut record.location);
    record.waiting_since = waiting_since;
    record.redactions = row.integer()?.unwrap_or_default();
    record.created_at = time(row)?;
    record.first_number = integer(row)?;
    record.messages.customer = integer(row)?;
    record.messages.operator = integer(row)?;
    record.last = last_message(row)?;
    record.marks.customer = mark(row)?;
    record.marks.operator = mark(row)?;
    record.booking = booking(id, row)?;
    if let Some(linked) = row.text()? {
        record.started_for = Some(std::mem::replace(&mut record.booking.id, linked));
    }
    Ok(VersionedThread::new(revision, ThreadState::Live(Thread::try_from(record)?)))
}

fn booking<R: ColumnReader>(id: &ThreadId, row: &mut R) -> Result<BookingRecord, R::Error> {
    let mut record = BookingRecord::default();
    id.booking.as_str().clone_into(&mut record.id);
    record.code = not_null(row.text()?)?;
    record.activity = not_null(row.text()?)?;
    record.starts_at = optional_time(row)?;
    record.duration_secs = integer(row)?;
    record.status = not_null(row.text()?)?;
    record.customer_name = row.text()?;
    record.profile = row.text()?;
    record.short_code = row.text()?;
    record.version = row.integer()?;
    Ok(record)
}

fn last_message<R: ColumnReader>(row: &mut R) -> Result<Option<LastMessage>, R::Error> {
    let (role, sent_at) = (row.integer()?, row.integer()?);
    let (preview, is_cut) = (row.text()?, row.boolean()?);
    let Some(role) = role else { return Ok(None) };
    let preview = match (preview, is_cut) {
        (Some(preview), Some(is_cut)) => Some(Preview::from_stored(preview, is_cut)?),
        // A redacted message has no preview.
        (None, None) => None,
        _ => return Err(InvalidRecord::rule("row", "required column is NULL").into()),
    };
    let sent_at = Timestamp::from_unix_micros(not_null(sent_at)?)?;
    Ok(Some(LastMessage::new(Role::try_from(role)?, sent_at, preview)))
}

fn mark<R: ColumnReader>(row: &mut R) -> Result<MarkRecord, R::Error> {
    let mut record = MarkRecord::default();
    record.number = integer(row)?;
    record.covered = integer(row)?;
    record.furthest = integer(row)?;
    record.set_at = optional_time(row)?;
    Ok(record)
}

/// Reads the columns that follow the id in [`MESSAGE_COLUMNS`].
///
/// # Errors
///
/// If a column cannot be read or the columns do not make a message.
pub fn read_message<R: ColumnReader>(row: &mut R) -> Result<StoredMessage, R::Error> {
    let mut record = MessageRecord::default();
    record.number = integer(row)?;
    record.ordinal = integer(row)?;
    record.role = Role::try_from(integer(row)?)?;
    record.author = not_null(row.text()?)?;
    record.name = row.text()?;
    record.body = row.text()?;
    record.sent_at = time(row)?;
    let revision = Revision::try_from(integer(row)?)?;
    let flags = integer(row)?;
    record.automatic = flags & AUTOMATIC != 0;
    record.imported = flags & IMPORTED != 0;
    record.redacted = row.integer()?;
    if record.redacted.is_some() {
        record.body = record.body.filter(|body| !body.is_empty());
    }
    Ok(StoredMessage::new(record.try_into()?, revision))
}

fn integer<R: ColumnReader>(row: &mut R) -> Result<i64, R::Error> {
    Ok(not_null(row.integer()?)?)
}

fn time<R: ColumnReader>(row: &mut R) -> Result<Timestamp, R::Error> {
    Ok(Timestamp::from_unix_micros(integer(row)?)?)
}

fn optional_time<R: ColumnReader>(row: &mut R) -> Result<Option<Timestamp>, R::Error> {
    Ok(row.integer()?.map(Timestamp::from_unix_micros).transpose()?)
}

fn not_null<T>(column: Option<T>) -> Result<T, InvalidRecord> {
    column.ok_or(InvalidRecord::rule("row", "required column is NULL"))
}

/// Returns the value of the column `newest_first` for a position. The value is the negated time
/// of the position, so that an ascending index on (`location`, `newest_first`, `booking`) has
/// the order of the inbox.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::inbox::InboxPosition;
/// use frontdesk_sql::newest_first;
///
/// let position = InboxPosition::idle_since(Timestamp::from_unix_micros(7)?);
/// assert_eq!(newest_first(&position), -7);
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
pub fn newest_first(position: &InboxPosition) -> i64 {
    -position.active_at().unix_micros()
}

/// Returns the values of [`THREAD_COLUMNS`]. Pass `None` as the revision if the statement
/// computes the revision itself.
///
/// ```
/// use frontdesk::store::ThreadState;
/// use frontdesk_sql::{THREAD_COLUMNS, thread_values};
/// use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// let state = ThreadState::Live(thread);
/// assert_eq!(thread_values(None, &state).len(), THREAD_COLUMNS.len());
/// # Ok::<(), frontdesk::IdError>(())
/// ```
pub fn thread_values(
    revision: Option<Revision>,
    state: &ThreadState,
) -> [Value<'_>; THREAD_COLUMNS.len()] {
    let (id, thread) = (state.id(), state.live());
    let linked_to = match state {
        ThreadState::Linked(link) => Some(link.target.as_str()),
        ThreadState::Live(_) | ThreadState::Erased(_) => None,
    };
    let micros = |at: Option<Timestamp>| Value::from(at.map(Timestamp::unix_micros));
    let written = |role| Value::from(thread.map(|thread| i64::from(thread.messages_by(role))));
    let booking = thread.map(Thread::booking);
    let last = thread.and_then(Thread::last_message);
    let [c_number, c_covered, c_furthest, c_set_at] =
        mark_values(thread.map(|thread| thread.mark(Role::Customer)));
    let [o_number, o_covered, o_furthest, o_set_at] =
        mark_values(thread.map(|thread| thread.mark(Role::Operator)));
    [
        id.location.as_str().into(),
        id.booking.as_str().into(),
        revision.map(i64::from).into(),
        i64::from(state.last_number()).into(),
        thread.map(|thread| -thread.active_at().unix_micros()).into(),
        thread.map(|thread| thread.is_unread_by(Role::Operator)).into(),
        micros(thread.and_then(Thread::waiting_since)),
        linked_to.into(),
        thread.map(|thread| i64::from(thread.redactions())).into(),
        micros(thread.map(Thread::created_at)),
        thread.map(|thread| i64::from(thread.first_number())).into(),
        written(Role::Customer),
        written(Role::Operator),
        last.map(|last| last.role.code()).into(),
        micros(last.map(|last| last.sent_at)),
        last.and_then(|last| Some(last.preview.as_ref()?.as_str())).into(),
        last.and_then(|last| Some(last.preview.as_ref()?.is_cut())).into(),
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
        micros(booking.and_then(|booking| booking.starts_at)),
        booking.map(duration_secs).into(),
        booking.map(|booking| booking.status.word()).into(),
        booking.and_then(|booking| booking.customer_name.as_ref()).map(DisplayName::as_str).into(),
        booking.and_then(|booking| Some(booking.profile.as_ref()?.as_str())).into(),
        booking.and_then(|booking| Some(booking.short_code.as_ref()?.as_str())).into(),
        booking.and_then(Booking::version).map(u64::cast_signed).into(),
        thread.and_then(|thread| Some(thread.linked_booking()?.as_str())).into(),
    ]
}

fn duration_secs(booking: &Booking) -> i64 {
    booking.duration().as_secs().cast_signed()
}

fn mark_values<'a>(mark: Option<ReadMark>) -> [Value<'a>; 4] {
    [
        mark.map(|mark| i64::from(mark.number())).into(),
        mark.map(|mark| i64::from(mark.covered())).into(),
        mark.map(|mark| i64::from(mark.furthest())).into(),
        mark.and_then(|mark| mark.set_at()).map(Timestamp::unix_micros).into(),
    ]
}

/// Returns the values of [`MESSAGE_COLUMNS`]. Pass `None` as the revision if the statement
/// computes the revision itself.
pub fn message_values<'a>(
    thread: &'a ThreadId,
    revision: Option<Revision>,
    message: &'a Message,
) -> [Value<'a>; MESSAGE_COLUMNS.len()] {
    let author = message.author();
    let automatic = if message.is_automatic() { AUTOMATIC } else { 0 };
    let imported = if message.is_imported() { IMPORTED } else { 0 };
    [
        thread.location.as_str().into(),
        thread.booking.as_str().into(),
        i64::from(message.number()).into(),
        i64::from(message.ordinal()).into(),
        author.role.code().into(),
        author.id.as_str().into(),
        author.name.as_ref().map(DisplayName::as_str).into(),
        message.body().map_or("", MessageBody::as_str).into(),
        message.sent_at().unix_micros().into(),
        revision.map(i64::from).into(),
        (automatic | imported).into(),
        message.redaction().map(i64::from).into(),
    ]
}
