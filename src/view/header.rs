use serde::Serialize;

use super::context::ViewContext;
use crate::calendar::LocalTime;
use crate::{Booking, BookingId, BookingStatus, ConfirmationCode, SingleLine, Thread};

/// The header of a conversation, for customers and for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Header {
    /// The booking.
    pub booking: BookingId,
    /// The booking that was linked to the thread last, or `None` without linked bookings (I2).
    pub linked_booking: Option<BookingId>,
    /// The whole confirmation code.
    pub code: ConfirmationCode,
    /// The booked activity.
    pub activity: SingleLine,
    /// The booking's customer name, or "Customer".
    pub customer: SingleLine,
    /// The start of the booking; `None` if it has no start yet.
    pub starts_at: Option<LocalTime>,
    /// The date of the start, as text; `None` without a start.
    pub date: Option<SingleLine>,
    /// The time of day of the start, as text; `None` without a start.
    pub time: Option<SingleLine>,
    /// The end of the booking; `None` if its start or its duration is unknown.
    pub ends_at: Option<LocalTime>,
    /// The last date of a booking that spans nights, as text; `None` for other bookings (W8).
    pub last_date: Option<SingleLine>,
    /// The number of nights; `None` if the booking spans no night (W8).
    pub nights: Option<u32>,
    /// The duration of the booking, or its nights if it spans nights, as text; `None` if it is
    /// unknown.
    pub duration: Option<SingleLine>,
    /// The status of the booking.
    pub status: BookingStatus,
    /// The status, as text.
    pub status_label: SingleLine,
}

impl Header {
    /// Makes the header of a thread's conversation. Its `booking` is the booking for which the
    /// thread was started (I2).
    pub fn of(thread: &Thread, context: &ViewContext<'_>) -> Self {
        let booking = thread.id().booking.clone();
        let linked_booking = thread.linked_booking().cloned();
        Self { booking, linked_booking, ..Self::new(thread.booking(), context) }
    }

    /// Makes the header of a booking.
    pub fn new(booking: &Booking, context: &ViewContext<'_>) -> Self {
        let starts_at = booking.starts_at.map(|at| context.local(at));
        let stay = context.stay(booking);
        Self {
            booking: booking.id.clone(),
            linked_booking: None,
            code: booking.code.clone(),
            activity: booking.activity.clone(),
            customer: context.customer(booking),
            starts_at,
            date: starts_at.map(|start| context.full_date(start.date())),
            time: starts_at.map(|start| context.time(start)),
            ends_at: booking.ends_at().map(|at| context.local(at)),
            last_date: stay.map(|stay| context.full_date(stay.last_date)),
            nights: stay.map(|stay| stay.nights),
            duration: context.duration(booking),
            status: booking.status.clone(),
            status_label: context.status(&booking.status),
        }
    }
}
