use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, PrimitiveDateTime, Time, UtcOffset};

use crate::Timestamp;

/// A time zone, usually that of a location (W4).
///
/// `time::UtcOffset` implements the trait, for locations without daylight saving time and for
/// tests. A host application can implement the trait for its own zone type.
///
/// # Contract
///
/// - `offset_at` is a pure function of the timestamp.
/// - `span_at` returns the same offset as `offset_at`, and `offset_at` returns that offset
///   for all timestamps of the span. The default implementation returns an empty span,
///   which is correct but slow.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{LocalTime, TimeZone};
/// use time::UtcOffset;
///
/// /// Central Europe, in 2027 only.
/// struct Amsterdam;
///
/// impl TimeZone for Amsterdam {
///     fn offset_at(&self, at: Timestamp) -> UtcOffset {
///         let start = "2027-03-28T01:00:00Z".parse().unwrap();
///         let end = "2027-10-31T01:00:00Z".parse().unwrap();
///         let is_summer = (start..end).contains(&at);
///         UtcOffset::from_hms(if is_summer { 2 } else { 1 }, 0, 0).unwrap()
///     }
/// }
///
/// let at: Timestamp = "2027-03-28T01:30:00Z".parse()?;
/// assert_eq!(LocalTime::new(at, &Amsterdam).to_string(), "2027-03-28T03:30:00+02:00");
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[diagnostic::on_unimplemented(
    note = "`time::UtcOffset` implements `TimeZone`",
    note = "with the feature `jiff`, `jiff::tz::TimeZone` implements it as well"
)]
pub trait TimeZone: Send + Sync {
    /// Returns the offset of local time from UTC at `at`.
    fn offset_at(&self, at: Timestamp) -> UtcOffset;

    /// Returns the offset at `at` and the range of timestamps that certainly have the same
    /// offset.
    ///
    /// With these ranges, grouping a long history queries the zone once for each season
    /// and not once for each message.
    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        OffsetSpan { offset: self.offset_at(at), from: at, until: at }
    }
}

/// An offset from UTC and a range of timestamps that have this offset.
///
/// No change of the offset is inside the range, except at its start. The offset also applies to
/// the timestamp that was passed to [`TimeZone::span_at`], even if this timestamp is outside the
/// range.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{OffsetSpan, TimeZone};
/// use time::UtcOffset;
///
/// let (offset, from, until) = (UtcOffset::UTC, Timestamp::MIN, Timestamp::MAX);
/// let all_time = OffsetSpan { offset, from, until };
/// assert_eq!(offset.span_at(Timestamp::UNIX_EPOCH), all_time);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OffsetSpan {
    /// The offset of local time from UTC.
    pub offset: UtcOffset,
    /// The first timestamp of the range.
    pub from: Timestamp,
    /// The first timestamp after the range.
    pub until: Timestamp,
}

impl TimeZone for UtcOffset {
    fn offset_at(&self, _: Timestamp) -> UtcOffset {
        *self
    }

    fn span_at(&self, _: Timestamp) -> OffsetSpan {
        OffsetSpan { offset: *self, from: Timestamp::MIN, until: Timestamp::MAX }
    }
}

macro_rules! impl_for_pointers {
    ($($pointer:ty),+) => {$(
        impl<Z: TimeZone + ?Sized> TimeZone for $pointer {
            fn offset_at(&self, at: Timestamp) -> UtcOffset {
                (**self).offset_at(at)
            }

            fn span_at(&self, at: Timestamp) -> OffsetSpan {
                (**self).span_at(at)
            }
        }
    )+};
}

impl_for_pointers!(&Z, Box<Z>, Arc<Z>);

/// A timestamp as local date and time in a time zone.
///
/// The text and JSON format is RFC 3339 with the zone's offset in whole minutes, because
/// RFC 3339 has no seconds in an offset. A local time outside years 1 to 9999 saturates
/// (W1).
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::LocalTime;
/// use time::UtcOffset;
/// use time::macros::{date, offset, time};
///
/// let at: Timestamp = "2027-03-15T23:30:00Z".parse()?;
/// let local = LocalTime::new(at, &offset!(+1));
/// assert_eq!((local.date(), local.time()), (date!(2027-03-16), time!(0:30)));
/// assert_eq!((local.timestamp(), local.offset()), (at, offset!(+1)));
/// assert_eq!(local.to_string(), "2027-03-16T00:30:00+01:00");
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocalTime {
    at: Timestamp,
    offset: UtcOffset,
}

