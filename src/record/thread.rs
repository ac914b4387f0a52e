use std::fmt;

use serde::{Deserialize, Serialize};

use super::BookingRecord;
use crate::{LastMessage, PerRole, Timestamp};

/// A [`Thread`](crate::Thread) as plain values. `Debug` shows only the ids.
///
/// The conversion to a thread checks what the types guarantee (T8), and that the numbers do not
/// contradict each other.
///
/// ```
/// use frontdesk::record::{MarkRecord, ThreadRecord};
/// use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Role, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// let mut record = ThreadRecord::from(thread.clone());
/// assert_eq!(record.marks[Role::Operator], MarkRecord::default());
/// assert_eq!(Thread::try_from(record.clone())?, thread);
///
/// record.messages.customer = 1;
/// assert!(Thread::try_from(record).is_err(), "the last message is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ThreadRecord {
    /// [`ThreadId::location`](crate::ThreadId::location).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::LocationId"))]
    pub location: String,
    /// [`Thread::booking`](crate::Thread::booking); its id and the location form the thread's
    /// id.
    pub booking: BookingRecord,
    /// The booking for which the thread was started. It is `None` if `booking` is that booking, and
    /// not one that was linked later (I2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::BookingId>"))]
    pub started_for: Option<String>,
    /// [`Thread::created_at`](crate::Thread::created_at).
    pub created_at: Timestamp,
    /// [`Thread::first_number`](crate::Thread::first_number), from 1.
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(min = 1, max = i32::MAX)))]
    pub first_number: i64,
    /// [`Thread::messages_by`](crate::Thread::messages_by) of each role.
    #[cfg_attr(feature = "schemars", schemars(with = "PerRole<u32>"))]
    pub messages: PerRole<i64>,
    /// [`Thread::last_message`](crate::Thread::last_message); set if and only if the thread has
    /// messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastMessage>,
    /// [`Thread::mark`](crate::Thread::mark) of each role.
    pub marks: PerRole<MarkRecord>,
    /// [`Thread::waiting_since`](crate::Thread::waiting_since).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// [`Thread::redactions`](crate::Thread::redactions).
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(max = i32::MAX)))]
    pub redactions: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_zero(count: &i64) -> bool {
    *count == 0
}

impl fmt::Debug for ThreadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadRecord")
            .field("location", &self.location)
            .field("booking", &self.booking)
            .finish_non_exhaustive()
    }
}

/// A [`ReadMark`](crate::ReadMark) as plain values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MarkRecord {
    /// [`ReadMark::number`](crate::ReadMark::number).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::MessageNumber"))]
    pub number: i64,
    /// [`ReadMark::covered`](crate::ReadMark::covered).
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(max = i32::MAX)))]
    pub covered: i64,
    /// [`ReadMark::furthest`](crate::ReadMark::furthest).
    #[cfg_attr(feature = "schemars", schemars(with = "crate::MessageNumber"))]
    pub furthest: i64,
    /// [`ReadMark::set_at`](crate::ReadMark::set_at).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Timestamp>,
}
