use serde::Serialize;

use super::badge::Badge;
use super::context::ViewContext;
use crate::calendar::LocalTime;
use crate::inbox::InboxItem;
use crate::{BookingId, BookingStatus, Preview, Role, SingleLine, Thread, Timestamp};

/// One row of the operators' Conversations panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InboxRow {
    /// The booking whose conversation the row opens: the booking for which the thread was started.
    pub booking: BookingId,
    /// The booking that was linked to the thread last, or `None` without linked bookings (I2).
    pub linked_booking: Option<BookingId>,
    /// The booking's customer name, or "Customer".
    pub customer: SingleLine,
    /// The booked activity.
    pub activity: SingleLine,
    /// The booking's short code, or the confirmation code before its first hyphen.
    pub short_code: SingleLine,
    /// The start of the booking; `None` if it has no start yet.
    pub starts_at: Option<LocalTime>,
    /// The date of the start, as text; `None` without a start.
    pub booking_date: Option<SingleLine>,
    /// The status of the booking.
    pub status: BookingStatus,
    /// The status, as text.
    pub status_label: SingleLine,
    /// The preview of the last message; `None` without messages. If the last message is redacted,
    /// this is the label that says so.
    pub preview: Option<Preview>,
    /// `true` if the last message is redacted (T9).
    pub preview_removed: bool,
    /// The side that wrote the last message; `None` without messages.
    pub last_from: Option<Role>,
    /// The time of the last activity.
    pub active_at: LocalTime,
    /// The time that has passed since the last activity, as text. This text becomes outdated,
    /// so a screen that keeps rows formats [`active_at`](Self::active_at) again.
    pub relative: SingleLine,
    /// The number of customer messages that no operator has read.
    pub unread: u32,
    /// The number of unread messages as a badge.
    pub badge: Badge,
    /// The time since which the thread waits for an operator's answer, or `None` (U5).
    pub waiting_since: Option<LocalTime>,
    /// The time for which the thread has waited, as text. This text becomes outdated.
    pub waiting: Option<SingleLine>,
}

impl InboxRow {
    /// Makes the row of a thread.
    pub fn new(thread: &Thread, context: &ViewContext<'_>) -> Self {
        let booking = thread.booking();
        let starts_at = booking.starts_at.map(|at| context.local(at));
        let (unread, last) = (thread.unread(Role::Operator), thread.last_message());
        Self {
            booking: thread.id().booking.clone(),
            linked_booking: thread.linked_booking().cloned(),
            customer: context.customer(booking),
            activity: booking.activity.clone(),
            short_code: booking.list_code(),
            starts_at,
            booking_date: starts_at.map(|start| context.full_date(start.date())),
            status: booking.status.clone(),
            status_label: context.status(&booking.status),
            preview: last.map(|last| match &last.preview {
                Some(preview) => preview.clone(),
                None => Preview::of_line(&context.message_removed()),
            }),
            preview_removed: last.is_some_and(|last| last.preview.is_none()),
            last_from: last.map(|last| last.role),
            active_at: context.local(thread.active_at()),
            relative: context.relative(thread.active_at()),
            unread,
            badge: Badge::new(unread.into()),
            waiting_since: thread.waiting_since().map(|since| context.local(since)),
            waiting: thread.waiting_since().map(|since| context.waiting_for(since)),
        }
    }
}

impl InboxItem for InboxRow {
    fn active_at(&self) -> Timestamp {
        self.active_at.timestamp()
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}
