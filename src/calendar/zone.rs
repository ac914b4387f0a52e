use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, PrimitiveDateTime, Time, UtcOffset};

use crate::timestamp::Timestamp;

/// A time zone, usually the location's (W4).
///
/// `time::UtcOffset` is one, for places without daylight saving and for tests.
/// A host implements it for its own zone type by saying which offset holds when.
///
/// # Contract
///
/// - `offset_at` is a pure function of the instant.
/// - `span_at` says the same as `offset_at`, for as many instants around `at` as
///   it knows. The default knows `at` alone, which is right and slow.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{LocalTime, Zone};
/// use time::UtcOffset;
///
/// /// Central Europe, in 2027 only.
/// struct Amsterdam;
///
/// impl Zone for Amsterdam {
///     fn offset_at(&self, at: Timestamp) -> UtcOffset {
///         let summer = "2027-03-28T01:00:00Z".parse().unwrap().."2027-10-31T01:00:00Z".parse().unwrap();
///         UtcOffset::from_hms(if summer.contains(&at) { 2 } else { 1 }, 0, 0).unwrap()
///     }
/// }
///
/// let at: Timestamp = "2027-03-28T01:30:00Z".parse()?;
/// assert_eq!(LocalTime::new(at, &Amsterdam).to_string(), "2027-03-28T03:30:00+02:00");
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[diagnostic::on_unimplemented(
    note = "`time::UtcOffset` is a zone and, with the feature `jiff`, `jiff::tz::TimeZone`"
)]
pub trait Zone: Send + Sync {
    /// What is added to UTC at `at`.
    fn offset_at(&self, at: Timestamp) -> UtcOffset;

    /// The offset at `at`, and since and until when it certainly holds: what
    /// makes grouping a long history ask once a season and not once a message.
    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        OffsetSpan { offset: self.offset_at(at), from: at, until: at }
    }
}

/// An offset and the instants it holds for beside the one that was asked about:
/// from one transition, included, until the next, excluded.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{OffsetSpan, Zone};
/// use time::UtcOffset;
///
/// let (offset, from, until) = (UtcOffset::UTC, Timestamp::MIN, Timestamp::MAX);
/// let always = OffsetSpan { offset, from, until };
/// assert_eq!(offset.span_at(Timestamp::UNIX_EPOCH), always);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OffsetSpan {
    /// What is added to UTC.
    pub offset: UtcOffset,
    /// The first instant it is known to hold for.
    pub from: Timestamp,
    /// The first instant it is not known to hold for any more.
    pub until: Timestamp,
}

impl Zone for UtcOffset {
    fn offset_at(&self, _: Timestamp) -> UtcOffset {
        *self
    }

    fn span_at(&self, _: Timestamp) -> OffsetSpan {
        OffsetSpan { offset: *self, from: Timestamp::MIN, until: Timestamp::MAX }
    }
}

macro_rules! zone_behind {
    ($($pointer:ty),+) => {$(
        impl<Z: Zone + ?Sized> Zone for $pointer {
            fn offset_at(&self, at: Timestamp) -> UtcOffset {
                (**self).offset_at(at)
            }

            fn span_at(&self, at: Timestamp) -> OffsetSpan {
                (**self).span_at(at)
            }
        }
    )+};
}

zone_behind!(&Z, Box<Z>, Arc<Z>);

/// An instant as a zone's calendar and clock show it.
///
/// As text and in JSON it is RFC 3339 with the zone's offset, in whole minutes
/// as RFC 3339 has them. Local times that would leave years 1 to 9999 saturate
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
    /// What calendar and clock show in `zone` at `at`.
    pub fn new(at: Timestamp, zone: &(impl Zone + ?Sized)) -> Self {
        Self { at, offset: zone.offset_at(at) }
    }

    /// The instant.
    pub fn timestamp(self) -> Timestamp {
        self.at
    }

    /// What is added to UTC.
    pub fn offset(self) -> UtcOffset {
        self.offset
    }

    /// The date.
    pub fn date(self) -> Date {
        self.date_time(self.offset).date()
    }

    /// The time of day.
    pub fn time(self) -> Time {
        self.date_time(self.offset).time()
    }

    fn date_time(self, offset: UtcOffset) -> PrimitiveDateTime {
        let shifted = self.at.unix_micros() + micros(offset);
        let local = Timestamp::saturating_from_unix_micros(shifted).to_offset_date_time();
        PrimitiveDateTime::new(local.date(), local.time())
    }
}

/// An offset in microseconds.
pub(super) fn micros(offset: UtcOffset) -> i64 {
    i64::from(offset.whole_seconds()) * 1_000_000
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // RFC 3339 has neither seconds in an offset, as there were before standard
        // time, nor a whole day, which `UtcOffset` has.
        const MOST: i32 = 24 * 60 - 1;
        let minutes = self.offset.whole_minutes().into();
        let whole = 60 * i32::clamp(minutes, -MOST, MOST);
        let offset = UtcOffset::from_whole_seconds(whole).map_err(|_| fmt::Error)?;
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

    /// W1: local times that would leave years 1 to 9999 saturate.
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

    /// W4: a zone behind a pointer is that zone.
    #[test]
    fn w4_a_zone_behind_a_pointer_is_that_zone() {
        let zone = offset!(+9);
        let behind: [Box<dyn Zone>; 3] =
            [Box::new(&zone), Box::new(Box::new(zone)), Box::new(std::sync::Arc::new(zone))];
        for zone_behind in &behind {
            assert_eq!(zone_behind.span_at(Timestamp::MAX), zone.span_at(Timestamp::MAX));
            assert_eq!(LocalTime::new(Timestamp::MAX, zone_behind).offset(), zone);
        }
    }

    /// W4: an offset with seconds dates exactly and is written in whole minutes.
    #[test]
    fn w4_an_offset_with_seconds_is_written_in_whole_minutes() {
        let amsterdam_1900 = offset!(+0:19:32);
        let at: Timestamp = "1900-01-01T23:40:28Z".parse().unwrap();
        let local = LocalTime::new(at, &amsterdam_1900);
        assert_eq!((local.date(), local.time()), (date!(1900 - 01 - 02), time!(0:00)));
        assert_eq!(local.to_string(), "1900-01-01T23:59:28+00:19");

        let a_day_ahead = UtcOffset::from_hms(25, 59, 59).unwrap();
        let written = LocalTime::new(at, &a_day_ahead).to_string();
        assert_eq!(written, "1900-01-02T23:39:28+23:59");
        assert_eq!(written.parse(), Ok(at), "the instant is the same");
    }
}
