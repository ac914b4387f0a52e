//! Timestamps (W1).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant in UTC, in whole microseconds, within years 1 to 9999 (W1).
///
/// Finer input is truncated on construction, so every store returns exactly the
/// timestamp that it received. The text and JSON format is RFC 3339 in UTC. The default is
/// the Unix epoch.
///
/// ```
/// use frontdesk::Timestamp;
///
/// let at: Timestamp = "2027-03-15T09:30:00.1234567+01:00".parse()?;
/// assert_eq!(at.to_string(), "2027-03-15T08:30:00.123456Z");
/// assert_eq!(Timestamp::from_unix_micros(at.unix_micros())?, at);
/// assert!("0000-12-31T23:59:59Z".parse::<Timestamp>().is_err());
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Error for an instant or a text that is not a valid [`Timestamp`] (W1).
///
/// ```
/// use frontdesk::{Timestamp, TimestampError};
///
/// let tomorrow = "tomorrow".parse::<Timestamp>();
/// assert_eq!(tomorrow, Err(TimestampError::NotRfc3339));
/// let local = "2027-03-15T09:30:00".parse::<Timestamp>();
/// assert_eq!(local, Err(TimestampError::MissingOffset));
/// assert_eq!(Timestamp::from_unix_micros(i64::MAX), Err(TimestampError::OutOfRange));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The instant is before year 1 or after year 9999.
    #[error("timestamp is outside years 1 to 9999")]
    OutOfRange,
    /// The text is a date and time without an offset from UTC, such as `2027-03-15T09:30:00`.
    /// A local time names an instant only together with its offset.
    #[error(
        "timestamp has no offset from UTC: append \"Z\" to a time in UTC, or the offset of the \
         local time, such as \"+01:00\""
    )]
    MissingOffset,
    /// The text is not an RFC 3339 date and time.
    #[error("timestamp is not an RFC 3339 date and time, such as \"2027-03-15T09:30:00Z\"")]
    NotRfc3339,
}

impl Timestamp {
    /// The earliest timestamp: `0001-01-01T00:00:00Z`.
    pub const MIN: Self = Self(-62_135_596_800_000_000);
    /// The latest timestamp: `9999-12-31T23:59:59.999999Z`.
    pub const MAX: Self = Self(253_402_300_799_999_999);
    /// The Unix epoch: `1970-01-01T00:00:00Z`.
    pub const UNIX_EPOCH: Self = Self(0);

