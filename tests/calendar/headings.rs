//! Headings of date groups (W5).

use frontdesk::Timestamp;
use frontdesk::calendar::{DateGroup, RelativeDay};
use frontdesk::view::{English, ViewContext};
use time::macros::{date, offset};
use time::{Date, Month, UtcOffset};

use crate::{at, group};

/// Returns the English heading of a date. The weekday is computed from the number of days
/// since a Monday.
pub(crate) fn expected_heading(date: Date, today: Date) -> String {
    const WEEKDAYS: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days_since = |other: Date| date.to_julian_day() - other.to_julian_day();
    let weekday =
        WEEKDAYS[usize::try_from(days_since(date!(2027 - 03 - 15)).rem_euclid(7)).unwrap()];
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    match days_since(today) {
        0 => "Today".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ if date.year() == today.year() => format!("{weekday}, {month} {}", date.day()),
        _ => format!("{weekday}, {month} {}, {}", date.day(), date.year()),
    }
}

/// W5: the headings that dates have on an ordinary day, at New Year and around a leap day.
#[test]
fn w5_a_heading_is_today_yesterday_or_the_full_date() {
    let table: &[(&str, &[(&str, &str)])] = &[
        (
            "2027-03-17T12:00:00Z",
            &[
                ("2027-03-17T00:00:00Z", "Today"),
                ("2027-03-17T23:59:59.999999Z", "Today"),
                ("2027-03-16T23:59:59.999999Z", "Yesterday"),
                ("2027-03-16T00:00:00Z", "Yesterday"),
                ("2027-03-15T23:59:59.999999Z", "Monday, Mar 15"),
                ("2027-01-01T00:00:00Z", "Friday, Jan 1"),
                ("2026-12-31T23:59:59Z", "Thursday, Dec 31, 2026"),
                ("2026-03-17T12:00:00Z", "Tuesday, Mar 17, 2026"),
                ("2027-03-18T00:00:00Z", "Thursday, Mar 18"),
                ("2027-12-31T00:00:00Z", "Friday, Dec 31"),
                ("2028-01-01T00:00:00Z", "Saturday, Jan 1, 2028"),
            ],
        ),
        (
            "2028-01-01T00:00:00Z",
            &[
                ("2028-01-01T08:00:00Z", "Today"),
                ("2027-12-31T08:00:00Z", "Yesterday"),
                ("2027-12-30T08:00:00Z", "Thursday, Dec 30, 2027"),
                ("2027-03-15T08:00:00Z", "Monday, Mar 15, 2027"),
            ],
        ),
        (
            "2027-12-31T23:00:00Z",
            &[
                ("2028-01-01T00:00:00Z", "Saturday, Jan 1, 2028"),
                ("2027-12-30T00:00:00Z", "Yesterday"),
            ],
        ),
        (
            "2028-03-01T00:00:00Z",
            &[
                ("2028-02-29T12:00:00Z", "Yesterday"),
                ("2028-02-28T12:00:00Z", "Monday, Feb 28"),
                ("2024-02-29T12:00:00Z", "Thursday, Feb 29, 2024"),
            ],
        ),
        ("2028-03-02T00:00:00Z", &[("2028-02-29T12:00:00Z", "Tuesday, Feb 29")]),
        ("2027-03-01T00:00:00Z", &[("2027-02-28T12:00:00Z", "Yesterday")]),
    ];
    for (now, dates) in table {
        let context = ViewContext::new(&UtcOffset::UTC, &English, at(now));
        for (sent, expected) in *dates {
            let sent = [(0, at(sent))];
            let groups = group(&sent, &UtcOffset::UTC, at(now));
            assert_eq!(groups.len(), 1);
            assert_eq!(context.heading(groups[0].0).as_str(), *expected, "{sent:?} seen at {now}");
        }
    }
}

/// W5: a date after today is a full date, even tomorrow.
#[test]
fn w5_a_date_after_today_is_a_full_date() {
    let today = date!(2027 - 12 - 30);
    for (days, day) in
        [(1, RelativeDay::ThisYear), (2, RelativeDay::OtherYear), (366, RelativeDay::OtherYear)]
    {
        let date = today + time::Duration::days(days);
        assert_eq!(DateGroup::new(date, today).day, day, "{date}");
    }
}

/// W5: every date of a leap year and of the next year has the expected heading.
#[test]
fn w5_every_date_of_two_years_has_the_expected_heading() {
    let today = Date::from_calendar_date(2028, Month::March, 1).unwrap();
    let context = ViewContext::new(&UtcOffset::UTC, &English, at("2028-03-01T00:00:00Z"));
    for date in std::iter::successors(Some(date!(2028 - 01 - 01)), |date| date.next_day()).take(731)
    {
        let group = DateGroup::new(date, today);
        assert_eq!(context.heading(group).as_str(), expected_heading(date, today));
        if !matches!(group.day, RelativeDay::Today | RelativeDay::Yesterday) {
            assert_eq!(context.full_date(date).as_str(), expected_heading(date, today));
        }
    }
}

/// W1, W5: a local time outside years 1 to 9999 has the heading of the first or the last date.
#[test]
fn w1_w5_headings_saturate_at_both_ends_of_the_range() {
    let heading = |sent, zone, now| {
        let groups = group(&[(0, sent)], &zone, now);
        ViewContext::new(&zone, &English, now).heading(groups[0].0).as_str().to_owned()
    };
    let first = heading(Timestamp::MIN, offset!(-12), Timestamp::MAX);
    assert_eq!(first, "Monday, Jan 1, 1");
    let last = heading(Timestamp::MAX, offset!(+14), Timestamp::MIN);
    assert_eq!(last, "Friday, Dec 31, 9999");
}
