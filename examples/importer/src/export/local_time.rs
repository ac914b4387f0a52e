//! Instants from local times.

use frontdesk::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// An instant and the doubt about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant {
    pub(crate) at: Timestamp,
    pub(crate) doubt: Option<Doubt>,
}

/// The reason why a local time does not name exactly one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The clock was set back, so that the time exists twice.
    Doubled,
    /// The clock was set forward, so that the time does not exist in the zone.
    Skipped,
}

impl Doubt {
    /// Returns the doubt and how it was decided, in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Doubled => {
                "local time exists twice, because the clock was set back; the first time that is \
                 not before the previous line was used"
            }
            Self::Skipped => {
                "local time does not exist in the zone, because the clock was set forward; the \
                 time before the change of the clock was continued"
            }
        }
    }
}

/// Returns the instant of a local time. If the local time exists twice, it is the first instant that
/// is not before `previous`, else the second one. Returns `None` outside years 1 to 9999.
pub(crate) fn instant(
    local: DateTime,
    zone: &TimeZone,
    previous: Option<Timestamp>,
) -> Option<Instant> {
    let at = |offset: jiff::tz::Offset| {
        let at = offset.to_timestamp(local).ok()?;
        Timestamp::from_unix_micros(at.as_microsecond()).ok()
    };
    Some(match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Instant { at: at(offset)?, doubt: None },
        AmbiguousOffset::Gap { before, .. } => {
            Instant { at: at(before)?, doubt: Some(Doubt::Skipped) }
        }
        AmbiguousOffset::Fold { before, after } => {
            let (first, second) = (at(before)?, at(after)?);
            let at = if previous.is_some_and(|previous| first < previous) { second } else { first };
            Instant { at, doubt: Some(Doubt::Doubled) }
        }
    })
}

#[cfg(test)]
mod tests {
    use frontdesk::Timestamp;
    use jiff::civil::datetime;
    use jiff::tz::TimeZone;

    use super::{Doubt, Instant, instant};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_local_time_in_a_changing_hour_is_decided_and_marked() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let noon = datetime(2026, 10, 25, 12, 0, 0, 0);
        let found = Instant { at: time("2026-10-25T11:00:00Z"), doubt: None };
        assert_eq!(instant(noon, &zone, None), Some(found));

        let doubled = datetime(2026, 10, 25, 2, 30, 0, 0);
        let first = Instant { at: time("2026-10-25T00:30:00Z"), doubt: Some(Doubt::Doubled) };
        let second = Instant { at: time("2026-10-25T01:30:00Z"), ..first };
        assert_eq!(instant(doubled, &zone, None), Some(first));
        assert_eq!(instant(doubled, &zone, Some(time("2026-10-25T00:30:00Z"))), Some(first));
        assert_eq!(instant(doubled, &zone, Some(time("2026-10-25T00:45:00Z"))), Some(second));

        let skipped = datetime(2026, 3, 29, 2, 30, 0, 0);
        let found = Instant { at: time("2026-03-29T01:30:00Z"), doubt: Some(Doubt::Skipped) };
        assert_eq!(instant(skipped, &zone, None), Some(found));
    }
}