impl LocalTime {
    /// Creates the local time of `at` in `zone`.
    pub fn new(at: Timestamp, zone: &(impl TimeZone + ?Sized)) -> Self {
        Self { at, offset: zone.offset_at(at) }
    }

    /// Returns the timestamp.
    pub fn timestamp(self) -> Timestamp {
        self.at
    }

    /// Returns the offset of local time from UTC.
    pub fn offset(self) -> UtcOffset {
        self.offset
    }

    /// Returns the local date.
    pub fn date(self) -> Date {
        self.date_time(self.offset).date()
    }

    /// Returns the local time of day.
    pub fn time(self) -> Time {
        self.date_time(self.offset).time()
    }

    fn date_time(self, offset: UtcOffset) -> PrimitiveDateTime {
        let shifted = self.at.unix_micros() + micros(offset);
        let local = Timestamp::saturating_from_unix_micros(shifted).to_offset_date_time();
        PrimitiveDateTime::new(local.date(), local.time())
    }
}

/// Returns an offset in microseconds.
pub(super) fn micros(offset: UtcOffset) -> i64 {
    i64::from(offset.whole_seconds()) * 1_000_000
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 3339 allows only offsets in whole minutes and of less than a day. Offsets before
        // standard time had seconds, and some values of `UtcOffset` are longer than a day, so the
        // seconds are dropped and longer offsets are clamped.
        const MAX_MINUTES: i32 = 24 * 60 - 1;
        let minutes = i32::from(self.offset.whole_minutes()).clamp(-MAX_MINUTES, MAX_MINUTES);
        let offset = UtcOffset::from_whole_seconds(60 * minutes).map_err(|_| fmt::Error)?;
        let local = self.date_time(offset).assume_offset(offset);
        f.write_str(&local.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, offset, time};

    /// W1: local times outside years 1 to 9999 saturate.
    #[test]
    fn w1_local_times_saturate() {
        let late = LocalTime::new(Timestamp::MAX, &offset!(+14));
        assert_eq!((late.date(), late.time()), (date!(9999 - 12 - 31), time!(23:59:59.999999)));
        let early = LocalTime::new(Timestamp::MIN, &offset!(-12));
        assert_eq!((early.date(), early.time()), (date!(0001 - 01 - 01), time!(0:00)));
        for extreme in [late, early] {
            assert!(serde_json::to_string(&extreme).is_ok());
        }
    }

    /// W4: a pointer to a zone returns the same offsets and spans as the zone.
    #[test]
    fn w4_a_pointer_to_a_zone_equals_the_zone() {
        let zone = offset!(+9);
        let pointers: [Box<dyn TimeZone>; 3] =
            [Box::new(&zone), Box::new(Box::new(zone)), Box::new(std::sync::Arc::new(zone))];
        for pointer in &pointers {
            assert_eq!(pointer.span_at(Timestamp::MAX), zone.span_at(Timestamp::MAX));
            assert_eq!(LocalTime::new(Timestamp::MAX, pointer).offset(), zone);
        }
    }

    /// W4: the seconds of an offset count for the local date and time, but the text has an offset
    /// in whole minutes.
    #[test]
    fn w4_an_offset_with_seconds_is_written_in_whole_minutes() {
        let amsterdam_1900 = offset!(+0:19:32);
        let at: Timestamp = "1900-01-01T23:40:28Z".parse().unwrap();
        let local = LocalTime::new(at, &amsterdam_1900);
        assert_eq!((local.date(), local.time()), (date!(1900 - 01 - 02), time!(0:00)));
        assert_eq!(local.to_string(), "1900-01-01T23:59:28+00:19");

        let largest_offset = UtcOffset::from_hms(25, 59, 59).unwrap();
        let text = LocalTime::new(at, &largest_offset).to_string();
        assert_eq!(text, "1900-01-02T23:39:28+23:59");
        assert_eq!(text.parse(), Ok(at), "the text is the same instant");
    }
}
