//! The date rules W4 and W5 as laws: over random instants, fixed offsets and zones
//! whose clocks jump by half an hour, over midnight and over whole days.

use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use frontdesk::Timestamp;
use frontdesk::calendar::{DateGroup, Day, LocalTime, OffsetSpan, Zone, group_by_date};
use frontdesk::view::{English, Screen};
use proptest::prelude::*;
use proptest::sample::select;
use time::macros::{date, offset};
use time::{Date, Month, UtcOffset};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn micros(micros: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros(micros)
}

/// A zone by its changes: the offset before the first, and each instant with the
/// offset that holds from then on, ascending.
#[derive(Debug, Clone)]
struct Changing {
    before: UtcOffset,
    changes: Vec<(Timestamp, UtcOffset)>,
}

impl Changing {
    fn new(before: UtcOffset, mut changes: Vec<(Timestamp, UtcOffset)>) -> Self {
        changes.sort_by_key(|(at, _)| *at);
        changes.dedup_by_key(|(at, _)| *at);
        Self { before, changes }
    }
}

/// With the exact span of every offset.
impl Zone for Changing {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.span_at(at).offset
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let mut span =
            OffsetSpan { offset: self.before, from: Timestamp::MIN, until: Timestamp::MAX };
        for &(changed, offset) in &self.changes {
            if changed <= at {
                (span.offset, span.from) = (offset, changed);
            } else {
                span.until = changed;
                break;
            }
        }
        span
    }
}

/// The same without: `span_at` is the default one.
struct Plain<'a>(&'a Changing);

impl Zone for Plain<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }
}

/// The same with spans that end too early, as a zone may.
struct Cautious<'a>(&'a Changing, Duration);

impl Zone for Cautious<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let OffsetSpan { offset, from, until } = self.0.span_at(at);
        let (from, until) =
            (from.max(at.saturating_sub(self.1)), until.min(at.saturating_add(self.1)));
        OffsetSpan { offset, from, until }
    }
}

/// A year of a place that could not make up its mind.
fn made_up() -> Changing {
    let changes = [
        ("2027-01-10T13:59:00Z", offset!(+10:30)), // 23:59 becomes 0:29: midnight is not there
        ("2027-03-28T13:30:00Z", offset!(+11)),    // at midnight, half an hour ahead
        ("2027-06-30T13:00:00Z", offset!(-13)),    // back by a whole day: June 30 comes twice
        ("2027-09-12T10:00:00Z", offset!(+14)),    // over September 12
        ("2027-10-31T11:00:00Z", offset!(+13:30)), // 1:00 becomes 0:30
        ("2027-11-01T10:45:00Z", offset!(+12:30)), // 0:15 becomes 23:15: November 1 comes back
        ("2027-12-31T11:29:59Z", offset!(+0:19:32)),
    ];
    let changes = changes.iter().map(|(changed, offset)| (at(changed), *offset)).collect();
    Changing::new(offset!(+10), changes)
}

/// A message, told apart from every other.
type Sent = (usize, Timestamp);

type Grouped = Vec<(DateGroup, Vec<Sent>)>;

fn numbered(times: &[Timestamp]) -> Vec<Sent> {
    times.iter().copied().enumerate().collect()
}

fn group(sent: &[Sent], zone: &dyn Zone, now: Timestamp) -> Grouped {
    group_by_date(sent, |(_, at)| *at, zone, now)
        .map(|(group, sent)| (group, sent.to_vec()))
        .collect()
}

/// The date at a place, by the `time` crate; what would leave years 1 to 9999
/// has the first or the last date (W1).
fn local_date(at: Timestamp, zone: &dyn Zone) -> Date {
    let utc = at.to_offset_date_time();
    match utc.checked_to_offset(zone.offset_at(at)).map(time::OffsetDateTime::date) {
        Some(date) if date.year() < 1 => date!(0001 - 01 - 01),
        Some(date) => date,
        None => date!(9999 - 12 - 31),
    }
}

/// W5's words for a date, from the days since a Monday.
fn heading(date: Date, today: Date) -> String {
    const WEEKDAYS: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days_before = |other: Date| date.to_julian_day() - other.to_julian_day();
    let weekday =
        WEEKDAYS[usize::try_from(days_before(date!(2027 - 03 - 15)).rem_euclid(7)).unwrap()];
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    match days_before(today) {
        0 => "Today".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ if date.year() == today.year() => format!("{weekday}, {month} {}", date.day()),
        _ => format!("{weekday}, {month} {}, {}", date.day(), date.year()),
    }
}

