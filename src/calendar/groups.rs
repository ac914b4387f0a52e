use std::fmt;

use serde::{Serialize, Serializer};
use time::Date;

use super::zone::{LocalTime, Zone, micros};
use crate::timestamp::Timestamp;

/// A date that stands above the messages of that day (W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateGroup {
    /// The date in the zone that was asked for.
    pub date: Date,
    /// What it is called today.
    pub day: Day,
}

/// How a date is called, seen from today (W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// Today.
    Today,
    /// The date before today.
    Yesterday,
    /// Another date of today's year, earlier or later.
    ThisYear,
    /// A date of another year, which has to be said.
    OtherYear,
}

impl DateGroup {
    /// The group of `date` when it is `today`.
    ///
    /// ```
    /// use frontdesk::calendar::{DateGroup, Day};
    /// use time::macros::date;
    ///
    /// let today = date!(2027-01-01);
    /// assert_eq!(DateGroup::new(date!(2026-12-31), today).day, Day::Yesterday);
    /// assert_eq!(DateGroup::new(date!(2026-12-30), today).day, Day::OtherYear);
    /// assert_eq!(DateGroup::new(date!(2027-01-02), today).day, Day::ThisYear);
    /// ```
    pub fn new(date: Date, today: Date) -> Self {
        let day = if date == today {
            Day::Today
        } else if date.next_day() == Some(today) {
            Day::Yesterday
        } else if date.year() == today.year() {
            Day::ThisYear
        } else {
            Day::OtherYear
        };
        Self { date, day }
    }
}

/// In JSON a group is its date, `"2027-03-15"`.
impl Serialize for DateGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (year, month, day) = self.date.to_calendar_date();
        serializer.collect_str(&format_args!("{year:04}-{:02}-{day:02}", u8::from(month)))
    }
}

/// Puts items that are in the order of their times under the dates of `zone` (W5).
///
/// A pure function: dropping the headers gives back `items`; no group is empty;
/// no two neighbours are equal; grouping two halves and joining them, with equal
/// groups at the seam made one, equals grouping the whole. It asks the zone once
/// for each date or offset that the items pass through, not once an item.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{Day, group_by_date};
/// use time::UtcOffset;
///
/// let sent: Vec<Timestamp> = ["2027-03-14T23:59:00Z", "2027-03-15T00:01:00Z", "2027-03-15T09:00:00Z"]
///     .iter()
///     .map(|at| at.parse())
///     .collect::<Result<_, _>>()?;
/// let now = "2027-03-15T10:00:00Z".parse()?;
///
/// let groups: Vec<_> = group_by_date(&sent, |at| *at, &UtcOffset::UTC, now).collect();
/// assert_eq!(groups[0].0.day, Day::Yesterday);
/// assert_eq!(groups[1].0.day, Day::Today);
/// assert_eq!(groups[1].1, &sent[1..]);
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
pub fn group_by_date<'a, T, F, Z>(
    items: &'a [T],
    time_of: F,
    zone: &'a Z,
    now: Timestamp,
) -> DateGroups<'a, T, F, Z>
where
    F: Fn(&T) -> Timestamp,
    Z: Zone + ?Sized,
{
    let today = LocalTime::new(now, zone).date();
    DateGroups { rest: items, time_of, zone, today, next: None }
}

/// The groups that [`group_by_date`] makes, in the order of the items.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{DateGroup, DateGroups, Day, group_by_date};
/// use time::UtcOffset;
///
/// fn headings<F: Fn(&Timestamp) -> Timestamp>(groups: DateGroups<'_, Timestamp, F, UtcOffset>) -> Vec<DateGroup> {
///     groups.map(|(group, _)| group).collect()
/// }
///
/// let sent = [Timestamp::UNIX_EPOCH; 3];
/// let groups = group_by_date(&sent, |at| *at, &UtcOffset::UTC, Timestamp::UNIX_EPOCH);
/// let headings = headings(groups);
/// assert_eq!((headings.len(), headings[0].day), (1, Day::Today));
/// ```
pub struct DateGroups<'a, T, F, Z: ?Sized> {
    rest: &'a [T],
    time_of: F,
    zone: &'a Z,
    today: Date,
    /// What is known of the first item of the rest, unless it is the very first.
    next: Option<Dated>,
}

impl<T, F, Z: ?Sized> fmt::Debug for DateGroups<'_, T, F, Z> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DateGroups")
            .field("items_left", &self.rest.len())
            .field("today", &self.today)
            .finish_non_exhaustive()
    }
}

impl<'a, T, F, Z> Iterator for DateGroups<'a, T, F, Z>
where
    F: Fn(&T) -> Timestamp,
    Z: Zone + ?Sized,
{
    type Item = (DateGroup, &'a [T]);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.first()?;
        let mut known =
            self.next.take().unwrap_or_else(|| Dated::at((self.time_of)(first), self.zone));
        let date = known.date;
        let mut len = 1;
        for item in &self.rest[1..] {
            let at = (self.time_of)(item);
            if !known.holds_at(at) {
                known = Dated::at(at, self.zone);
                if known.date != date {
                    self.next = Some(known);
                    break;
                }
            }
            len += 1;
        }
        let (group, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some((DateGroup::new(date, self.today), group))
    }
}

/// A date and the instants that are certainly on it.
struct Dated {
    date: Date,
    from: Timestamp,
    until: Timestamp,
}

impl Dated {
    fn at<Z: Zone + ?Sized>(at: Timestamp, zone: &Z) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        let span = zone.span_at(at);
        let offset = micros(span.offset);
        // A local time outside of years 1 to 9999 has the date of the nearest end.
        let shifted = at.unix_micros() + offset;
        let local = Timestamp::saturating_from_unix_micros(shifted);
        let midnight = shifted - shifted.rem_euclid(DAY) - offset;
        let day_from = Timestamp::saturating_from_unix_micros(midnight);
        let next_day = Timestamp::saturating_from_unix_micros(midnight + DAY);
        Self {
            date: local.to_offset_date_time().date(),
            from: day_from.max(span.from),
            until: next_day.min(span.until),
        }
    }

    fn holds_at(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}
