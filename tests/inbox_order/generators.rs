//! Strategies that generate ids, times, threads and items.

use std::collections::HashSet;

use frontdesk::{Role, Thread, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{IDS, Item, booking_id, empty_thread, post, time};

/// Generates a thread with or without messages. Only a few different times occur.
pub(crate) fn thread(id: impl Strategy<Value = String>) -> impl Strategy<Value = Thread> {
    let posts =
        prop::collection::vec((select(&[Role::Customer, Role::Operator][..]), 0..4_u64), 0..3);
    (id, 0..4_u64, posts).prop_map(|(id, created, posts)| {
        posts.into_iter().fold(empty_thread(&id, time(created)), |thread, (role, sent)| {
            post(&thread, role, time(sent)).0
        })
    })
}

pub(crate) fn any_id() -> impl Strategy<Value = String> {
    prop_oneof![select(&IDS[..]).prop_map(str::to_owned), "[a-c]{1,3}", "[!-~é漢𝒳]{1,4}"]
}

/// Generates threads of one location, at most one for each booking. Many times are equal.
pub(crate) fn threads() -> impl Strategy<Value = Vec<Thread>> {
    prop::collection::vec(thread(any_id()), 0..24).prop_map(|mut threads| {
        let mut ids = HashSet::new();
        threads.retain(|thread| ids.insert(thread.id().clone()));
        threads
    })
}

/// Generates times that are often equal or close together, times that are far apart, and the first
/// and the last timestamp.
pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (0..4_i64).prop_map(Timestamp::saturating_from_unix_micros),
        4 => (0..1_i64 << 50).prop_map(Timestamp::saturating_from_unix_micros),
        1 => select(&[Timestamp::MIN, Timestamp::MAX][..]),
    ]
}

/// Generates items whose ids mostly have the same pattern. Some ids occur twice.
pub(crate) fn items() -> impl Strategy<Value = Vec<Item>> {
    let pattern = prop_oneof![
        Just("[0-9]{1,12}"),
        Just("[a-b]{1,40}"),
        Just("2027-[0-9a-f]{8}-[0-9a-f]{4}"),
        Just("é[!-~漢]{1,3}"),
    ];
    let id = pattern.prop_flat_map(|pattern| prop_oneof![40 => pattern, 1 => any_id()].boxed());
    let item =
        (any_time(), id).prop_map(|(active_at, id)| Item { active_at, booking: booking_id(&id) });
    prop::collection::vec(item, 0..400)
}
