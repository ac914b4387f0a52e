//! The order is total, and positions have the same order as items (L1, L2).

use std::cmp::Ordering;

use frontdesk::inbox::{InboxPosition, by_recency};
use proptest::prelude::*;

use crate::generators::{any_id, thread};
use crate::time;

proptest! {
    /// L1: the order is total and transitive. If two threads are not at the same position, exactly
    /// one of them comes first.
    #[test]
    fn l1_recency_is_a_total_order(
        (a, b, c) in (thread(any_id()), thread(any_id()), thread(any_id())),
    ) {
        prop_assert_eq!(by_recency(&a, &a), Ordering::Equal);
        prop_assert_eq!(by_recency(&a, &b), by_recency(&b, &a).reverse());
        let same_position = a.active_at() == b.active_at() && a.id() == b.id();
        prop_assert_eq!(by_recency(&a, &b) == Ordering::Equal, same_position);
        let mut three = [&a, &b, &c];
        three.sort_by(|a, b| by_recency(*a, *b));
        let [first, second, third] = three;
        prop_assert!(by_recency(first, second).is_le() && by_recency(second, third).is_le());
        prop_assert!(by_recency(first, third).is_le());
        if by_recency(&a, &b) == by_recency(&b, &c) {
            prop_assert_eq!(by_recency(&a, &c), by_recency(&a, &b));
        }
    }

    /// L1, L2: positions have the order of their items. The position that `idle_since` returns for
    /// a time is before exactly those items that have had no activity after this time.
    #[test]
    fn l1_l2_positions_have_the_order_of_the_inbox(
        (a, b) in (thread(any_id()), thread(any_id())),
        idle_minutes in 0..5_u64,
    ) {
        let (position_a, position_b) = (InboxPosition::of(&a), InboxPosition::of(&b));
        prop_assert_eq!(position_a.cmp(&position_b), by_recency(&a, &b));
        let idle = InboxPosition::idle_since(time(idle_minutes));
        prop_assert_eq!(idle < position_a, a.active_at() <= idle.active_at());
        prop_assert_ne!(&idle, &position_a);
    }
}
