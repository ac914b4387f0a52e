//! `InboxList` stays in order while it changes (L1).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use frontdesk::inbox::{InboxItem, InboxList, by_recency};
use frontdesk::{BookingId, Thread, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::generators::{any_time, thread};
use crate::{IDS, Item, booking_id, sorted_by_definition, time};

proptest! {
    /// L1: after many changes, a list equals the sorted items, even if changes arrive out of
    /// order.
    #[test]
    fn l1_a_list_equals_the_sorted_items_after_many_changes(
        bookings in select(&[3, 40, 2_000][..]),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any_time(), 0..8_u8),
            0..1_500,
        ),
    ) {
        let mut list = InboxList::new();
        let mut model = BTreeMap::new();
        for (clock, (index, time, kind)) in changes.into_iter().enumerate() {
            let booking = booking_id(&format!("b-{}", index.index(bookings)));
            let now = Timestamp::UNIX_EPOCH.saturating_add(Duration::from_secs(clock as u64));
            let active_at = if kind < 4 { now } else { time };
            let item = Item { active_at, booking: booking.clone() };
            if kind == 7 {
                prop_assert_eq!(list.remove(&booking), model.remove(&booking));
            } else {
                prop_assert_eq!(list.upsert(item.clone()), model.insert(booking, item));
            }
        }
        let mut expected: Vec<Item> = model.into_values().collect();
        expected.sort_by(by_recency);
        prop_assert_eq!(list.iter().len(), expected.len());
        prop_assert!(list.iter().eq(&expected));
        prop_assert!(list.iter().rev().eq(expected.iter().rev()));
        let mut both_ends = list.iter();
        let (first, last) = (both_ends.next(), both_ends.next_back());
        prop_assert_eq!(first, expected.first());
        prop_assert_eq!(last, expected.last().filter(|_| expected.len() > 1));
        prop_assert_eq!(both_ends.len(), expected.len().saturating_sub(2));
    }

    /// L1: after each change, a list equals the sorted threads. Each change returns the thread that
    /// it replaced or removed.
    #[test]
    fn l1_a_list_equals_the_sorted_threads_after_each_change(
        changes in prop::collection::vec(
            prop_oneof![
                3 => thread(select(&IDS[..7]).prop_map(str::to_owned)).prop_map(Ok),
                1 => select(&IDS[..7]).prop_map(|id| Err(booking_id(id))),
            ],
            0..40,
        ),
    ) {
        let mut list = InboxList::new();
        let mut model: Vec<Thread> = Vec::new();
        for change in &changes {
            let id = match change {
                Ok(thread) => thread.booking().id.clone(),
                Err(id) => id.clone(),
            };
            let former = model.iter().position(|thread| thread.booking().id == id);
            let former = former.map(|at| model.remove(at));
            prop_assert_eq!(list.get(&id), former.as_ref());
            if let Ok(thread) = change {
                model.push(thread.clone());
                prop_assert_eq!(list.upsert(thread.clone()), former);
                prop_assert_eq!(list.get(&id), Some(thread));
            } else {
                prop_assert_eq!(list.remove(&id), former);
                prop_assert_eq!(list.get(&id), None);
            }
            let sorted = sorted_by_definition(&model);
            prop_assert!(list.iter().eq(&sorted), "after the change of {id:?}");
            prop_assert!(list.iter().rev().eq(sorted.iter().rev()));
            prop_assert_eq!((list.len(), list.is_empty()), (sorted.len(), sorted.is_empty()));
        }
        let collected: InboxList<Thread> = model.iter().cloned().collect();
        prop_assert!(collected.iter().eq(list.iter()));
    }
}

/// L1: a list moves an item correctly even if the item changed after it was inserted.
#[test]
fn l1_a_list_moves_an_item_that_changed_after_it_was_inserted() {
    struct Shared(Cell<u64>, BookingId);

    impl InboxItem for Shared {
        fn active_at(&self) -> Timestamp {
            time(self.0.get())
        }

        fn booking_id(&self) -> &BookingId {
            &self.1
        }
    }

    let [first, second] =
        [("first", 1), ("second", 2)].map(|(id, minutes)| Shared(minutes.into(), booking_id(id)));
    let mut list: InboxList<&Shared> = [&first, &second].into_iter().collect();
    first.0.set(3);
    list.upsert(&first);
    let order: Vec<_> = list.iter().map(|item| item.1.as_str()).collect();
    assert_eq!(order, ["first", "second"]);
}
