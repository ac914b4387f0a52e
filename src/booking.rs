//! The host's reservation, as a thread keeps it.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{BookingId, ProfileId};
use crate::record::Corrupt;
use crate::text::{DisplayName, Html, LineError, OneLine};
use crate::timestamp::Timestamp;

/// The host's reservation: what a thread is about.
///
/// A thread keeps the host's latest snapshot of it; only an explicit refresh
/// changes that (L5). Texts are cleaned, never refused (T6).
///
/// ```
/// use frontdesk::{Booking, BookingId, BookingStatus, DisplayName, ProfileId};
/// use std::time::Duration;
///
/// let booking = Booking::new(
///     BookingId::new("b-1")?,
///     "K7Q2-XH41",
///     "Harbour tour",
///     "2027-03-20T09:00:00Z".parse()?,
/// )
/// .lasting(Duration::from_secs(2 * 3600))
/// .with_status(BookingStatus::Confirmed)
/// .with_customer_name(DisplayName::new("Ann Lee"))
/// .with_profile(ProfileId::new("crm-88")?);
/// assert_eq!(booking.code.short(), "K7Q2");
/// assert_eq!(booking.clone().lasting(Duration::MAX).duration(), Booking::MAX_DURATION);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", into = "BookingRecord", try_from = "BookingRecord")]
#[non_exhaustive]
pub struct Booking {
    /// The host's id.
    pub id: BookingId,
    /// The code that the customer knows.
    pub code: ConfirmationCode,
    /// What was booked; may be empty.
    pub activity: OneLine,
    /// When it starts.
    pub starts_at: Timestamp,
    /// How long it takes, in whole seconds; zero when nobody said.
    duration_secs: u32,
    /// How it stands.
    pub status: BookingStatus,
    /// Who booked, if anybody said.
    pub customer_name: Option<DisplayName>,
    /// The customer's CRM profile, if there is one. Customers never see it (A2).
    pub profile: Option<ProfileId>,
}

impl Booking {
    /// The longest duration: 2^31 - 1 seconds, 68 years. A longer one is cut to it.
    pub const MAX_DURATION: Duration = Duration::from_secs(i32::MAX as u64);

    /// A booking without a duration, a customer's name or a profile, [`Pending`](BookingStatus::Pending).
    pub fn new(
        id: BookingId,
        code: impl AsRef<str>,
        activity: impl AsRef<str>,
        starts_at: Timestamp,
    ) -> Self {
        Self {
            id,
            code: ConfirmationCode::new(code),
            activity: OneLine::new(activity),
            starts_at,
            duration_secs: 0,
            status: BookingStatus::Pending,
            customer_name: None,
            profile: None,
        }
    }

    /// The same with a duration; parts of a second are dropped, and more than
    /// [`MAX_DURATION`](Self::MAX_DURATION) becomes that.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        let whole = duration.min(Self::MAX_DURATION).as_secs();
        self.duration_secs = u32::try_from(whole).unwrap_or(u32::MAX);
        self
    }

    /// The same with a status.
    #[must_use]
    pub fn with_status(mut self, status: BookingStatus) -> Self {
        self.status = status;
        self
    }

    /// The same with a customer's name, or without one.
    #[must_use]
    pub fn with_customer_name(mut self, name: Option<DisplayName>) -> Self {
        self.customer_name = name;
        self
    }

    /// The same with a CRM profile.
    #[must_use]
    pub fn with_profile(mut self, profile: ProfileId) -> Self {
        self.profile = Some(profile);
        self
    }

    /// How long it takes; zero when nobody said.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.duration_secs.into())
    }
}

/// The code that the customer knows a booking by, such as `K7Q2-XH41` (T6).
///
/// ```
/// use frontdesk::ConfirmationCode;
///
/// assert_eq!(ConfirmationCode::new(" K7Q2-XH41-0001 ").short(), "K7Q2");
/// assert_eq!(ConfirmationCode::new("K7Q2").short(), "K7Q2");
///
/// let odd = ConfirmationCode::new("K7&Q2");
/// assert_eq!((odd.as_str(), odd.to_html().to_string().as_str()), ("K7&Q2", "K7&amp;Q2"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfirmationCode(OneLine);

impl ConfirmationCode {
    /// Cleans any text into a code; it may be empty.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(OneLine::new(text))
    }

    /// The part before the first hyphen, which is what a list has room for.
    pub fn short(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }

    /// The whole code.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The code for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> Html {
        self.0.to_html()
    }
}

impl AsRef<str> for ConfirmationCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::fmt::Display for ConfirmationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How a booking stands: one of four, or the host's own word.
///
/// In text columns and in JSON it is its [`word`](Self::word).
///
/// ```
/// use frontdesk::BookingStatus;
///
/// assert_eq!(BookingStatus::from_word("Cancelled"), BookingStatus::Cancelled);
/// assert_eq!(BookingStatus::from_word("on hold").word(), "on hold");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BookingStatus {
    /// Not confirmed yet.
    Pending,
    /// It will take place.
    Confirmed,
    /// It will not.
    Cancelled,
    /// It took place.
    Complete,
    /// The host's own word, never one of the four; made by
    /// [`from_word`](Self::from_word).
    #[non_exhaustive]
    Other(OneLine),
}

