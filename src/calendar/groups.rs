use std::fmt;

use serde::{Serialize, Serializer};
use time::Date;

use super::time_zone::{LocalTime, TimeZone, micros};
use crate::Timestamp;

/// Heading of the messages of one date (W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateGroup {
    /// The date in the time zone of the grouping.
    pub date: Date,
    /// The relation of the date to today, which selects the text of the heading.
    pub day: RelativeDay,
}

/// Relation of a date to today (W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RelativeDay {
    /// The date is today.
    Today,
    /// The date is the day before today.
    Yesterday,
    /// The date is another day of the current year, in the past or in the future.
    ThisYear,
    /// The date is in another year, so its heading includes the year.
    OtherYear,
}

impl DateGroup {
    /// Creates the group of `date`, as seen on the date `today`.
    ///
    /// ```
    /// use frontdesk::calendar::{DateGroup, RelativeDay};
    /// use time::macros::date;
    ///
    /// let today = date!(2027-01-01);
    /// assert_eq!(DateGroup::new(date!(2026-12-31), today).day, RelativeDay::Yesterday);
    /// assert_eq!(DateGroup::new(date!(2026-12-30), today).day, RelativeDay::OtherYear);
    /// assert_eq!(DateGroup::new(date!(2027-01-02), today).day, RelativeDay::ThisYear);
    /// ```
    pub fn new(date: Date, today: Date) -> Self {
        let day = if date == today {
            RelativeDay::Today
        } else if date.next_day() == Some(today) {
            RelativeDay::Yesterday
        } else if date.year() == today.year() {
            RelativeDay::ThisYear
        } else {
            RelativeDay::OtherYear
        };
        Self { date, day }
    }
}

/// Serializes only the date, for example `"2027-03-15"`.
impl Serialize for DateGroup {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (year, month, day) = self.date.to_calendar_date();
        serializer.collect_str(&format_args!("{year:04}-{:02}-{day:02}", u8::from(month)))
    }
}

/// Groups items by their date in `zone` (W5). The items must be in the order of their
/// timestamps.
///
/// The groups satisfy these laws:
///
/// - joining the items of all groups returns `items`;
/// - no group is empty;
/// - no two neighbouring groups have the same date;
/// - grouping two halves of a list and joining the results gives the same groups as grouping the
///   whole list, if two groups of the same date at the seam are merged.
///
/// The iterator queries the zone once for each date or offset that occurs in the items,
/// not once for each item.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{RelativeDay, group_by_date};
/// use time::UtcOffset;
///
/// let sent: [Timestamp; 3] = [
///     "2027-03-14T23:59:00Z".parse()?,
///     "2027-03-15T00:01:00Z".parse()?,
///     "2027-03-15T09:00:00Z".parse()?,
/// ];
/// let now = "2027-03-15T10:00:00Z".parse()?;
///
/// let groups: Vec<_> = group_by_date(&sent, |at| *at, &UtcOffset::UTC, now).collect();
/// assert_eq!(groups[0].0.day, RelativeDay::Yesterday);
/// assert_eq!(groups[1].0.day, RelativeDay::Today);
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
    Z: TimeZone + ?Sized,
{
    let today = LocalTime::new(now, zone).date();
    DateGroups { rest: items, time_of, zone, today, next: None }
}

/// Iterator over date groups, in the order of the items; returned by [`group_by_date`].
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::{DateGroup, DateGroups, RelativeDay, group_by_date};
/// use time::UtcOffset;
///
/// fn headings<F>(groups: DateGroups<'_, Timestamp, F, UtcOffset>) -> Vec<DateGroup>
/// where
///     F: Fn(&Timestamp) -> Timestamp,
/// {
///     groups.map(|(group, _)| group).collect()
/// }
///
/// let sent = [Timestamp::UNIX_EPOCH; 3];
/// let groups = group_by_date(&sent, |at| *at, &UtcOffset::UTC, Timestamp::UNIX_EPOCH);
/// let headings = headings(groups);
/// assert_eq!((headings.len(), headings[0].day), (1, RelativeDay::Today));
/// ```
pub struct DateGroups<'a, T, F, Z: ?Sized> {
    rest: &'a [T],
    time_of: F,
    zone: &'a Z,
    today: Date,
    /// The date of the first remaining item, if the previous step determined it.
    next: Option<DateSpan>,
}

impl<T, F, Z: ?Sized> fmt::Debug for DateGroups<'_, T, F, Z> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DateGroups")
            .field("remaining", &self.rest.len())
            .field("today", &self.today)
            .finish_non_exhaustive()
    }
}

impl<'a, T, F, Z> Iterator for DateGroups<'a, T, F, Z>
where
    F: Fn(&T) -> Timestamp,
    Z: TimeZone + ?Sized,
{
    type Item = (DateGroup, &'a [T]);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.first()?;
        let mut span =
            self.next.take().unwrap_or_else(|| DateSpan::at((self.time_of)(first), self.zone));
        let date = span.date;
        let mut len = 1;
        for item in &self.rest[1..] {
            let at = (self.time_of)(item);
            if !span.contains(at) {
                span = DateSpan::at(at, self.zone);
                if span.date != date {
                    self.next = Some(span);
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

/// A date and a range of timestamps that are certainly on that date.
///
/// The range can be shorter than the day, because it ends where the offset can change.
struct DateSpan {
    date: Date,
    /// The first timestamp of the range.
    from: Timestamp,
    /// The first timestamp after the range.
    until: Timestamp,
}

impl DateSpan {
    fn at<Z: TimeZone + ?Sized>(at: Timestamp, zone: &Z) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        let span = zone.span_at(at);
        let offset = micros(span.offset);
        // A local time outside years 1 to 9999 saturates, so its date is the first or the last date
        // (W1).
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

    fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}
