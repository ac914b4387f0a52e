//! Offset spans of all zones (W4).

use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, TimeZone as _, group_by_date};
use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{SECOND, any_time, at, microsecond_before, shift, to_jiff, zone, zone_names};

/// Asserts that the span at `at` keeps the contract of `TimeZone`: the span contains `at`, and the
/// zone has the span's offset everywhere in the span. Asserts also that the span is adjacent to the
/// spans before and after it. Returns the span.
#[track_caller]
fn assert_span(name: &str, zone: &TimeZone, at: Timestamp) -> OffsetSpan {
    let span = zone.span_at(at);
    let expected = zone.to_offset(to_jiff(at)).seconds();
    assert_eq!(zone.offset_at(at).whole_seconds(), expected, "{name} at {at}");
    assert_eq!(span.offset.whole_seconds(), expected, "{name}: the span's offset at {at}");
    assert!(span.from <= at, "{name}: {at} is before {span:?}");
    assert!(at < span.until || at == Timestamp::MAX, "{name}: {at} is after {span:?}");
    let (from, until) = (span.from.unix_micros(), span.until.unix_micros());
    let inside = (0..8).map(|n| from + (until - from) / 8 * n).chain([until - 1]);
    for inside in inside.map(Timestamp::saturating_from_unix_micros) {
        let offset = zone.to_offset(to_jiff(inside)).seconds();
        assert_eq!(offset, expected, "{name}: the offset at {inside}, inside {span:?}");
    }
    let before = zone.span_at(microsecond_before(span.from)).until;
    assert!(
        span.from == Timestamp::MIN || before == span.from,
        "{name}: the span before {span:?} ends at {before}"
    );
    let after = zone.span_at(span.until).from;
    assert!(
        span.until == Timestamp::MAX || after == span.until,
        "{name}: the span after {span:?} starts at {after}"
    );
    span
}

/// Generates POSIX rules with daylight saving in the northern or the southern summer. Some of them
/// start on the first day of a year or end on its last day.
fn any_posix_rule() -> impl Strategy<Value = String> {
    let hours = -26..=26;
    let spring = prop_oneof![
        (2..=5, 1..=5, 0..=6).prop_map(|(month, week, day)| format!("M{month}.{week}.{day}")),
        (1..=150).prop_map(|day| format!("J{day}")),
    ];
    let autumn = prop_oneof![
        (8..=11, 1..=5, 0..=6).prop_map(|(month, week, day)| format!("M{month}.{week}.{day}")),
        (220..=365).prop_map(|day| format!("J{day}")),
    ];
    (-24..=24, -24..=24, spring, hours.clone(), autumn, hours, any::<bool>()).prop_map(
        |(standard, summer, spring, spring_hour, autumn, autumn_hour, is_northern)| {
            let spring = format!("{spring}/{spring_hour}");
            let autumn = format!("{autumn}/{autumn_hour}");
            let (start, end) = if is_northern { (spring, autumn) } else { (autumn, spring) };
            format!("AAA{standard}BBB{summer},{start},{end}")
        },
    )
}

proptest! {
    /// W4: spans agree with offsets in every zone, at any time.
    #[test]
    fn w4_spans_agree_with_offsets(name in select(zone_names()), at in any_time()) {
        assert_span(&name, &zone(&name), at);
    }

    /// W4: spans agree with offsets for POSIX rules, which a host application can write by hand.
    #[test]
    fn w4_spans_agree_with_offsets_for_posix_rules(rule in any_posix_rule(), at in any_time()) {
        assert_span(&rule, &TimeZone::posix(&rule).unwrap(), at);
    }
}

/// W4: spans agree with offsets around every transition of every zone.
#[test]
fn w4_spans_are_adjacent_at_every_transition_of_every_zone() {
    let last = at("2040-01-01T00:00:00Z");
    let mut spans = 0;
    for name in zone_names() {
        let zone = zone(&name);
        let mut until = Timestamp::MIN;
        while until < last {
            let span = assert_span(&name, &zone, until);
            assert_eq!(span.from, until, "{name}");
            assert_span(&name, &zone, microsecond_before(span.until));
            until = span.until;
            spans += 1;
        }
    }
    assert!(spans > 30_000, "only {spans} spans were found");
}

