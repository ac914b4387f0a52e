//! Bookings of the host application. A thread keeps a snapshot of its booking.

mod code;
mod status;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::code::ConfirmationCode;
pub use self::status::BookingStatus;
use crate::record::BookingRecord;
use crate::{BookingId, DisplayName, InvalidRecord, ProfileId, SingleLine, Timestamp};

/// A reservation in the host application. Each thread is about one booking.
///
/// A thread keeps a snapshot of its booking. Only an explicit refresh changes this snapshot (L5).
/// The texts of a booking are cleaned, never rejected (T6).
///
/// ```
/// use frontdesk::{Booking, BookingId, BookingStatus, DisplayName, ProfileId};
/// use std::time::Duration;
///
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour")
///     .with_start("2027-03-20T09:00:00Z".parse()?)
///     .with_duration(Duration::from_secs(2 * 3600))
///     .with_status(BookingStatus::Confirmed)
///     .with_customer_name(DisplayName::new("Ann Lee"))
///     .with_profile(ProfileId::new("crm-88")?);
/// assert_eq!(booking.code.prefix(), "K7Q2");
/// assert_eq!(booking.clone().with_duration(Duration::MAX).duration(), Booking::MAX_DURATION);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", into = "BookingRecord", try_from = "BookingRecord")]
#[non_exhaustive]
pub struct Booking {
    /// The id that the host application uses for the booking.
    pub id: BookingId,
    /// The confirmation code, which the customer knows.
    pub code: ConfirmationCode,
    /// The booked activity; may be empty.
    pub activity: SingleLine,
    /// The start of the activity; `None` if no date is agreed yet.
    pub starts_at: Option<Timestamp>,
    /// The duration in whole seconds; zero if it is unknown.
    duration_secs: u32,
    /// The status of the booking.
    pub status: BookingStatus,
    /// The name of the customer who booked, if it is known.
    pub customer_name: Option<DisplayName>,
    /// The customer's CRM profile, if there is one. Customers never see it (A2).
    pub profile: Option<ProfileId>,
}

impl Booking {
    /// The longest duration: 2^31 - 1 seconds, about 68 years.
    pub const MAX_DURATION: Duration = Duration::from_secs(i32::MAX as u64);

    /// Creates a [`Pending`](BookingStatus::Pending) booking without a start, a duration, a
    /// customer's name or a profile.
    pub fn new(id: BookingId, code: impl AsRef<str>, activity: impl AsRef<str>) -> Self {
        Self {
            id,
            code: ConfirmationCode::new(code),
            activity: SingleLine::new(activity),
            starts_at: None,
            duration_secs: 0,
            status: BookingStatus::Pending,
            customer_name: None,
            profile: None,
        }
    }

    /// Creates a booking for an enquiry, which has no confirmation code and no start. The subject
    /// is its [`activity`](Self::activity).
    ///
    /// ```
    /// use frontdesk::{Booking, BookingId};
    ///
    /// let enquiry = Booking::enquiry(BookingId::new("enquiry-3")?, "Do you rent kayaks?");
    /// assert_eq!((enquiry.code.as_str(), enquiry.starts_at), ("", None));
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    pub fn enquiry(id: BookingId, subject: impl AsRef<str>) -> Self {
        Self::new(id, "", subject)
    }

    /// Sets the start.
    #[must_use]
    pub fn with_start(mut self, at: Timestamp) -> Self {
        self.starts_at = Some(at);
        self
    }

    /// Sets the duration in whole seconds. Fractions of a second are dropped, and a duration
    /// above [`MAX_DURATION`](Self::MAX_DURATION) is reduced to this limit.
    #[must_use]
    pub fn with_duration(mut self, duration: Duration) -> Self {
        let seconds = duration.min(Self::MAX_DURATION).as_secs();
        self.duration_secs = u32::try_from(seconds).unwrap_or(u32::MAX);
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: BookingStatus) -> Self {
        self.status = status;
        self
    }

    /// Sets or removes the customer's name.
    #[must_use]
    pub fn with_customer_name(mut self, name: Option<DisplayName>) -> Self {
        self.customer_name = name;
        self
    }

    /// Sets the CRM profile.
    #[must_use]
    pub fn with_profile(mut self, profile: ProfileId) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Returns the duration, or zero if it is unknown.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.duration_secs.into())
    }
}

impl From<Booking> for BookingRecord {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id.as_str().to_owned(),
            code: booking.code.as_str().to_owned(),
            activity: booking.activity.as_str().to_owned(),
            starts_at: booking.starts_at,
            duration_secs: booking.duration_secs.into(),
            status: booking.status.word().to_owned(),
            customer_name: booking.customer_name.map(|name| name.as_str().to_owned()),
            profile: booking.profile.map(|profile| profile.as_str().to_owned()),
        }
    }
}

impl TryFrom<BookingRecord> for Booking {
    type Error = InvalidRecord;

    fn try_from(record: BookingRecord) -> Result<Self, InvalidRecord> {
        let duration_secs =
            i32::try_from(record.duration_secs).and_then(u32::try_from).map_err(|_| {
                InvalidRecord::rule("booking", "duration is outside 0 to 2^31 - 1 seconds")
            })?;
        Ok(Self {
            id: BookingId::new(record.id)?,
            code: ConfirmationCode::from_stored(record.code)?,
            activity: SingleLine::from_stored(record.activity)?,
            starts_at: record.starts_at,
            duration_secs,
            status: BookingStatus::from_stored(record.status)?,
            customer_name: record.customer_name.map(DisplayName::from_stored).transpose()?,
            profile: record.profile.map(ProfileId::new).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T6: the single-line texts of a booking are cleaned like a display name.
    #[test]
    fn t6_the_texts_of_a_booking_are_cleaned() {
        let booking = Booking::new(BookingId::new("b").unwrap(), " K7\n", "\u{202E}Tour\0")
            .with_status(BookingStatus::from_word(" on \t hold"));
        assert_eq!(booking.code.as_str(), "K7");
        assert_eq!(booking.activity.as_str(), "Tour");
        assert_eq!(booking.status.word(), "on hold");
    }

    /// T8: a duration is 0 to 2^31 - 1 whole seconds, in code and in records.
    #[test]
    fn t8_a_duration_stays_in_range() {
        let new = || Booking::new(BookingId::new("b").unwrap(), "", "");
        assert_eq!(new().with_duration(Duration::MAX).duration(), Booking::MAX_DURATION);
        let longest = BookingRecord::from(new().with_duration(Duration::MAX));
        assert!(Booking::try_from(longest.clone()).is_ok());
        for seconds in [-1, longest.duration_secs + 1, i64::MAX] {
            let record = BookingRecord { duration_secs: seconds, ..longest.clone() };
            assert!(Booking::try_from(record).is_err(), "{seconds}");
        }
    }
}