/// Every law of W5 on one list.
#[track_caller]
fn assert_laws(times: &[Timestamp], zone: &dyn Zone, now: Timestamp) {
    let sent = numbered(times);
    let groups = group(&sent, zone, now);
    let screen = Screen::new(zone, &English, now);
    let today = local_date(now, zone);

    let without_headers: Vec<Sent> = groups.iter().flat_map(|(_, sent)| sent.clone()).collect();
    assert_eq!(without_headers, sent, "dropping the headers gives back the input");
    for (group, sent) in &groups {
        assert!(!sent.is_empty(), "no group is empty");
        for (_, at) in sent {
            assert_eq!(group.date, local_date(*at, zone), "{at} is under its own date");
        }
        assert_eq!(screen.heading(*group).as_str(), heading(group.date, today));
        assert_eq!(*group, DateGroup::new(group.date, today));
    }
    for pair in groups.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "no two neighbours are equal");
    }
    for cut in 0..=sent.len() {
        let (mut joined, rest) = (group(&sent[..cut], zone, now), group(&sent[cut..], zone, now));
        for (date, mut sent) in rest {
            match joined.last_mut() {
                Some((last, under)) if *last == date => under.append(&mut sent),
                _ => joined.push((date, sent)),
            }
        }
        assert_eq!(joined, groups, "cut at {cut}");
    }
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.unix_micros()..=Timestamp::MAX.unix_micros()).prop_map(micros)
}

fn any_offset() -> impl Strategy<Value = UtcOffset> {
    prop_oneof![
        (-93_599..=93_599).prop_map(|seconds| UtcOffset::from_whole_seconds(seconds).unwrap()),
        (-28..=28).prop_map(|halves| UtcOffset::from_whole_seconds(halves * 1800).unwrap()),
    ]
}

/// Instants of a few days and nights around one, in any order or in theirs.
fn times_near(start: Timestamp) -> impl Strategy<Value = Vec<Timestamp>> {
    let step = prop_oneof![
        4 => 0..=2 * DAY,
        2 => 0..=HOUR,
        1 => Just(0),
        2 => select(&[DAY, DAY - 1, DAY / 2, HOUR / 2, 1][..]),
    ];
    let in_order = prop::collection::vec(step, 0..14).prop_map(move |steps| {
        let mut now = start.unix_micros();
        steps
            .iter()
            .map(|step| {
                now += step;
                micros(now)
            })
            .collect::<Vec<_>>()
    });
    let away = prop_oneof![-3 * DAY..=3 * DAY, -2 * HOUR..=2 * HOUR, -1..=1_i64];
    let in_any_order = prop::collection::vec(away, 0..14)
        .prop_map(move |away| away.iter().map(|away| micros(start.unix_micros() + away)).collect());
    prop_oneof![in_order, in_any_order]
}

/// A zone that changes often near `start`, and often at its midnight.
fn zone_near(start: Timestamp) -> impl Strategy<Value = Changing> {
    let change = (-2..14_i64, any_offset(), any_offset(), any::<bool>()).prop_map(
        move |(day, offset, other, at_midnight)| {
            let midnight = (start.unix_micros().div_euclid(DAY) + day) * DAY;
            let away = i64::from(if at_midnight { offset } else { other }.whole_seconds());
            (micros(midnight - away * 1_000_000), offset)
        },
    );
    (any_offset(), prop::collection::vec(change, 0..8))
        .prop_map(|(before, changes)| Changing::new(before, changes))
}

