use jiff::tz::TimeZoneTransition;
use time::UtcOffset;

use super::time_zone::{OffsetSpan, TimeZone};
use crate::Timestamp;

/// A zone of the time-zone database, including daylight saving. Requires the feature
/// `jiff`.
///
/// The host application selects the zone data, bundled or from the system, through the features
/// of its own dependency on jiff. With jiff's default features the files of the system win, even
/// if they are older than the bundled data; the page `docs/zones.md` of the repository says how a
/// host application prints and pins its zone data. An unknown zone is represented in jiff as `Etc/Unknown`, which
/// equals UTC.
///
/// A hand-written rule (`TimeZone::posix`) can have wrong spans at New Year if its daylight
/// saving time lasts over New Year in some years only. No zone of the database has a rule of this
/// kind.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{RelativeDay, LocalTime, group_by_date};
/// use jiff::tz::TimeZone;
///
/// let berlin = TimeZone::get("Europe/Berlin")?;
/// let at: Timestamp = "2027-03-28T01:30:00Z".parse()?;
/// assert_eq!(LocalTime::new(at, &berlin).to_string(), "2027-03-28T03:30:00+02:00");
///
/// // The 28th has 23 hours, and ends at 22:00 UTC.
/// let sent: [Timestamp; 2] = ["2027-03-28T21:59:00Z".parse()?, "2027-03-28T22:00:00Z".parse()?];
/// let groups: Vec<_> = group_by_date(&sent, |at| *at, &berlin, sent[1]).collect();
/// assert_eq!(groups[0].0.day, RelativeDay::Yesterday);
/// assert_eq!(groups[1].0.day, RelativeDay::Today);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "jiff")))]
impl TimeZone for jiff::tz::TimeZone {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        // The conversion cannot fail: both offset types have the same range, up to 25:59:59.
        UtcOffset::from_whole_seconds(self.to_offset(second_of(at, 0)).seconds())
            .unwrap_or(UtcOffset::UTC)
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let second = second_of(at, 0);
        // `preceding` excludes its argument, so one nanosecond more includes a transition
        // at `second`.
        let mut last = self.preceding(second_of(at, 1)).next();
        // `preceding` can miss the last transition before its argument and return an earlier
        // transition: jiff 0.2.46 did this near the last transition of a slim time-zone file
        // (Ciudad Juárez, December 2022). Therefore the search continues forward from the returned
        // transition.
        let start = last.as_ref().map_or(second, TimeZoneTransition::timestamp);
        let mut next = None;
        for transition in self.following(start) {
            if transition.timestamp() > second {
                next = Some(transition);
                break;
            }
            // If a time-zone file has no rule for the future, `following` repeats the last
            // transition without end. Therefore a repeated transition ends the search.
            if last.as_ref().is_none_or(|last| transition.timestamp() <= last.timestamp()) {
                break;
            }
            last = Some(transition);
        }
        OffsetSpan {
            offset: self.offset_at(at),
            from: last.map_or(Timestamp::MIN, |transition| first_instant(&transition)),
            until: next.map_or(Timestamp::MAX, |transition| first_instant(&transition)),
        }
    }
}

/// Returns the whole second of `at`, plus `nanos`.
///
/// Whole seconds are enough, because offsets change at whole seconds. The range of jiff ends about
/// 26 hours before the end of year 9999; later timestamps become the maximum of this range.
fn second_of(at: Timestamp, nanos: i32) -> jiff::Timestamp {
    let second = at.unix_micros().div_euclid(1_000_000);
    jiff::Timestamp::new(second, nanos).unwrap_or(jiff::Timestamp::MAX)
}

/// Returns the first timestamp that is not before a transition.
///
/// If a rule puts a transition after the end of its year, jiff moves the transition to the last
/// nanosecond of the year. Rounding up to whole microseconds then gives the start of the next year.
fn first_instant(transition: &TimeZoneTransition<'_>) -> Timestamp {
    let micros = (transition.timestamp().as_nanosecond() + 999).div_euclid(1_000);
    Timestamp::saturating_from_unix_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
