use serde::Serialize;

use super::badge::Badge;
use super::words::Screen;
use crate::booking::BookingStatus;
use crate::calendar::LocalTime;
use crate::id::BookingId;
use crate::inbox::Recent;
use crate::participant::Role;
use crate::text::{OneLine, Preview};
use crate::thread::Thread;
use crate::timestamp::Timestamp;

/// One line of the operators' Conversations panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InboxRow {
    /// What to open.
    pub booking: BookingId,
    /// The booking's customer, or "Customer".
    pub customer: OneLine,
    /// What was booked.
    pub activity: OneLine,
    /// The confirmation code before its first hyphen.
    pub short_code: OneLine,
    /// When the booking starts.
    pub starts_at: LocalTime,
    /// The date of that, in words.
    pub booking_date: OneLine,
    /// How the booking stands.
    pub status: BookingStatus,
    /// The same, in words.
    pub status_label: OneLine,
    /// How the last message begins; nothing when there is no message.
    pub preview: Option<Preview>,
    /// Which side wrote the last message.
    pub last_from: Option<Role>,
    /// When the thread was last active.
    pub active_at: LocalTime,
    /// How long ago that is. It grows old: a screen that keeps rows makes it
    /// again from [`active_at`](Self::active_at).
    pub relative: OneLine,
    /// How many messages of the customer no operator has read.
    pub unread: u32,
    /// The same as a badge.
    pub badge: Badge,
}

impl InboxRow {
    /// The row of a thread.
    pub fn new(thread: &Thread, screen: &Screen<'_>) -> Self {
        let booking = thread.booking();
        let starts_at = screen.local(booking.starts_at);
        let unread = thread.unread(Role::Operator);
        Self {
            booking: booking.id.clone(),
            customer: screen.customer(booking),
            activity: booking.activity.clone(),
            short_code: OneLine::new(booking.code.short()),
            starts_at,
            booking_date: screen.full_date(starts_at.date()),
            status: booking.status.clone(),
            status_label: screen.status(&booking.status),
            preview: thread.last_message().map(|last| last.preview.clone()),
            last_from: thread.last_message().map(|last| last.role),
            active_at: screen.local(thread.active_at()),
            relative: screen.relative(thread.active_at()),
            unread,
            badge: Badge::new(unread.into()),
        }
    }
}

impl Recent for InboxRow {
    fn active_at(&self) -> Timestamp {
        self.active_at.timestamp()
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}