proptest! {
    /// W5: the laws of grouping, in places without daylight saving.
    #[test]
    fn w5_grouping_keeps_its_laws_at_fixed_offsets(
        (times, now) in (any_time().prop_flat_map(times_near), any_time()),
        offset in any_offset(),
    ) {
        assert_laws(&times, &offset, now);
        if let Some(last) = times.last() {
            assert_laws(&times, &offset, *last);
        }
    }

    /// W4, W5: the laws of grouping where clocks jump, whatever the zone says
    /// of how long an offset holds.
    #[test]
    fn w5_grouping_keeps_its_laws_where_clocks_jump(
        (times, zone, now, sure) in any_time().prop_flat_map(|start| {
            let near = -2 * DAY..=16 * DAY;
            let now = near.prop_map(move |away| micros(start.unix_micros() + away));
            zone_near(start).prop_flat_map(move |zone| {
                let mut around = vec![start];
                around.extend(zone.changes.iter().map(|(change, _)| *change));
                let times = select(around).prop_flat_map(times_near);
                (times, Just(zone), now.clone(), 0..=3 * DAY.unsigned_abs())
            })
        }),
    ) {
        let plain = Plain(&zone);
        let cautious = Cautious(&zone, Duration::from_micros(sure));
        assert_laws(&times, &zone, now);
        assert_laws(&times, &plain, now);
        assert_laws(&times, &cautious, now);
        let sent = numbered(&times);
        prop_assert_eq!(group(&sent, &plain, now), group(&sent, &zone, now));
        prop_assert_eq!(group(&sent, &cautious, now), group(&sent, &zone, now));
    }

    /// W4, W5: the laws of grouping around every change of a made-up year of half
    /// hours, midnights that are not there and days that are skipped or come twice.
    #[test]
    fn w5_grouping_keeps_its_laws_in_a_made_up_year(
        (times, now) in select(made_up().changes).prop_flat_map(|(change, _)| {
            let now = (-4 * DAY..=4 * DAY).prop_map(move |away| micros(change.unix_micros() + away));
            let day_before = change.saturating_sub(Duration::from_secs(86_400));
            (prop_oneof![times_near(change), times_near(day_before)], now)
        }),
    ) {
        let zone = made_up();
        assert_laws(&times, &zone, now);
        assert_laws(&times, &Plain(&zone), now);
    }
}

/// The dates that the made-up year shows around an instant, asked every ten minutes.
fn dates_around(change: &str) -> Vec<Date> {
    let times: Vec<Timestamp> =
        (-180..180).map(|n| micros(at(change).unix_micros() + n * HOUR / 6)).collect();
    assert_laws(&times, &made_up(), at(change));
    group(&numbered(&times), &made_up(), at(change)).iter().map(|(group, _)| group.date).collect()
}

/// W5: a date that clocks skip has no group; one that they go back to has another
/// when a later date stands between, and the same when none does.
#[test]
fn w5_skipped_dates_have_no_group_and_those_that_come_back_have_another() {
    let september_12_is_skipped = dates_around("2027-09-12T10:00:00Z");
    let expected = [date!(2027 - 09 - 10), date!(2027 - 09 - 11), date!(2027 - 09 - 13)];
    assert_eq!(september_12_is_skipped[..3], expected);
    let june_30_comes_twice_in_a_row = dates_around("2027-06-30T13:00:00Z");
    let expected = [date!(2027 - 06 - 29), date!(2027 - 06 - 30), date!(2027 - 07 - 01)];
    assert_eq!(june_30_comes_twice_in_a_row, expected);
    let november_1_comes_back = dates_around("2027-11-01T10:45:00Z");
    let (first, second) = (date!(2027 - 11 - 01), date!(2027 - 11 - 02));
    let back = november_1_comes_back.iter().position(|date| *date == second).unwrap();
    assert_eq!(november_1_comes_back[back - 1..back + 3], [first, second, first, second]);
}

/// A zone that counts how often it is asked.
struct Counting<'a>(&'a Changing, AtomicUsize);

impl Zone for Counting<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.span_at(at).offset
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        self.1.fetch_add(1, Relaxed);
        self.0.span_at(at)
    }
}

/// The documented cost of grouping: the zone is asked once for each date and
/// each offset that the items pass through and once for today, not once an item.
#[test]
fn w5_grouping_asks_the_zone_once_a_date_and_not_once_an_item() {
    let start = at("2027-01-01T00:00:00Z").unix_micros();
    let times: Vec<Timestamp> =
        (0..365 * 24 * 4).map(|quarter| micros(start + quarter * HOUR / 4)).collect();
    let (zone, sent) = (made_up(), numbered(&times));
    let counting = Counting(&zone, AtomicUsize::new(0));
    let dates = group(&sent, &counting, at("2027-12-31T00:00:00Z")).len();
    let asked = counting.1.into_inner();
    println!("{} items, {dates} dates, the zone was asked {asked} times", sent.len());
    assert!(asked <= dates + zone.changes.len() + 1, "asked {asked} times for {dates} dates");
}

/// W5: what stands above each date, seen from a day in March, at new year and on
/// a leap day.
#[test]
fn w5_a_date_is_today_yesterday_or_said_in_full() {
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
        let screen = Screen::new(&UtcOffset::UTC, &English, at(now));
        for (sent, shown) in *dates {
            let sent = [(0, at(sent))];
            let groups = group(&sent, &UtcOffset::UTC, at(now));
            assert_eq!(groups.len(), 1);
            assert_eq!(screen.heading(groups[0].0).as_str(), *shown, "{sent:?} seen at {now}");
        }
    }
}

