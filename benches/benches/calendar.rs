//! Grouping a million messages by date.
//!
//! The baseline looks up the offset and computes the date of each message. The lower bound is
//! a read of all timestamps.

use std::hint::black_box;

use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, TimeZone, group_by_date};
use frontdesk_benches::harness::{Bench, time_each};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset, Weekday};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60 * SECOND;
/// The time of the first message: 2007-06-15T00:00:00Z.
const FIRST: i64 = 1_181_865_600 * SECOND;

fn main() {
    let mut bench = Bench::from_args();
    let count = if bench.is_measuring() { 1_000_000 } else { 1_000 };
    let (fixed, amsterdam) = (UtcOffset::from_hms(1, 0, 0).unwrap(), Amsterdam::new(2000, 2030));
    for (span, days) in [("a week", 7), ("a year", 365), ("20 years", 20 * 365)] {
        let times = &times(count, days);
        row(&mut bench, &format!("dates of {span}, fixed offset"), times, &fixed, 0.2);
        row(&mut bench, &format!("dates of {span}, daylight saving"), times, &amsterdam, 0.1);
        let minimal = MinimalZone(&amsterdam);
        row(&mut bench, &format!("dates of {span}, no span_at"), times, &minimal, None);
    }
    bench.finish();
}

fn row(
    bench: &mut Bench,
    name: &str,
    times: &[Timestamp],
    zone: &impl TimeZone,
    limit: impl Into<Option<f64>>,
) {
    bench.row(name, |row| {
        assert_eq!(group(times, zone), group_one_by_one(times, zone));
        row.ours("group_by_date", limit, time_each(|| group(black_box(times), zone)));
        row.baseline("a date per message", time_each(|| group_one_by_one(black_box(times), zone)));
        row.lower_bound("a read of all times", time_each(|| sum(black_box(times))));
    });
}

/// Returns the groups of `group_by_date` and the number of messages in each.
fn group(times: &[Timestamp], zone: &impl TimeZone) -> Vec<(Date, usize)> {
    let now = times[times.len() - 1];
    let groups = group_by_date(times, |at| *at, zone, now);
    groups.map(|(group, messages)| (group.date, messages.len())).collect()
}

/// Returns the same groups as [`group`], but computes the date of each message.
fn group_one_by_one(times: &[Timestamp], zone: &impl TimeZone) -> Vec<(Date, usize)> {
    let mut groups: Vec<(Date, usize)> = Vec::new();
    for &at in times {
        let date = at.to_offset_date_time().to_offset(zone.offset_at(at)).date();
        match groups.last_mut() {
            Some((last, messages)) if *last == date => *messages += 1,
            _ => groups.push((date, 1)),
        }
    }
    groups
}

fn sum(times: &[Timestamp]) -> i64 {
    times.iter().fold(0, |sum, at| sum.wrapping_add(at.unix_micros()))
}

/// Returns `count` ascending times over `days` days, at uneven intervals.
fn times(count: i64, days: i64) -> Vec<Timestamp> {
    let step = days * DAY / count;
    let uneven = |i: i64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed()).rem_euclid(step);
    (0..count).map(|i| Timestamp::from_unix_micros(FIRST + i * step + uneven(i)).unwrap()).collect()
}

/// Central European time. Summer time starts on the last Sunday of March and ends on the last
/// Sunday of October, both at 01:00 UTC.
struct Amsterdam {
    /// Each offset with the time at which it starts, in the order of time. The first entry
    /// starts at the earliest timestamp.
    transitions: Vec<(Timestamp, UtcOffset)>,
}

impl Amsterdam {
    fn new(first: i32, last: i32) -> Self {
        let [winter, summer] = [1, 2].map(|hours| UtcOffset::from_hms(hours, 0, 0).unwrap());
        let of_year = |year| {
            [(last_sunday(year, Month::March), summer), (last_sunday(year, Month::October), winter)]
        };
        let mut transitions = vec![(Timestamp::MIN, winter)];
        transitions.extend((first..=last).flat_map(of_year));
        Self { transitions }
    }

    /// Returns the index of the first transition after `at`. The index is at least 1, because the
    /// first entry is at the earliest timestamp.
    fn next_transition(&self, at: Timestamp) -> usize {
        self.transitions.partition_point(|&(since, _)| since <= at)
    }
}

fn last_sunday(year: i32, month: Month) -> Timestamp {
    let mut date = Date::from_calendar_date(year, month, 31).unwrap();
    while date.weekday() != Weekday::Sunday {
        date = date.previous_day().unwrap();
    }
    let at = PrimitiveDateTime::new(date, Time::from_hms(1, 0, 0).unwrap());
    at.assume_utc().try_into().unwrap()
}

impl TimeZone for Amsterdam {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.transitions[self.next_transition(at) - 1].1
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let next = self.next_transition(at);
        let (from, offset) = self.transitions[next - 1];
        let until = self.transitions.get(next).map_or(Timestamp::MAX, |&(since, _)| since);
        OffsetSpan { offset, from, until }
    }
}

/// A zone that implements only the required method of [`TimeZone`].
struct MinimalZone<'a>(&'a Amsterdam);

impl TimeZone for MinimalZone<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }
}