    /// Creates a timestamp from seconds since the Unix epoch; negative numbers are before the
    /// epoch.
    ///
    /// Most exports and APIs count in seconds. Their numbers are also valid microseconds, of a
    /// time in the year 1970, so the unit must be known from the documentation of the source.
    ///
    /// ```
    /// use frontdesk::Timestamp;
    ///
    /// let at = Timestamp::from_unix_seconds(1_805_099_400)?;
    /// assert_eq!(at.to_string(), "2027-03-15T08:30:00Z");
    /// assert_eq!(Timestamp::from_unix_millis(1_805_099_400_250)?.to_string(), "2027-03-15T08:30:00.25Z");
    ///
    /// let wrong_unit = Timestamp::from_unix_micros(1_805_099_400)?;
    /// assert_eq!(wrong_unit.to_string(), "1970-01-01T00:30:05.0994Z");
    /// # Ok::<(), frontdesk::TimestampError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`TimestampError::OutOfRange`] if the timestamp is before [`MIN`](Self::MIN) or
    /// after [`MAX`](Self::MAX). Present-day milliseconds are out of this range.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, TimestampError> {
        Self::from_unix_units(seconds, 1_000_000)
    }

    /// Creates a timestamp from milliseconds since the Unix epoch; negative numbers are before
    /// the epoch.
    ///
    /// # Errors
    ///
    /// Returns [`TimestampError::OutOfRange`] if the timestamp is before [`MIN`](Self::MIN) or
    /// after [`MAX`](Self::MAX). Present-day microseconds are out of this range.
    pub fn from_unix_millis(millis: i64) -> Result<Self, TimestampError> {
        Self::from_unix_units(millis, 1_000)
    }

    fn from_unix_units(units: i64, micros_per_unit: i64) -> Result<Self, TimestampError> {
        units
            .checked_mul(micros_per_unit)
            .ok_or(TimestampError::OutOfRange)
            .and_then(Self::from_unix_micros)
    }

    /// Creates a timestamp from microseconds since the Unix epoch; negative numbers are
    /// before the epoch.
    ///
    /// # Errors
    ///
    /// Returns [`TimestampError::OutOfRange`] if the timestamp is before [`MIN`](Self::MIN) or
    /// after [`MAX`](Self::MAX).
    pub fn from_unix_micros(micros: i64) -> Result<Self, TimestampError> {
        let at = Self(micros);
        if (Self::MIN..=Self::MAX).contains(&at) { Ok(at) } else { Err(TimestampError::OutOfRange) }
    }

    /// Creates a timestamp like [`from_unix_micros`](Self::from_unix_micros), but
    /// replaces a number outside the range by [`MIN`](Self::MIN) or [`MAX`](Self::MAX).
    pub fn saturating_from_unix_micros(micros: i64) -> Self {
        Self(micros.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Returns the microseconds since the Unix epoch.
    #[inline]
    pub fn unix_micros(self) -> i64 {
        self.0
    }

    /// Returns the timestamp `span` later, at most [`MAX`](Self::MAX).
    #[must_use]
    pub fn saturating_add(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::saturating_from_unix_micros(self.0.saturating_add(micros))
    }

    /// Returns the timestamp `span` earlier, at least [`MIN`](Self::MIN).
    #[must_use]
    pub fn saturating_sub(self, span: Duration) -> Self {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        Self::saturating_from_unix_micros(self.0.saturating_sub(micros))
    }

    /// Returns the time from `earlier` to this timestamp, or zero if `earlier` is later.
    ///
    /// ```
    /// use frontdesk::Timestamp;
    /// use std::time::Duration;
    ///
    /// let (now, minute) = (Timestamp::UNIX_EPOCH, Duration::from_secs(60));
    /// assert_eq!(now.saturating_add(minute).saturating_since(now), minute);
    /// assert_eq!(now.saturating_since(now.saturating_add(minute)), Duration::ZERO);
    /// assert_eq!(Timestamp::MIN.saturating_sub(minute), Timestamp::MIN);
    /// assert_eq!(Timestamp::saturating_from_unix_micros(i64::MAX), Timestamp::MAX);
    /// ```
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns the same instant as a date and time of the `time` crate, in UTC.
    ///
    /// ```
    /// use frontdesk::Timestamp;
    ///
    /// let at: Timestamp = "2027-03-15T08:30:00Z".parse()?;
    /// assert_eq!(at.to_offset_date_time().hour(), 8);
    /// assert_eq!(Timestamp::try_from(at.to_offset_date_time())?, at);
    /// # Ok::<(), frontdesk::TimestampError>(())
    /// ```
    pub fn to_offset_date_time(self) -> OffsetDateTime {
        // The conversion cannot fail: `time` supports years -9999 to 9999.
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(at: OffsetDateTime) -> Result<Self, TimestampError> {
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1000))
            .map_err(|_| TimestampError::OutOfRange)
            .and_then(Self::from_unix_micros)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(at: Timestamp) -> Self {
        at.to_offset_date_time()
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        OffsetDateTime::parse(text, &Rfc3339).map_err(|_| describe_invalid(text))?.try_into()
    }
}

/// Returns the reason why a text is not a timestamp. If the text becomes one with an offset, the
/// offset is all that is missing.
fn describe_invalid(text: &str) -> TimestampError {
    // The longest form with nanoseconds has 29 bytes, so a long text is not copied.
    let with_offset = (text.len() < 64).then(|| format!("{text}Z"));
    match with_offset {
        Some(text) if OffsetDateTime::parse(&text, &Rfc3339).is_ok() => {
            TimestampError::MissingOffset
        }
        _ => TimestampError::NotRfc3339,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_offset_date_time().format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W1: the range is years 1 to 9999, and the next microsecond on either side is rejected.
    #[test]
    fn w1_the_range_is_years_1_to_9999() {
        assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(format!("{:?}", Timestamp::MIN), "0001-01-01T00:00:00Z");
        assert_eq!("0001-01-01T00:00:00Z".parse(), Ok(Timestamp::MIN));
        assert_eq!("9999-12-31T23:59:59.999999Z".parse(), Ok(Timestamp::MAX));
        for micros in [Timestamp::MIN.0 - 1, Timestamp::MAX.0 + 1, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_unix_micros(micros), Err(TimestampError::OutOfRange));
        }
        // The local time is inside the range, but the offset puts the instant outside the range.
        assert!("9999-12-31T23:59:59-01:00".parse::<Timestamp>().is_err());
        assert!("0001-01-01T00:30:00+01:00".parse::<Timestamp>().is_err());
    }

    /// W1: input finer than a microsecond is truncated toward the past, also before the epoch.
    #[test]
    fn w1_finer_input_is_truncated() {
        for text in ["2027-01-01T00:00:00.0000019Z", "1969-12-31T23:59:59.9999999Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert!(text.starts_with(at.to_string().trim_end_matches('Z')), "{at} from {text}");
        }
        let before_epoch: Timestamp = "1969-12-31T23:59:59.9999999Z".parse().unwrap();
        assert_eq!(before_epoch.unix_micros(), -1);
    }

    /// W1: seconds and milliseconds have the same range as microseconds, and a number of a finer
    /// unit is out of the range.
    #[test]
    fn w1_seconds_and_milliseconds_are_counted_from_the_epoch() {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp(-1_500_000_000_000_000)] {
            assert_eq!(Timestamp::from_unix_seconds(at.0 / 1_000_000), Ok(at));
            assert_eq!(Timestamp::from_unix_millis(at.0 / 1_000), Ok(at));
        }
        assert_eq!(
            Timestamp::from_unix_seconds(253_402_300_799),
            "9999-12-31T23:59:59Z".parse(),
            "the last second of year 9999"
        );
        assert_eq!(
            Timestamp::from_unix_millis(253_402_300_799_999),
            "9999-12-31T23:59:59.999Z".parse(),
            "the last millisecond of year 9999"
        );
        let out_of_range = Err(TimestampError::OutOfRange);
        for seconds in [-62_135_596_801, 253_402_300_800, 1_805_099_400_000, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_unix_seconds(seconds), out_of_range, "{seconds}");
        }
        for millis in [-62_135_596_800_001, 253_402_300_800_000, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_unix_millis(millis), out_of_range, "{millis}");
        }
    }

    /// W1: the error for a local time says that the offset is missing.
    #[test]
    fn w1_a_time_without_an_offset_lacks_its_offset() {
        for text in ["2027-03-15T09:30:00", "2027-03-15T09:30:00.25", "2027-03-15t09:30:00"] {
            let error = text.parse::<Timestamp>().unwrap_err();
            assert_eq!(error, TimestampError::MissingOffset, "{text}");
            assert!(error.to_string().contains("has no offset"), "{error}");
        }
        for text in ["2027-03-15", "2027-02-30T09:30:00", "2027-03-15T09:30", "1805099400", ""] {
            let error = text.parse::<Timestamp>().unwrap_err();
            assert_eq!(error, TimestampError::NotRfc3339, "{text}");
        }
        let long = "2027-03-15T09:30:00".repeat(1_000);
        assert_eq!(long.parse::<Timestamp>(), Err(TimestampError::NotRfc3339));
    }

    /// W1: arithmetic saturates at both ends of the range.
    #[test]
    fn w1_arithmetic_saturates() {
        assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.saturating_sub(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.saturating_since(Timestamp::MAX), Duration::ZERO);
    }
}
