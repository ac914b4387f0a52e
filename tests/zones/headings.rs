//! Which messages are of a day, and what stands above them.

use frontdesk::calendar::group_by_date;
use frontdesk::view::{English, Screen};
use time::Date;
use time::macros::date;

use crate::{HOUR, at, moved, zone};

/// How many half hours of messages stand under each date, around an instant.
fn half_hours(name: &str, around: &str) -> Vec<(Date, usize)> {
    let zone = zone(name);
    let middle = at(around);
    let sent: Vec<_> = (-96..96).map(|n| moved(middle, n * HOUR / 2)).collect();
    let groups = group_by_date(&sent, |at| *at, &zone, middle);
    let groups: Vec<_> = groups.map(|(group, sent)| (group.date, sent.len())).collect();
    // The first and the last are not whole.
    groups[1..groups.len() - 1].to_vec()
}

/// W5: days of daylight saving have all their messages, and no others.
#[test]
fn w5_a_day_of_daylight_saving_has_all_its_messages() {
    let table = [
        ("Europe/Berlin", "2027-03-28T01:00:00Z", date!(2027 - 03 - 28), 46),
        ("Europe/Berlin", "2027-10-31T01:00:00Z", date!(2027 - 10 - 31), 50),
        ("America/New_York", "2027-03-14T07:00:00Z", date!(2027 - 03 - 14), 46),
        ("America/New_York", "2027-11-07T06:00:00Z", date!(2027 - 11 - 07), 50),
        ("Australia/Lord_Howe", "2027-04-03T15:00:00Z", date!(2027 - 04 - 04), 49),
        ("Australia/Lord_Howe", "2027-10-02T15:30:00Z", date!(2027 - 10 - 03), 47),
        ("Asia/Beirut", "2027-03-27T22:00:00Z", date!(2027 - 03 - 28), 46),
        ("Asia/Beirut", "2027-10-30T21:00:00Z", date!(2027 - 10 - 30), 50),
        ("America/Santiago", "2027-04-04T03:00:00Z", date!(2027 - 04 - 03), 50),
        ("America/Santiago", "2027-09-05T04:00:00Z", date!(2027 - 09 - 05), 46),
        ("Africa/Cairo", "2026-04-23T22:00:00Z", date!(2026 - 04 - 24), 46),
        ("Africa/Cairo", "2026-10-29T21:00:00Z", date!(2026 - 10 - 29), 50),
    ];
    for (name, change, date, expected) in table {
        for (day, count) in half_hours(name, change) {
            assert_eq!(count, if day == date { expected } else { 48 }, "{name} on {day}");
        }
        assert!(half_hours(name, change).iter().any(|(day, _)| *day == date), "{name} on {date}");
    }
}

/// W5: what stands above an instant, seen from another, over midnights that move,
/// are not there, or come twice.
#[test]
fn w5_today_and_yesterday_are_those_of_the_place() {
    let table = [
        // Berlin's 28 March has 23 hours, from 23:00 to 22:00 UTC.
        ("Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-27T23:00:00Z", "Today"),
        ("Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-27T22:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-28T21:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-27T23:00:00Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-27T22:59:59Z", "Saturday, Mar 27"),
        // Its 31 October has 25, from 22:00 to 23:00.
        ("Europe/Berlin", "2027-10-31T22:59:59Z", "2027-10-30T22:00:00Z", "Today"),
        ("Europe/Berlin", "2027-10-31T22:59:59Z", "2027-10-30T21:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-10-31T23:00:00Z", "2027-10-30T22:00:00Z", "Yesterday"),
        ("America/New_York", "2027-03-15T03:59:59Z", "2027-03-14T05:00:00Z", "Today"),
        ("America/New_York", "2027-03-15T04:00:00Z", "2027-03-15T03:59:59Z", "Yesterday"),
        ("America/New_York", "2027-11-08T04:59:59Z", "2027-11-07T04:00:00Z", "Today"),
        ("America/New_York", "2027-11-08T05:00:00Z", "2027-11-08T04:59:59Z", "Yesterday"),
        // Lord Howe's 4 April has 24 hours and a half.
        ("Australia/Lord_Howe", "2027-04-04T13:29:59Z", "2027-04-03T13:00:00Z", "Today"),
        ("Australia/Lord_Howe", "2027-04-04T13:30:00Z", "2027-04-04T13:29:59Z", "Yesterday"),
        // In Beirut 28 March begins at 1:00.
        ("Asia/Beirut", "2027-03-27T22:00:00Z", "2027-03-27T21:59:59Z", "Yesterday"),
        ("Asia/Beirut", "2027-03-28T20:59:59Z", "2027-03-27T22:00:00Z", "Today"),
        // In Santiago 3 April has the hour before midnight twice; 5 September begins at 1:00.
        ("America/Santiago", "2027-04-04T03:59:59Z", "2027-04-04T02:59:59Z", "Today"),
        ("America/Santiago", "2027-04-04T04:00:00Z", "2027-04-04T03:59:59Z", "Yesterday"),
        ("America/Santiago", "2027-09-05T04:00:00Z", "2027-09-05T03:59:59Z", "Yesterday"),
        // Apia had no 30 December 2011. Yesterday is the date before today, as on the
        // calendar, even if nobody there had it: the day before has its full date.
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "Today"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T09:59:59Z", "Thursday, Dec 29"),
        ("Pacific/Apia", "2011-12-31T10:00:00Z", "2011-12-30T10:00:00Z", "Yesterday"),
        ("Pacific/Apia", "2011-12-31T10:00:00Z", "2011-12-30T09:59:59Z", "Thursday, Dec 29, 2011"),
    ];
    for (name, now, sent, expected) in table {
        let (zone, now, sent) = (zone(name), at(now), [at(sent)]);
        let screen = Screen::new(&zone, &English, now);
        let (group, _) = group_by_date(&sent, |at| *at, &zone, now).next().unwrap();
        assert_eq!(screen.heading(group).as_str(), expected, "{name} at {now}: {}", sent[0]);
    }
}

/// W5: a date that a place skipped has no group; nothing is under it, and nothing of
/// its neighbours is lost.
#[test]
fn w5_the_day_that_apia_skipped_has_no_group() {
    let days = half_hours("Pacific/Apia", "2011-12-30T10:00:00Z");
    let expected = [date!(2011 - 12 - 29), date!(2011 - 12 - 31)].map(|day| (day, 48));
    let around = days.iter().position(|(day, _)| *day == expected[0].0).unwrap();
    assert_eq!(days[around..around + 2], expected);
}