impl BookingStatus {
    /// Reads a status word: `pending`, `confirmed`, `cancelled` and `complete` in
    /// any ASCII case, anything else is the host's own.
    pub fn from_word(word: impl AsRef<str>) -> Self {
        let line = OneLine::new(word);
        Self::of_known(line.as_str()).unwrap_or(Self::Other(line))
    }

    fn of_known(word: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Cancelled, Self::Complete]
            .into_iter()
            .find(|known| known.word().eq_ignore_ascii_case(word))
    }

    fn from_stored(word: String) -> Result<Self, LineError> {
        Ok(match Self::of_known(&word) {
            Some(known) => known,
            None => Self::Other(OneLine::from_stored(word)?),
        })
    }

    /// The status as one word, for a column or a style; not translated.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Complete => "complete",
            Self::Other(word) => word.as_str(),
        }
    }
}

impl Serialize for BookingStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for BookingStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A [`Booking`] as plain values: columns of a row, or JSON.
///
/// ```
/// use frontdesk::{Booking, BookingRecord};
///
/// let booking: Booking = BookingRecord {
///     id: "b-1".into(),
///     code: "K7Q2-XH41".into(),
///     activity: "Harbour tour".into(),
///     starts_at: "2027-03-20T09:00:00Z".parse()?,
///     duration_secs: 7200,
///     status: "confirmed".into(),
///     customer_name: None,
///     profile: None,
/// }
/// .try_into()?;
/// assert_eq!(booking.duration().as_secs(), 7200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingRecord {
    /// [`Booking::id`].
    pub id: String,
    /// [`Booking::code`].
    pub code: String,
    /// [`Booking::activity`].
    pub activity: String,
    /// [`Booking::starts_at`].
    pub starts_at: Timestamp,
    /// [`Booking::duration`] in seconds.
    #[serde(default)]
    pub duration_secs: i64,
    /// [`BookingStatus::word`].
    pub status: String,
    /// [`Booking::customer_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// [`Booking::profile`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl std::fmt::Debug for BookingRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BookingRecord").field("id", &self.id).finish_non_exhaustive()
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
    type Error = Corrupt;

    fn try_from(record: BookingRecord) -> Result<Self, Corrupt> {
        let duration_secs =
            i32::try_from(record.duration_secs).and_then(u32::try_from).map_err(|_| {
                Corrupt::rule("booking", "its duration is outside of 0 to 2^31 - 1 seconds")
            })?;
        Ok(Self {
            id: BookingId::new(record.id)?,
            code: ConfirmationCode(OneLine::from_stored(record.code)?),
            activity: OneLine::from_stored(record.activity)?,
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

    /// T6: a booking's one-line texts are cleaned like a name.
    #[test]
    fn t6_a_bookings_texts_are_cleaned() {
        let at = Timestamp::UNIX_EPOCH;
        let booking = Booking::new(BookingId::new("b").unwrap(), " K7\n", "\u{202E}Tour\0", at)
            .with_status(BookingStatus::from_word(" on \t hold"));
        assert_eq!(booking.code.as_str(), "K7");
        assert_eq!(booking.activity.as_str(), "Tour");
        assert_eq!(booking.status.word(), "on hold");
    }

    /// The short code is the part before the first hyphen, whatever comes.
    #[test]
    fn a_short_code_ends_before_the_first_hyphen() {
        for (code, short) in [("K7-X-1", "K7"), ("K7", "K7"), ("", ""), ("-K7", ""), ("码-1", "码")]
        {
            assert_eq!(ConfirmationCode::new(code).short(), short, "{code:?}");
        }
    }

    /// A status read back is the one that was stored, the host's own words too.
    #[test]
    fn a_status_survives_its_word() {
        for word in ["pending", "CONFIRMED", "cancelled", "Complete", "on hold", ""] {
            let status = BookingStatus::from_word(word);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<BookingStatus>(&json).unwrap(), status);
        }
    }

    /// T8: a duration is whole seconds up to 2^31 - 1, in code and in records.
    #[test]
    fn t8_a_duration_stays_in_range() {
        let new = || Booking::new(BookingId::new("b").unwrap(), "", "", Timestamp::UNIX_EPOCH);
        assert_eq!(new().lasting(Duration::MAX).duration(), Booking::MAX_DURATION);
        let longest = BookingRecord::from(new().lasting(Duration::MAX));
        assert!(Booking::try_from(longest.clone()).is_ok());
        for seconds in [-1, longest.duration_secs + 1, i64::MAX] {
            let record = BookingRecord { duration_secs: seconds, ..longest.clone() };
            assert!(Booking::try_from(record).is_err(), "{seconds}");
        }
    }
}
