use jiff::tz::{TimeZone, TimeZoneTransition};
use time::UtcOffset;

use super::zone::{OffsetSpan, Zone};
use crate::timestamp::Timestamp;

/// A zone of the time-zone database, daylight saving included, with the feature
/// `jiff`.
///
/// Where its data comes from, bundled or the system's, the features of the host's
/// own dependency on jiff decide. A zone that jiff does not know is `Etc/Unknown`,
/// which is UTC. Of a rule that no zone of the database has, made by hand with
/// `TimeZone::posix` so that summer lasts over New Year's in some years only, spans may
/// be wrong at New Year's.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{Day, LocalTime, group_by_date};
/// use jiff::tz::TimeZone;
///
/// let berlin = TimeZone::get("Europe/Berlin")?;
/// let at: Timestamp = "2027-03-28T01:30:00Z".parse()?;
/// assert_eq!(LocalTime::new(at, &berlin).to_string(), "2027-03-28T03:30:00+02:00");
///
/// // The 28th has 23 hours, and ends at 22:00 UTC.
/// let sent: [Timestamp; 2] = ["2027-03-28T21:59:00Z".parse()?, "2027-03-28T22:00:00Z".parse()?];
/// let groups: Vec<_> = group_by_date(&sent, |at| *at, &berlin, sent[1]).collect();
/// assert_eq!(groups[0].0.day, Day::Yesterday);
/// assert_eq!(groups[1].0.day, Day::Today);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "jiff")))]
impl Zone for TimeZone {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        // Both kinds reach to 25:59:59.
        UtcOffset::from_whole_seconds(self.to_offset(second_of(at, 0)).seconds())
            .unwrap_or(UtcOffset::UTC)
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let second = second_of(at, 0);
        // A nanosecond on, since what precedes is strictly before.
        let mut last = self.preceding(second_of(at, 1)).next();
        // On from there: near the last change in a slim file jiff 0.2.46 answers with
        // a change before that one (Ciudad Juárez, December 2022).
        let start = last.as_ref().map_or(second, TimeZoneTransition::timestamp);
        let mut next = None;
        for change in self.following(start) {
            if change.timestamp() > second {
                next = Some(change);
                break;
            }
            // A file that says nothing of the future answers with its last change
            // for ever.
            if last.as_ref().is_none_or(|last| change.timestamp() <= last.timestamp()) {
                break;
            }
            last = Some(change);
        }
        OffsetSpan {
            offset: self.offset_at(at),
            from: last.map_or(Timestamp::MIN, |change| first_instant(&change)),
            until: next.map_or(Timestamp::MAX, |change| first_instant(&change)),
        }
    }
}

/// The second that `at` is in, since zones change at whole seconds, and some
/// nanoseconds. The last 26 hours of year 9999, which jiff does not have, are like the
/// moment before.
fn second_of(at: Timestamp, nanos: i32) -> jiff::Timestamp {
    let second = at.unix_micros().div_euclid(1_000_000);
    jiff::Timestamp::new(second, nanos).unwrap_or(jiff::Timestamp::MAX)
}

/// The first instant after a change. A rule that leaves the year is cut by jiff to
/// the year's last nanosecond, which is rounded up to ours.
fn first_instant(change: &TimeZoneTransition<'_>) -> Timestamp {
    let micros = (change.timestamp().as_nanosecond() + 999).div_euclid(1_000);
    Timestamp::saturating_from_unix_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