/// W5: a date after today is said in full, however near.
#[test]
fn w5_a_date_after_today_is_a_full_date() {
    let today = date!(2027 - 12 - 30);
    for (days, day) in [(1, Day::ThisYear), (2, Day::OtherYear), (366, Day::OtherYear)] {
        let date = today + time::Duration::days(days);
        assert_eq!(DateGroup::new(date, today).day, day, "{date}");
    }
}

/// W5: every date of a leap year and of the one after has the right words.
#[test]
fn w5_every_date_has_its_words() {
    let today = Date::from_calendar_date(2028, Month::March, 1).unwrap();
    let screen = Screen::new(&UtcOffset::UTC, &English, at("2028-03-01T00:00:00Z"));
    for date in std::iter::successors(Some(date!(2028 - 01 - 01)), |date| date.next_day()).take(731)
    {
        let group = DateGroup::new(date, today);
        assert_eq!(screen.heading(group).as_str(), heading(date, today));
        if !matches!(group.day, Day::Today | Day::Yesterday) {
            assert_eq!(screen.full_date(date).as_str(), heading(date, today));
        }
    }
}

/// W1, W5: at both ends of the range local times saturate, nothing panics, and
/// the laws hold.
#[test]
fn w5_grouping_keeps_its_laws_at_both_ends_of_time() {
    let ends = |from: Timestamp, sign: i64| -> Vec<Timestamp> {
        (0..60).map(|n| micros(from.unix_micros() + sign * n * HOUR)).collect()
    };
    let (mut first, last) = (ends(Timestamp::MIN, 1), ends(Timestamp::MAX, -1));
    first.extend(last);
    for offset in [offset!(UTC), offset!(-25:59:59), offset!(+25:59:59), offset!(-12), offset!(+14)]
    {
        for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            assert_laws(&first, &offset, now);
            let zone = Changing::new(offset, vec![(Timestamp::UNIX_EPOCH, offset!(+1))]);
            assert_laws(&first, &zone, now);
        }
    }
    let screen = |zone, now| Screen::new(zone, &English, now);
    let early = group(&[(0, Timestamp::MIN)], &offset!(-12), Timestamp::MAX);
    let heading = screen(&offset!(-12), Timestamp::MAX).heading(early[0].0);
    assert_eq!(heading.as_str(), "Monday, Jan 1, 1");
    let late = group(&[(0, Timestamp::MAX)], &offset!(+14), Timestamp::MIN);
    let heading = screen(&offset!(+14), Timestamp::MIN).heading(late[0].0);
    assert_eq!(heading.as_str(), "Friday, Dec 31, 9999");
}

/// W4: the zone that is passed decides, daylight saving included.
#[test]
fn w4_the_zone_that_is_passed_decides() {
    let (now, sent) = (at("2027-03-15T10:30:00Z"), at("2027-03-15T09:59:00Z"));
    let heading_in = |zone: &dyn Zone| {
        let groups = group(&[(0, sent)], zone, now);
        Screen::new(zone, &English, now).heading(groups[0].0).as_str().to_owned()
    };
    let local = |zone: &dyn Zone| LocalTime::new(sent, zone).to_string();
    assert_eq!(heading_in(&offset!(UTC)), "Today");
    assert_eq!(heading_in(&offset!(+14)), "Yesterday");
    assert_eq!(local(&offset!(+14)), "2027-03-15T23:59:00+14:00");
    assert_eq!(local(&offset!(-10)), "2027-03-14T23:59:00-10:00");
    let summer = Changing::new(offset!(+13), vec![(at("2027-03-15T10:00:00Z"), offset!(+14))]);
    assert_eq!(heading_in(&summer), "Yesterday");
    assert_eq!(local(&summer), "2027-03-15T22:59:00+13:00");
}

/// W4: the machine's own zone decides nothing.
#[test]
fn w4_the_machines_own_zone_decides_nothing() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/Adak", "XYZ-13:30"] {
        let asked = Command::new(env::current_exe().unwrap())
            .args(["--exact", "w4_the_zone_that_is_passed_decides"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&asked.stdout);
        assert!(asked.status.success() && said.contains("1 passed"), "TZ={zone}: {said}");
    }
}
