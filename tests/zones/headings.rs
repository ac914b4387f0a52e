//! Date groups and their headings in zones with daylight saving (W5).

use frontdesk::calendar::group_by_date;
use frontdesk::view::{English, ViewContext};
use time::Date;
use time::macros::date;

use crate::{HOUR, at, shift, zone};

/// Returns the number of half hours in each local date around a timestamp, counted by grouping
/// messages that were sent every half hour.
fn half_hours(name: &str, around: &str) -> Vec<(Date, usize)> {
    let zone = zone(name);
    let middle = at(around);
    let sent: Vec<_> = (-96..96).map(|n| shift(middle, n * HOUR / 2)).collect();
    let groups = group_by_date(&sent, |at| *at, &zone, middle);
    let groups: Vec<_> = groups.map(|(group, sent)| (group.date, sent.len())).collect();
    // The messages cover only a part of the first and the last date.
    groups[1..groups.len() - 1].to_vec()
}

/// W5: the group of a date with a clock change contains exactly the messages of that date.
#[test]
fn w5_the_group_of_a_date_with_a_clock_change_has_exactly_its_messages() {
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

/// W5: "today" and "yesterday" are local dates, even around midnights that are shifted, skipped or
/// repeated.
#[test]
fn w5_today_and_yesterday_are_local_dates() {
    let table = [
        // In Berlin, March 28 has 23 hours, from 23:00 to 22:00 UTC.
        ("Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-27T23:00:00Z", "Today"),
        ("Europe/Berlin", "2027-03-28T21:59:59Z", "2027-03-27T22:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-28T21:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-27T23:00:00Z", "Yesterday"),
        ("Europe/Berlin", "2027-03-28T22:00:00Z", "2027-03-27T22:59:59Z", "Saturday, Mar 27"),
        // In Berlin, October 31 has 25 hours, from 22:00 to 23:00 UTC.
        ("Europe/Berlin", "2027-10-31T22:59:59Z", "2027-10-30T22:00:00Z", "Today"),
        ("Europe/Berlin", "2027-10-31T22:59:59Z", "2027-10-30T21:59:59Z", "Yesterday"),
        ("Europe/Berlin", "2027-10-31T23:00:00Z", "2027-10-30T22:00:00Z", "Yesterday"),
        ("America/New_York", "2027-03-15T03:59:59Z", "2027-03-14T05:00:00Z", "Today"),
        ("America/New_York", "2027-03-15T04:00:00Z", "2027-03-15T03:59:59Z", "Yesterday"),
        ("America/New_York", "2027-11-08T04:59:59Z", "2027-11-07T04:00:00Z", "Today"),
        ("America/New_York", "2027-11-08T05:00:00Z", "2027-11-08T04:59:59Z", "Yesterday"),
        // On Lord Howe Island, April 4 has 24.5 hours.
        ("Australia/Lord_Howe", "2027-04-04T13:29:59Z", "2027-04-03T13:00:00Z", "Today"),
        ("Australia/Lord_Howe", "2027-04-04T13:30:00Z", "2027-04-04T13:29:59Z", "Yesterday"),
        // In Beirut, March 28 begins at 1:00.
        ("Asia/Beirut", "2027-03-27T22:00:00Z", "2027-03-27T21:59:59Z", "Yesterday"),
        ("Asia/Beirut", "2027-03-28T20:59:59Z", "2027-03-27T22:00:00Z", "Today"),
        // In Santiago, April 3 repeats the hour before midnight, and September 5 begins at 1:00.
        ("America/Santiago", "2027-04-04T03:59:59Z", "2027-04-04T02:59:59Z", "Today"),
        ("America/Santiago", "2027-04-04T04:00:00Z", "2027-04-04T03:59:59Z", "Yesterday"),
        ("America/Santiago", "2027-09-05T04:00:00Z", "2027-09-05T03:59:59Z", "Yesterday"),
        // Apia skipped December 30, 2011. "Yesterday" is the calendar date before today, even if
        // the zone skipped that date, so on December 31 the heading of December 29 is the full
        // date.
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "Today"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T09:59:59Z", "Thursday, Dec 29"),
        ("Pacific/Apia", "2011-12-31T10:00:00Z", "2011-12-30T10:00:00Z", "Yesterday"),
        ("Pacific/Apia", "2011-12-31T10:00:00Z", "2011-12-30T09:59:59Z", "Thursday, Dec 29, 2011"),
    ];
    for (name, now, sent, expected) in table {
        let (zone, now, sent) = (zone(name), at(now), [at(sent)]);
        let context = ViewContext::new(&zone, &English, now);
        let (group, _) = group_by_date(&sent, |at| *at, &zone, now).next().unwrap();
        assert_eq!(context.heading(group).as_str(), expected, "{name} at {now}: {}", sent[0]);
    }
}

/// W5: a date that a zone skipped has no group. The groups of the dates before and after it have
/// all their messages.
#[test]
fn w5_the_date_that_apia_skipped_has_no_group() {
    let dates = half_hours("Pacific/Apia", "2011-12-30T10:00:00Z");
    let expected = [date!(2011 - 12 - 29), date!(2011 - 12 - 31)].map(|date| (date, 48));
    let start = dates.iter().position(|(date, _)| *date == expected[0].0).unwrap();
    assert_eq!(dates[start..start + 2], expected);
}
