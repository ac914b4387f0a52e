//! How long an offset holds, for every zone there is.

use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, Zone, group_by_date};
use jiff::tz::{Offset, TimeZone};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{SECOND, any_time, at, by_jiff, micro_before, moved, names, zone};

/// The contract of `Zone`: the span has the offset of `at`, contains it, has no
/// other offset at its ends and in between, and touches its neighbours.
#[track_caller]
fn assert_span(what: &str, zone: &TimeZone, at: Timestamp) -> OffsetSpan {
    let span = zone.span_at(at);
    let expected = zone.to_offset(by_jiff(at)).seconds();
    assert_eq!(zone.offset_at(at).whole_seconds(), expected, "{what} at {at}");
    assert_eq!(span.offset.whole_seconds(), expected, "{what}: the span's offset at {at}");
    assert!(span.from <= at, "{what}: {at} is before {span:?}");
    assert!(at < span.until || at == Timestamp::MAX, "{what}: {at} is after {span:?}");
    let (from, until) = (span.from.unix_micros(), span.until.unix_micros());
    let inside = (0..8).map(|n| from + (until - from) / 8 * n).chain([until - 1]);
    for inside in inside.map(Timestamp::saturating_from_unix_micros) {
        let offset = zone.to_offset(by_jiff(inside)).seconds();
        assert_eq!(offset, expected, "{what}: {inside} in {span:?} of {at}");
    }
    let before = zone.span_at(micro_before(span.from)).until;
    assert!(span.from == Timestamp::MIN || before == span.from, "{what}: {span:?} after {before}");
    let after = zone.span_at(span.until).from;
    assert!(span.until == Timestamp::MAX || after == span.until, "{what}: {after} after {span:?}");
    span
}

/// POSIX rules with a summer in the north or in the south, some from the first day of
/// a year or to its last.
fn any_rule() -> impl Strategy<Value = String> {
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
        |(usual, summer, spring, early, autumn, late, north)| {
            let (spring, autumn) = (format!("{spring}/{early}"), format!("{autumn}/{late}"));
            let (start, end) = if north { (spring, autumn) } else { (autumn, spring) };
            format!("AAA{usual}BBB{summer},{start},{end}")
        },
    )
}

proptest! {
    /// W4: in every zone and at every instant, spans say the same as offsets.
    #[test]
    fn w4_a_span_says_the_same_as_the_offsets(name in select(names()), at in any_time()) {
        assert_span(&name, &zone(&name), at);
    }

    /// W4: and by POSIX rules, as a host may write them by hand.
    #[test]
    fn w4_a_span_says_the_same_as_the_offsets_by_posix_rules(rule in any_rule(), at in any_time()) {
        assert_span(&rule, &TimeZone::posix(&rule).unwrap(), at);
    }
}

/// W4: around each change of every zone, spans say the same as offsets.
#[test]
fn w4_spans_meet_at_every_change_of_every_zone() {
    let last = at("2040-01-01T00:00:00Z");
    let mut changes = 0;
    for name in names() {
        let zone = zone(&name);
        let mut until = Timestamp::MIN;
        while until < last {
            let span = assert_span(&name, &zone, until);
            assert_eq!(span.from, until, "{name}");
            assert_span(&name, &zone, micro_before(span.until));
            until = span.until;
            changes += 1;
        }
    }
    assert!(changes > 30_000, "only {changes} spans were found");
}

/// W1, W4: the first and the last instant there is have a date in every zone.
#[test]
fn w1_the_ends_of_time_have_a_date_everywhere() {
    for name in names() {
        let zone = zone(&name);
        let ends = [Timestamp::MIN, Timestamp::MAX];
        assert_eq!(assert_span(&name, &zone, ends[0]).from, ends[0], "{name}");
        assert_eq!(assert_span(&name, &zone, ends[1]).until, ends[1], "{name}");
        let groups: Vec<_> = group_by_date(&ends, |at| *at, &zone, ends[1]).collect();
        let years: Vec<_> = groups.iter().map(|(group, _)| group.date.year()).collect();
        assert_eq!(years, [1, 9999], "{name}");
    }
}

/// W4: zones without changes hold for all of time.
#[test]
fn w4_zones_without_changes_hold_for_ever() {
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

/// A file of the first version, which says nothing of the future: two changes in 1970.
fn file_without_a_rule() -> TimeZone {
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

/// W4: after the last change of a file without a rule, its offset holds for ever.
#[test]
fn w4_a_file_without_a_rule_holds_its_last_offset() {
    let zone = file_without_a_rule();
    let second = |second: i64| moved(Timestamp::UNIX_EPOCH, second * SECOND);
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

/// W4: a rule that ends after the year, in UTC, is cut to its last nanosecond: its
/// offset holds to the last microsecond there is.
#[test]
fn w4_a_rule_that_leaves_its_year_holds_to_its_end() {
    let new_year = at("2028-01-01T00:00:00Z");
    for rule in ["AAA5BBB,M3.2.0,J365/23", "AAA-2<+01>-1,0/0,J365/23"] {
        let zone = TimeZone::posix(rule).unwrap();
        let spans = [micro_before(new_year), new_year].map(|at| assert_span(rule, &zone, at));
        assert_eq!((spans[0].until, spans[1].from), (new_year, new_year), "{rule}");
    }
}
