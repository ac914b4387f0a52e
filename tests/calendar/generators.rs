//! Strategies that generate times, offsets and zones.

use frontdesk::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use time::UtcOffset;

use crate::zones::TransitionZone;
use crate::{DAY, HOUR, from_micros};

pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.unix_micros()..=Timestamp::MAX.unix_micros()).prop_map(from_micros)
}

pub(crate) fn any_offset() -> impl Strategy<Value = UtcOffset> {
    prop_oneof![
        (-93_599..=93_599).prop_map(|seconds| UtcOffset::from_whole_seconds(seconds).unwrap()),
        (-28..=28).prop_map(|halves| UtcOffset::from_whole_seconds(halves * 1800).unwrap()),
    ]
}

/// Generates times near `start`, either in ascending order or in any order.
pub(crate) fn times_near(start: Timestamp) -> impl Strategy<Value = Vec<Timestamp>> {
    let step = prop_oneof![
        4 => 0..=2 * DAY,
        2 => 0..=HOUR,
        1 => Just(0),
        2 => select(&[DAY, DAY - 1, DAY / 2, HOUR / 2, 1][..]),
    ];
    let ascending = prop::collection::vec(step, 0..14).prop_map(move |steps| {
        let mut now = start.unix_micros();
        steps
            .iter()
            .map(|step| {
                now += step;
                from_micros(now)
            })
            .collect::<Vec<_>>()
    });
    let distance = prop_oneof![-3 * DAY..=3 * DAY, -2 * HOUR..=2 * HOUR, -1..=1_i64];
    let in_any_order = prop::collection::vec(distance, 0..14).prop_map(move |distances| {
        distances.iter().map(|distance| from_micros(start.unix_micros() + distance)).collect()
    });
    prop_oneof![ascending, in_any_order]
}

/// Generates a zone with up to seven transitions near `start`. Many of them are at local midnight.
pub(crate) fn zone_near(start: Timestamp) -> impl Strategy<Value = TransitionZone> {
    let transition = (-2..14_i64, any_offset(), any_offset(), any::<bool>()).prop_map(
        move |(day, offset, other, at_midnight)| {
            let midnight = (start.unix_micros().div_euclid(DAY) + day) * DAY;
            let shift = i64::from(if at_midnight { offset } else { other }.whole_seconds());
            (from_micros(midnight - shift * 1_000_000), offset)
        },
    );
    (any_offset(), prop::collection::vec(transition, 0..8))
        .prop_map(|(before, transitions)| TransitionZone::new(before, transitions))
}