/// W1, W4: the first and the last timestamp have a date in every zone.
#[test]
fn w1_w4_the_ends_of_the_range_have_a_date_in_every_zone() {
    for name in zone_names() {
        let zone = zone(&name);
        let ends = [Timestamp::MIN, Timestamp::MAX];
        assert_eq!(assert_span(&name, &zone, ends[0]).from, ends[0], "{name}");
        assert_eq!(assert_span(&name, &zone, ends[1]).until, ends[1], "{name}");
        let groups: Vec<_> = group_by_date(&ends, |at| *at, &zone, ends[1]).collect();
        let years: Vec<_> = groups.iter().map(|(group, _)| group.date.year()).collect();
        assert_eq!(years, [1, 9999], "{name}");
    }
}

/// W4: the span of a zone without transitions is the whole range.
#[test]
fn w4_a_zone_without_transitions_has_a_single_span() {
    let table = [
        (TimeZone::UTC, 0),
        (TimeZone::unknown(), 0),
        (TimeZone::fixed(Offset::from_seconds(5 * 3600 + 45 * 60).unwrap()), 20_700),
        (TimeZone::fixed(Offset::MAX), 93_599),
        (TimeZone::fixed(Offset::MIN), -93_599),
        (TimeZone::posix("<-03>3").unwrap(), -10_800),
        (zone("Etc/GMT-14"), 50_400),
    ];
    for (zone, seconds) in table {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let span = assert_span("a fixed zone", &zone, at);
            assert_eq!(span.offset.whole_seconds(), seconds);
            assert_eq!((span.from, span.until), (Timestamp::MIN, Timestamp::MAX));
        }
    }
}

/// Returns a zone from a `TZif` file of version 1. The file has two transitions in 1970 and no rule
/// for later times.
fn zone_without_a_rule() -> TimeZone {
    let mut file = b"TZif".to_vec();
    file.extend([0; 16]);
    for count in [0_u32, 0, 0, 2, 2, 8] {
        file.extend(count.to_be_bytes());
    }
    for second in [1_000_i32, 2_000] {
        file.extend(second.to_be_bytes());
    }
    file.extend([1, 0]);
    for (seconds, summer, name) in [(3_600_i32, 0, 0), (7_200, 1, 4)] {
        file.extend(seconds.to_be_bytes());
        file.extend([summer, name]);
    }
    file.extend(b"AAA\0BBB\0");
    TimeZone::tzif("Old/File", &file).unwrap()
}

/// W4: if a file has no rule, its last offset holds to the end of the range.
#[test]
fn w4_a_file_without_a_rule_keeps_its_last_offset() {
    let zone = zone_without_a_rule();
    let second = |second: i64| shift(Timestamp::UNIX_EPOCH, second * SECOND);
    let table = [
        (0, 3_600, Timestamp::MIN, second(1_000)),
        (1_000, 7_200, second(1_000), second(2_000)),
        (2_000, 3_600, second(2_000), Timestamp::MAX),
        (9_000, 3_600, second(2_000), Timestamp::MAX),
    ];
    for (at, offset, from, until) in table {
        let span = assert_span("a file without a rule", &zone, second(at));
        assert_eq!((span.offset.whole_seconds(), span.from, span.until), (offset, from, until));
    }
}

/// W4: if a rule places a clock change outside its year in UTC, jiff moves the clock change to the
/// last nanosecond of a year. The spans then meet exactly at New Year.
#[test]
fn w4_a_clock_change_outside_its_year_happens_at_new_year() {
    let new_year = at("2028-01-01T00:00:00Z");
    for rule in ["AAA5BBB,M3.2.0,J365/23", "AAA-2<+01>-1,0/0,J365/23"] {
        let zone = TimeZone::posix(rule).unwrap();
        let spans = [microsecond_before(new_year), new_year].map(|at| assert_span(rule, &zone, at));
        assert_eq!((spans[0].until, spans[1].from), (new_year, new_year), "{rule}");
    }
}
