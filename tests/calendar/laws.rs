//! The laws of date groups (W5).

use std::time::Duration;

use frontdesk::Timestamp;
use frontdesk::calendar::{DateGroup, TimeZone};
use frontdesk::view::{English, ViewContext};
use proptest::prelude::*;
use proptest::sample::select;
use time::Date;
use time::macros::{date, offset};

use crate::generators::{any_offset, any_time, times_near, zone_near};
use crate::headings::expected_heading;
use crate::zones::{DefaultSpans, ShortSpans, TransitionZone, artificial_zone};
use crate::{DAY, HOUR, Sent, at, from_micros, group, messages};

/// Returns the local date as the `time` crate computes it. A date outside years 1 to 9999
/// becomes the first or the last date (W1).
fn local_date(at: Timestamp, zone: &dyn TimeZone) -> Date {
    let utc = at.to_offset_date_time();
    match utc.checked_to_offset(zone.offset_at(at)).map(time::OffsetDateTime::date) {
        Some(date) if date.year() < 1 => date!(0001 - 01 - 01),
        Some(date) => date,
        None => date!(9999 - 12 - 31),
    }
}

/// Asserts all laws of W5 for messages with these times.
#[track_caller]
fn assert_laws(times: &[Timestamp], zone: &dyn TimeZone, now: Timestamp) {
    let sent = messages(times);
    let groups = group(&sent, zone, now);
    let context = ViewContext::new(zone, &English, now);
    let today = local_date(now, zone);

    let without_headings: Vec<Sent> = groups.iter().flat_map(|(_, sent)| sent.clone()).collect();
    assert_eq!(without_headings, sent, "joining the groups returns the messages");
    for (group, sent) in &groups {
        assert!(!sent.is_empty(), "no group is empty");
        for (_, at) in sent {
            assert_eq!(group.date, local_date(*at, zone), "{at} is in the group of its date");
        }
        assert_eq!(context.heading(*group).as_str(), expected_heading(group.date, today));
        assert_eq!(*group, DateGroup::new(group.date, today));
    }
    for pair in groups.windows(2) {
        assert_ne!(pair[0].0, pair[1].0, "no two neighbouring groups are equal");
    }
    for split in 0..=sent.len() {
        let (start, end) = sent.split_at(split);
        let mut joined = group(start, zone, now);
        for (date, mut sent) in group(end, zone, now) {
            match joined.last_mut() {
                Some((last, last_sent)) if *last == date => last_sent.append(&mut sent),
                _ => joined.push((date, sent)),
            }
        }
        assert_eq!(joined, groups, "grouping two halves that are split at {split}");
    }
}

proptest! {
    /// W5: the laws hold for fixed offsets.
    #[test]
    fn w5_the_laws_of_grouping_hold_for_fixed_offsets(
        (times, now) in (any_time().prop_flat_map(times_near), any_time()),
        offset in any_offset(),
    ) {
        assert_laws(&times, &offset, now);
        if let Some(last) = times.last() {
            assert_laws(&times, &offset, *last);
        }
    }

    /// W4, W5: the laws hold for zones with transitions, and the groups do not depend on the
    /// length of the spans that a zone returns.
    #[test]
    fn w4_w5_the_laws_of_grouping_hold_for_zones_with_transitions(
        (times, zone, now, span) in any_time().prop_flat_map(|start| {
            let now = (-2 * DAY..=16 * DAY)
                .prop_map(move |distance| from_micros(start.unix_micros() + distance));
            zone_near(start).prop_flat_map(move |zone| {
                let mut centers = vec![start];
                centers.extend(zone.transitions.iter().map(|(transition, _)| *transition));
                let times = select(centers).prop_flat_map(times_near);
                (times, Just(zone), now.clone(), 0..=3 * DAY.unsigned_abs())
            })
        }),
    ) {
        let default_spans = DefaultSpans(&zone);
        let short_spans = ShortSpans(&zone, Duration::from_micros(span));
        assert_laws(&times, &zone, now);
        assert_laws(&times, &default_spans, now);
        assert_laws(&times, &short_spans, now);
        let sent = messages(&times);
        prop_assert_eq!(group(&sent, &default_spans, now), group(&sent, &zone, now));
        prop_assert_eq!(group(&sent, &short_spans, now), group(&sent, &zone, now));
    }

    /// W4, W5: the laws hold around every transition of the artificial zone.
    #[test]
    fn w4_w5_the_laws_of_grouping_hold_for_the_artificial_zone(
        (times, now) in select(artificial_zone().transitions).prop_flat_map(|(transition, _)| {
            let now = (-4 * DAY..=4 * DAY)
                .prop_map(move |distance| from_micros(transition.unix_micros() + distance));
            let day_before = transition.saturating_sub(Duration::from_secs(86_400));
            (prop_oneof![times_near(transition), times_near(day_before)], now)
        }),
    ) {
        let zone = artificial_zone();
        assert_laws(&times, &zone, now);
        assert_laws(&times, &DefaultSpans(&zone), now);
    }
}

/// Groups messages that were sent every ten minutes around a transition of the artificial zone, and
/// returns the dates of the groups.
fn dates_around(transition: &str) -> Vec<Date> {
    let now = at(transition);
    let times: Vec<Timestamp> =
        (-180..180).map(|n| from_micros(now.unix_micros() + n * HOUR / 6)).collect();
    let zone = artificial_zone();
    assert_laws(&times, &zone, now);
    group(&messages(&times), &zone, now).iter().map(|(group, _)| group.date).collect()
}

/// W5: a date that the zone skips has no group. A date that occurs twice has one group if the
/// occurrences are adjacent, and two if another date is between them.
#[test]
fn w5_a_skipped_date_has_no_group_and_a_repeated_date_can_have_two() {
    let september_12_is_skipped = dates_around("2027-09-12T10:00:00Z");
    let expected = [date!(2027 - 09 - 10), date!(2027 - 09 - 11), date!(2027 - 09 - 13)];
    assert_eq!(september_12_is_skipped[..3], expected);
    let june_30_occurs_twice_in_a_row = dates_around("2027-06-30T13:00:00Z");
    let expected = [date!(2027 - 06 - 29), date!(2027 - 06 - 30), date!(2027 - 07 - 01)];
    assert_eq!(june_30_occurs_twice_in_a_row, expected);
    let november_1_occurs_again = dates_around("2027-11-01T10:45:00Z");
    let (first, second) = (date!(2027 - 11 - 01), date!(2027 - 11 - 02));
    let again = november_1_occurs_again.iter().position(|date| *date == second).unwrap();
    assert_eq!(november_1_occurs_again[again - 1..again + 3], [first, second, first, second]);
}

/// W1, W5: local times at both ends of the range saturate, and the laws hold there.
#[test]
fn w1_w5_the_laws_of_grouping_hold_at_both_ends_of_the_range() {
    let times_from = |end: Timestamp, sign: i64| {
        (0..60).map(move |n| from_micros(end.unix_micros() + sign * n * HOUR))
    };
    let times: Vec<Timestamp> =
        times_from(Timestamp::MIN, 1).chain(times_from(Timestamp::MAX, -1)).collect();
    for offset in [offset!(UTC), offset!(-25:59:59), offset!(+25:59:59), offset!(-12), offset!(+14)]
    {
        for now in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            assert_laws(&times, &offset, now);
            let transitions = vec![(Timestamp::UNIX_EPOCH, offset!(+1))];
            assert_laws(&times, &TransitionZone::new(offset, transitions), now);
        }
    }
}
