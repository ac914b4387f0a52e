//! Putting a million messages under their dates.
//!
//! The obvious way asks for each message which offset holds and which date it is
//! then; nothing can be faster than a read of all times.

mod contest;

use std::hint::black_box;

use contest::{Bench, each};
use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, Zone, group_by_date};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset, Weekday};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60 * SECOND;
/// The first of the messages: 2007-06-15T00:00:00Z.
const FIRST: i64 = 1_181_865_600 * SECOND;

fn main() {
    let mut bench = Bench::from_args();
    let count = if bench.is_whole() { 1_000_000 } else { 1_000 };
    let (fixed, amsterdam) = (UtcOffset::from_hms(1, 0, 0).unwrap(), Amsterdam::new(2000, 2030));
    for (span, days) in [("a week", 7), ("a year", 365), ("20 years", 20 * 365)] {
        let times = &times(count, days);
        row(&mut bench, &format!("dates of {span}, fixed offset"), times, &fixed, 0.2);
        row(&mut bench, &format!("dates of {span}, daylight saving"), times, &amsterdam, 0.1);
        let forgetful = Forgetful(&amsterdam);
        row(&mut bench, &format!("dates of {span}, no span_at"), times, &forgetful, None);
    }
    bench.finish();
}

fn row(
    bench: &mut Bench,
    name: &str,
    times: &[Timestamp],
    zone: &impl Zone,
    at_most: impl Into<Option<f64>>,
) {
    bench.row(name, |row| {
        assert_eq!(grouped(times, zone), dated(times, zone));
        row.ours("group_by_date", at_most, each(|| grouped(black_box(times), zone)));
        row.obvious("a date per message", each(|| dated(black_box(times), zone)));
        row.limit("a read of all times", each(|| sum(black_box(times))));
    });
}

/// The crate's groups, and how many messages they have.
fn grouped(times: &[Timestamp], zone: &impl Zone) -> Vec<(Date, usize)> {
    let now = times[times.len() - 1];
    let groups = group_by_date(times, |at| *at, zone, now);
    groups.map(|(group, messages)| (group.date, messages.len())).collect()
}

/// The same by asking for each message.
fn dated(times: &[Timestamp], zone: &impl Zone) -> Vec<(Date, usize)> {
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

/// So many messages over so many days, ascending and never quite evenly.
fn times(count: i64, days: i64) -> Vec<Timestamp> {
    let step = days * DAY / count;
    let uneven = |i: i64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed()).rem_euclid(step);
    (0..count).map(|i| Timestamp::from_unix_micros(FIRST + i * step + uneven(i)).unwrap()).collect()
}

/// Central Europe by the rule of the Union: summer time from the last Sunday of
/// March to that of October, at 01:00 UTC.
struct Amsterdam {
    /// Since when which offset holds, ascending; the first since ever.
    transitions: Vec<(Timestamp, UtcOffset)>,
}

impl Amsterdam {
    fn new(first: i32, last: i32) -> Self {
        let [winter, summer] = [1, 2].map(|hours| UtcOffset::from_hms(hours, 0, 0).unwrap());
        let of_a_year = |year| {
            [(last_sunday(year, Month::March), summer), (last_sunday(year, Month::October), winter)]
        };
        let mut transitions = vec![(Timestamp::MIN, winter)];
        transitions.extend((first..=last).flat_map(of_a_year));
        Self { transitions }
    }

    /// The number of the first transition after `at`; there is one at or before it.
    fn next(&self, at: Timestamp) -> usize {
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

impl Zone for Amsterdam {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.transitions[self.next(at) - 1].1
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let next = self.next(at);
        let (from, offset) = self.transitions[next - 1];
        let until = self.transitions.get(next).map_or(Timestamp::MAX, |&(since, _)| since);
        OffsetSpan { offset, from, until }
    }
}

/// A zone whose host implements only what has to be.
struct Forgetful<'a>(&'a Amsterdam);

impl Zone for Forgetful<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }
}
