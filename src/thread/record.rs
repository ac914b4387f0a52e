use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Head, LastMessage, ReadMark, Thread};
use crate::booking::{Booking, BookingRecord};
use crate::id::{LocationId, ThreadId};
use crate::message::MessageNumber;
use crate::participant::{Role, Sides};
use crate::record::Corrupt;
use crate::timestamp::Timestamp;

/// A [`Thread`] as plain values: columns of a row, or JSON.
///
/// Becoming a thread again checks what T8 guarantees and that the numbers belong
/// together.
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MarkRecord, MessageNumber, Role, Thread};
/// use frontdesk::{ThreadRecord, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// let mut record = ThreadRecord::from(thread.clone());
/// assert_eq!(record.marks[Role::Operator], MarkRecord::default());
/// assert_eq!(Thread::try_from(record.clone())?, thread);
///
/// record.messages.customer = 1;
/// assert!(Thread::try_from(record).is_err(), "messages, but no last one");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadRecord {
    /// [`ThreadId::location`].
    pub location: String,
    /// [`Thread::booking`]; its id is the other half of the thread's id.
    pub booking: BookingRecord,
    /// [`Thread::created_at`].
    pub created_at: Timestamp,
    /// [`Thread::first_number`], from 1.
    pub first_number: i64,
    /// How many messages each side has written.
    pub messages: Sides<i64>,
    /// [`Thread::last_message`]; there is one exactly when there are messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastMessage>,
    /// How far each side has read.
    pub marks: Sides<MarkRecord>,
}

/// A [`ReadMark`] as plain values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkRecord {
    /// [`ReadMark::number`].
    pub number: i64,
    /// [`ReadMark::covered`].
    pub covered: i64,
    /// [`ReadMark::furthest`].
    pub furthest: i64,
    /// [`ReadMark::set_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_at: Option<Timestamp>,
}

impl fmt::Debug for ThreadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadRecord")
            .field("location", &self.location)
            .field("booking", &self.booking)
            .finish_non_exhaustive()
    }
}

impl From<ReadMark> for MarkRecord {
    fn from(mark: ReadMark) -> Self {
        Self {
            number: mark.number.into(),
            covered: mark.covered.into(),
            furthest: mark.furthest.into(),
            set_at: mark.set_at,
        }
    }
}

impl From<Thread> for ThreadRecord {
    fn from(thread: Thread) -> Self {
        let thread = Arc::unwrap_or_clone(thread.0);
        Self {
            location: thread.id.location.as_str().to_owned(),
            booking: Arc::unwrap_or_clone(thread.booking).into(),
            created_at: thread.created_at,
            first_number: thread.first.into(),
            messages: Sides {
                customer: thread.totals.customer.into(),
                operator: thread.totals.operator.into(),
            },
            last: thread.last,
            marks: Sides {
                customer: thread.marks.customer.into(),
                operator: thread.marks.operator.into(),
            },
        }
    }
}

fn broken(why: &'static str) -> Corrupt {
    Corrupt::rule("thread", why)
}

fn count(messages: i64) -> Result<u32, Corrupt> {
    u32::try_from(messages)
        .ok()
        .filter(|&count| count <= MessageNumber::MAX.get())
        .ok_or(broken("a side's number of messages is outside of 0 to 2^31 - 1"))
}

impl TryFrom<ThreadRecord> for Thread {
    type Error = Corrupt;

    fn try_from(record: ThreadRecord) -> Result<Self, Corrupt> {
        let booking = Booking::try_from(record.booking)?;
        let mut head = Head {
            id: ThreadId::new(LocationId::new(record.location)?, booking.id.clone()),
            booking: Arc::new(booking),
            created_at: record.created_at,
            first: record.first_number.try_into()?,
            totals: Sides {
                customer: count(record.messages.customer)?,
                operator: count(record.messages.operator)?,
            },
            last: record.last,
            marks: Sides::default(),
        };
        if head.first == MessageNumber::START {
            return Err(broken("its first number is 0"));
        }
        let end = u64::from(head.first.previous().get()) + u64::from(head.message_count());
        if end > MessageNumber::MAX.get().into() {
            return Err(broken("it has more messages than there are numbers"));
        }
        match &head.last {
            Some(last) if head.totals[last.role] == 0 => {
                return Err(broken("its last message is of a side that wrote none"));
            }
            Some(last) if last.sent_at < head.created_at => {
                return Err(broken("its last message is earlier than itself"));
            }
            None if head.message_count() > 0 => {
                return Err(broken("it has messages but no last one"));
            }
            _ => {}
        }
        head.marks = Sides {
            customer: head.mark_from(Role::Customer, record.marks.customer)?,
            operator: head.mark_from(Role::Operator, record.marks.operator)?,
        };
        Ok(head.into())
    }
}

impl Head {
    fn mark_from(&self, reader: Role, record: MarkRecord) -> Result<ReadMark, Corrupt> {
        let mark = ReadMark {
            number: record.number.try_into()?,
            covered: count(record.covered)?,
            furthest: record.furthest.try_into()?,
            set_at: record.set_at,
        };
        if mark == ReadMark::default() {
            return Ok(mark);
        }
        let (before, last) = (self.first.previous(), self.last_number());
        if mark.set_at.is_none() {
            return Err(broken("a read mark was moved at no time"));
        }
        if !(before..=last).contains(&mark.number) {
            return Err(broken("a read mark is outside of its messages"));
        }
        if !(mark.number..=last).contains(&mark.furthest) || mark.furthest == before {
            return Err(broken("a read mark is ahead of the furthest it ever was"));
        }
        // At or before the mark are `covered` of the other side's messages and,
        // for the rest, the reader's own; after it, what is left of both.
        let read = mark.number.get() - before.get();
        let theirs = self.totals[reader.other()];
        let own = read.checked_sub(mark.covered);
        if mark.covered > theirs || own.is_none_or(|own| own > self.totals[reader]) {
            return Err(broken("a read mark covers more messages than there are"));
        }
        Ok(mark)
    }
}
