use std::sync::Arc;

use super::head::{Head, Thread};
use super::read_mark::ReadMark;
use crate::record::{MarkRecord, ThreadRecord};
use crate::{
    Booking, BookingId, InvalidRecord, LocationId, MessageNumber, PerRole, Role, ThreadId,
};

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
        let head = Arc::unwrap_or_clone(thread.0);
        let is_linked = head.id.booking != head.booking.id;
        Self {
            location: head.id.location.as_str().to_owned(),
            started_for: is_linked.then(|| head.id.booking.as_str().to_owned()),
            booking: Arc::unwrap_or_clone(head.booking).into(),
            created_at: head.created_at,
            first_number: head.first.into(),
            messages: PerRole {
                customer: head.totals.customer.into(),
                operator: head.totals.operator.into(),
            },
            last: head.last,
            marks: PerRole {
                customer: head.marks.customer.into(),
                operator: head.marks.operator.into(),
            },
            waiting_since: head.waiting_since,
            redactions: head.redactions.into(),
        }
    }
}

fn invalid(why: &'static str) -> InvalidRecord {
    InvalidRecord::rule("thread", why)
}

fn count(messages: i64) -> Result<u32, InvalidRecord> {
    u32::try_from(messages)
        .ok()
        .filter(|&count| count <= MessageNumber::MAX.get())
        .ok_or(invalid("number of messages is outside 0 to 2^31 - 1"))
}

impl TryFrom<ThreadRecord> for Thread {
    type Error = InvalidRecord;

    fn try_from(record: ThreadRecord) -> Result<Self, InvalidRecord> {
        let booking = Booking::try_from(record.booking)?;
        let started_for = match record.started_for {
            Some(id) => BookingId::new(id)?,
            None => booking.id.clone(),
        };
        let mut head = Head {
            id: ThreadId::new(LocationId::new(record.location)?, started_for),
            booking: Arc::new(booking),
            created_at: record.created_at,
            first: record.first_number.try_into()?,
            totals: PerRole {
                customer: count(record.messages.customer)?,
                operator: count(record.messages.operator)?,
            },
            last: record.last,
            marks: PerRole::default(),
            waiting_since: record.waiting_since,
            redactions: count(record.redactions)?,
        };
        if head.first == MessageNumber::START {
            return Err(invalid("first number is 0"));
        }
        let end = u64::from(head.first.previous().get()) + u64::from(head.message_count());
        if end > MessageNumber::MAX.get().into() {
            return Err(invalid("last number is above 2^31 - 1"));
        }
        match &head.last {
            Some(last) if head.totals[last.role] == 0 => {
                return Err(invalid("last message is from a role without messages"));
            }
            Some(last) if last.sent_at < head.created_at => {
                return Err(invalid("last message is older than the thread"));
            }
            Some(last) if last.preview.is_none() && head.redactions == 0 => {
                return Err(invalid("preview of a message that is not redacted is missing"));
            }
            None if head.message_count() > 0 => {
                return Err(invalid("last message is missing"));
            }
            _ => {}
        }
        if head.redactions > head.message_count() {
            return Err(invalid("more messages are redacted than exist"));
        }
        if head.waiting_since.is_some() && head.totals[Role::Customer] == 0 {
            return Err(invalid("thread waits for a reply, but has no customer message"));
        }
        head.marks = PerRole {
            customer: head.mark_from(Role::Customer, record.marks.customer)?,
            operator: head.mark_from(Role::Operator, record.marks.operator)?,
        };
        Ok(Self(Arc::new(head)))
    }
}

impl Head {
    fn mark_from(&self, reader: Role, record: MarkRecord) -> Result<ReadMark, InvalidRecord> {
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
            return Err(invalid("read mark has moved, but has no time"));
        }
        if !(before..=last).contains(&mark.number) {
            return Err(invalid("read mark is outside the messages"));
        }
        if !(mark.number..=last).contains(&mark.furthest) || mark.furthest == before {
            return Err(invalid("read mark is beyond its furthest position"));
        }
        // Of the messages up to the mark, `covered` messages are from the other side. The
        // remaining messages are from the reader's side.
        let read = mark.number.get() - before.get();
        let written_by_other_side = self.totals[reader.opposite()];
        let own = read.checked_sub(mark.covered);
        if mark.covered > written_by_other_side || own.is_none_or(|own| own > self.totals[reader]) {
            return Err(invalid("read mark covers more messages than exist"));
        }
        Ok(mark)
    }
}
