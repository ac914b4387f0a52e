//! Date groups of long histories (W5), compared with the date of each message.

use frontdesk::Timestamp;
use frontdesk::calendar::group_by_date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use time::{Date, Month};

use crate::{DAY, HOUR, SECOND, any_time, at, shift, to_jiff, zone, zone_names};

/// Returns the local date that jiff computes for a timestamp.
fn jiff_date(at: Timestamp, zone: &TimeZone) -> Date {
    let date = to_jiff(at).to_zoned_datetime(zone.clone()).date();
    let month = Month::try_from(date.month().unsigned_abs()).unwrap();
    Date::from_calendar_date(date.year().into(), month, date.day().unsigned_abs()).unwrap()
}

/// Asserts that grouping gives the same groups as comparing the local dates of neighbouring
/// messages.
#[track_caller]
fn assert_groups_match_dates(name: &str, zone: &TimeZone, sent: &[Timestamp]) {
    let mut expected: Vec<(Date, usize)> = Vec::new();
    for at in sent {
        let date = jiff_date(*at, zone);
        match expected.last_mut() {
            Some((last, count)) if *last == date => *count += 1,
            _ => expected.push((date, 1)),
        }
    }
    let now = *sent.last().unwrap();
    let groups = group_by_date(sent, |at| *at, zone, now);
    let groups: Vec<_> = groups.map(|(group, sent)| (group.date, sent.len())).collect();
    assert_eq!(groups, expected, "{name}");
}

/// W5: if a message is sent every 53 minutes for three years, the groups match the date of each
/// message.
#[test]
fn w5_the_groups_of_a_long_history_match_the_date_of_each_message() {
    let table = [
        ("Europe/Berlin", "2026-01-01T00:00:00Z"),
        ("America/New_York", "2026-01-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-01-01T00:00:00Z"),
        ("Asia/Beirut", "2021-01-01T00:00:00Z"),
        ("America/Santiago", "2021-01-01T00:00:00Z"),
        ("Africa/Cairo", "2022-01-01T00:00:00Z"),
        ("America/Mexico_City", "2021-01-01T00:00:00Z"),
        ("America/Asuncion", "2023-01-01T00:00:00Z"),
        ("Pacific/Apia", "2010-01-01T00:00:00Z"),
        ("America/Ciudad_Juarez", "2022-01-01T00:00:00Z"),
        ("Africa/Casablanca", "2026-01-01T00:00:00Z"),
        ("Antarctica/Troll", "2026-01-01T00:00:00Z"),
    ];
    for (name, start) in table {
        let sent: Vec<_> = (0..30_000).map(|n| shift(at(start), n * 53 * 60 * SECOND)).collect();
        assert_groups_match_dates(name, &zone(name), &sent);
    }
}

proptest! {
    /// W5: the groups match the date of each message in every zone, at any time and in any
    /// order.
    #[test]
    fn w5_the_groups_match_the_date_of_each_message_in_every_zone(
        name in select(zone_names()),
        start in any_time(),
        steps in prop::collection::vec(prop_oneof![-2 * HOUR..=2 * DAY, 0..=200 * DAY], 1..40),
    ) {
        let mut now = start;
        // Near the ends of the range, jiff and this crate limit dates differently (W1).
        let common_range = shift(Timestamp::MIN, DAY)..shift(Timestamp::MAX, -3 * DAY);
        let sent: Vec<_> = steps
            .iter()
            .map(|step| {
                now = shift(now, *step);
                now
            })
            .filter(|at| common_range.contains(at))
            .collect();
        if !sent.is_empty() {
            assert_groups_match_dates(&name, &zone(&name), &sent);
        }
    }
}
