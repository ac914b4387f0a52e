use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::code::ConfirmationCode;
use super::status::BookingStatus;
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
/// assert_eq!((booking.code.prefix(), booking.version()), ("K7Q2", None));
/// assert_eq!(booking.clone().with_version(u64::MAX).version(), Some(Booking::MAX_VERSION));
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
    /// A code that the host application sets for display in lists. With `None`, lists show the
    /// [prefix](ConfirmationCode::prefix) of the confirmation code.
    pub short_code: Option<SingleLine>,
    /// The booked activity; may be empty.
    pub activity: SingleLine,
    /// The start of the activity; `None` if no date is agreed yet.
    pub starts_at: Option<Timestamp>,
    /// The duration in whole seconds; zero if it is unknown.
    pub(super) duration_secs: u32,
    /// The status of the booking.
    pub status: BookingStatus,
    /// The name of the customer who booked, if it is known.
    pub customer_name: Option<DisplayName>,
    /// The customer's CRM profile, if there is one. Customers never see it (A2).
    pub profile: Option<ProfileId>,
    pub(super) version: Option<u64>,
}

impl Booking {
    /// The longest duration: 2^31 - 1 seconds, about 68 years.
    pub const MAX_DURATION: Duration = Duration::from_secs(i32::MAX as u64);

    /// The highest version: 2^63 - 1.
    pub const MAX_VERSION: u64 = i64::MAX as u64;

    /// Creates a [`Pending`](BookingStatus::Pending) booking without a start, a duration, a
    /// short code, a customer's name, a profile or a version.
    pub fn new(id: BookingId, code: impl AsRef<str>, activity: impl AsRef<str>) -> Self {
        Self {
            id,
            code: ConfirmationCode::new(code),
            short_code: None,
            activity: SingleLine::new(activity),
            starts_at: None,
            duration_secs: 0,
            status: BookingStatus::Pending,
            customer_name: None,
            profile: None,
            version: None,
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
        self.duration_secs = duration_secs(duration);
        self
    }

    /// Sets the code that lists show in place of the confirmation code's
    /// [prefix](ConfirmationCode::prefix). Some prefixes are the same for every booking, as in
    /// `BK-10023`. A text without a visible character sets no code.
    ///
    /// ```
    /// use frontdesk::{Booking, BookingId};
    ///
    /// let booking = Booking::new(BookingId::new("b-1")?, "BK-10023", "Harbour tour");
    /// assert_eq!(booking.code.prefix(), "BK");
    /// assert_eq!(booking.with_short_code("10023").short_code.unwrap().as_str(), "10023");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    #[must_use]
    pub fn with_short_code(mut self, code: impl AsRef<str>) -> Self {
        self.short_code = short_code(code);
        self
    }

    /// Returns the code that lists show: the short code or, without one, the confirmation code before
    /// its first hyphen.
    pub(crate) fn list_code(&self) -> SingleLine {
        self.short_code.clone().unwrap_or_else(|| SingleLine::new(self.code.prefix()))
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

    /// Sets the version of this snapshot. The host application increases the version with each
    /// change of the booking, for example a row version or the time of the change in
    /// microseconds. A refresh with a lower version than the stored one changes nothing (L5), so
    /// refreshes can arrive in any order. A version above [`MAX_VERSION`](Self::MAX_VERSION) is
    /// reduced to this limit.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = Some(version.min(Self::MAX_VERSION));
        self
    }

    /// Returns the version of this snapshot, if the host application set one.
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// Returns the end, or `None` if the start or the duration is unknown.
    ///
    /// ```
    /// use frontdesk::{Booking, BookingId};
    /// use std::time::Duration;
    ///
    /// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour")
    ///     .with_start("2027-03-20T09:00:00Z".parse()?);
    /// assert_eq!(booking.ends_at(), None);
    /// let ends_at = booking.with_duration(Duration::from_secs(2 * 3600)).ends_at();
    /// assert_eq!(ends_at, Some("2027-03-20T11:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ends_at(&self) -> Option<Timestamp> {
        let duration = Some(self.duration()).filter(|duration| !duration.is_zero())?;
        Some(self.starts_at?.saturating_add(duration))
    }

    /// Returns the duration, or zero if it is unknown.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.duration_secs.into())
    }
}

/// Returns a duration in whole seconds, at most [`Booking::MAX_DURATION`].
pub(super) fn duration_secs(duration: Duration) -> u32 {
    let seconds = duration.min(Booking::MAX_DURATION).as_secs();
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// Cleans a short code. Returns `None` if no visible character remains.
pub(super) fn short_code(text: impl AsRef<str>) -> Option<SingleLine> {
    Some(SingleLine::new(text)).filter(|code| !code.is_blank())
}

impl From<Booking> for BookingRecord {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id.as_str().to_owned(),
            code: booking.code.as_str().to_owned(),
            short_code: booking.short_code.map(|code| code.as_str().to_owned()),
            activity: booking.activity.as_str().to_owned(),
            starts_at: booking.starts_at,
            duration_secs: booking.duration_secs.into(),
            status: booking.status.word().to_owned(),
            customer_name: booking.customer_name.map(|name| name.as_str().to_owned()),
            profile: booking.profile.map(|profile| profile.as_str().to_owned()),
            // No version is above `MAX_VERSION`, which fits into an `i64`.
            version: booking.version.map(u64::cast_signed),
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
        let version = record.version.map(u64::try_from).transpose();
        let version = version.map_err(|_| InvalidRecord::rule("booking", "version is negative"))?;
        Ok(Self {
            id: BookingId::new(record.id)?,
            code: ConfirmationCode::from_stored(record.code)?,
            short_code: record.short_code.map(SingleLine::from_stored).transpose()?,
            activity: SingleLine::from_stored(record.activity)?,
            starts_at: record.starts_at,
            duration_secs,
            status: BookingStatus::from_stored(record.status)?,
            customer_name: record.customer_name.map(DisplayName::from_stored).transpose()?,
            profile: record.profile.map(ProfileId::new).transpose()?,
            version,
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

    /// T8, L5: a version is 0 to 2^63 - 1, in code and in records.
    #[test]
    fn t8_l5_a_version_stays_in_range() {
        let new = || Booking::new(BookingId::new("b").unwrap(), "", "");
        for (version, expected) in [(0, 0), (7, 7), (u64::MAX, Booking::MAX_VERSION)] {
            let booking = new().with_version(version);
            assert_eq!(booking.version(), Some(expected));
            assert_eq!(Booking::try_from(BookingRecord::from(booking.clone())), Ok(booking));
        }
        let record = BookingRecord { version: Some(-1), ..new().into() };
        assert!(Booking::try_from(record).is_err());
    }

    /// T6: a short code is cleaned, and a code without a visible character is none.
    #[test]
    fn t6_a_short_code_has_a_visible_character() {
        let new = || Booking::new(BookingId::new("b").unwrap(), "BK-10023", "");
        let code = new().with_short_code(" 100\n23 ").short_code;
        assert_eq!(code.unwrap().as_str(), "100 23");
        for blank in ["", " ", "\u{200B}"] {
            assert_eq!(new().with_short_code(blank).short_code, None, "{blank:?}");
        }
    }
}
