//! Histories under the dates that their messages have alone.

use frontdesk::Timestamp;
use frontdesk::calendar::group_by_date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use time::{Date, Month};

use crate::{DAY, HOUR, SECOND, any_time, at, by_jiff, moved, names, zone};

/// The date that jiff's calendar says for one message.
fn date_by_jiff(at: Timestamp, zone: &TimeZone) -> Date {
    let date = by_jiff(at).to_zoned(zone.clone()).date();
    let month = Month::try_from(date.month().unsigned_abs()).unwrap();
    Date::from_calendar_date(date.year().into(), month, date.day().unsigned_abs()).unwrap()
}

#[track_caller]
fn assert_grouped_by_its_dates(name: &str, zone: &TimeZone, sent: &[Timestamp]) {
    let mut expected: Vec<(Date, usize)> = Vec::new();
    for at in sent {
        let date = date_by_jiff(*at, zone);
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

/// W5: three years of messages, one in 53 minutes, stand under the dates that each
/// has alone.
#[test]
fn w5_long_histories_are_under_the_dates_of_their_messages() {
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
        let sent: Vec<_> = (0..30_000).map(|n| moved(at(start), n * 53 * 60 * SECOND)).collect();
        assert_grouped_by_its_dates(name, &zone(name), &sent);
    }
}

proptest! {
    /// W5: so do messages at any times, in any zone, in order or not.
    #[test]
    fn w5_messages_are_under_their_own_dates_in_every_zone(
        name in select(names()),
        start in any_time(),
        steps in prop::collection::vec(prop_oneof![-2 * HOUR..=2 * DAY, 0..=200 * DAY], 1..40),
    ) {
        let mut now = start;
        // jiff has no last day of year 9999, and what is before year 1 has its first (W1).
        let both_have = moved(Timestamp::MIN, DAY)..moved(Timestamp::MAX, -3 * DAY);
        let sent: Vec<_> = steps
            .iter()
            .map(|step| {
                now = moved(now, *step);
                now
            })
            .filter(|at| both_have.contains(at))
            .collect();
        if !sent.is_empty() {
            assert_grouped_by_its_dates(&name, &zone(&name), &sent);
        }
    }
}
