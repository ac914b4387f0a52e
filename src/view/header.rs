use serde::Serialize;

use super::context::ViewContext;
use crate::calendar::LocalTime;
use crate::{Booking, BookingId, BookingStatus, ConfirmationCode, SingleLine};

/// The header of a conversation, for customers and for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Header {
    /// The booking.
    pub booking: BookingId,
    /// The whole confirmation code.
    pub code: ConfirmationCode,
    /// The booked activity.
    pub activity: SingleLine,
    /// The booking's customer name, or "Customer".
    pub customer: SingleLine,
    /// The start of the booking.
    pub starts_at: LocalTime,
    /// The date of the start, as text.
    pub date: SingleLine,
    /// The time of day of the start, as text.
    pub time: SingleLine,
    /// The duration of the booking, as text; `None` if it is unknown.
    pub duration: Option<SingleLine>,
    /// The status of the booking.
    pub status: BookingStatus,
    /// The status, as text.
    pub status_label: SingleLine,
}

impl Header {
    /// Makes the header of a booking.
    pub fn new(booking: &Booking, context: &ViewContext<'_>) -> Self {
        let starts_at = context.local(booking.starts_at);
        Self {
            booking: booking.id.clone(),
            code: booking.code.clone(),
            activity: booking.activity.clone(),
            customer: context.customer(booking),
            starts_at,
            date: context.full_date(starts_at.date()),
            time: context.time(starts_at),
            duration: context.duration(booking),
            status: booking.status.clone(),
            status_label: context.status(&booking.status),
        }
    }
}
