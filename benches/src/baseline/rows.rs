//! Rows of the baseline's tables.

use rusqlite::Row;

/// The columns of [`ThreadRow`].
pub(super) const THREAD_COLUMNS: &str = "booking, last_number, preview, \
    revision, newest_first, unread, waiting_since, redactions, created_at, first_number, \
    customer_messages, operator_messages, last_role, last_at, preview_cut, \
    customer_number, customer_covered, customer_furthest, customer_set_at, \
    operator_number, operator_covered, operator_furthest, operator_set_at, \
    starts_at, duration_secs, booking_version, \
    location, linked_to, code, activity, status, customer_name, profile, short_code, \
    linked_booking";

/// The columns of [`MessageRow`].
pub(super) const MESSAGE_COLUMNS: &str = "number, ordinal, role, author, name, body, \
    created_at + sent_after, message.revision, flags, redaction";

/// All columns of a thread.
#[derive(Debug)]
pub struct ThreadRow {
    /// The booking's id.
    pub booking: String,
    /// The number of the last message.
    pub last_number: i64,
    /// The preview of the last message.
    pub preview: Option<String>,
    /// The other integer columns.
    pub integers: [Option<i64>; 23],
    /// The other text columns.
    pub texts: [Option<String>; 9],
}

impl ThreadRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (mut integers, mut texts) = ([None; 23], [const { None }; 9]);
        for (at, integer) in integers.iter_mut().enumerate() {
            *integer = row.get(3 + at)?;
        }
        for (at, text) in texts.iter_mut().enumerate() {
            *text = row.get(26 + at)?;
        }
        let (booking, last_number, preview) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Self { booking, last_number, preview, integers, texts })
    }
}

/// All columns of a message except its thread's id.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is the column of the same name")]
pub struct MessageRow {
    pub number: i64,
    pub ordinal: i64,
    pub role: i64,
    pub author: String,
    pub name: Option<String>,
    pub body: String,
    pub sent_at: i64,
    pub revision: i64,
    pub flags: i64,
    pub redaction: Option<i64>,
}

impl MessageRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            ordinal: row.get(1)?,
            role: row.get(2)?,
            author: row.get(3)?,
            name: row.get(4)?,
            body: row.get(5)?,
            sent_at: row.get(6)?,
            revision: row.get(7)?,
            flags: row.get(8)?,
            redaction: row.get(9)?,
        })
    }
}
