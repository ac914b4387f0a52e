//! Sorting whole lists and finding the first page (L1).

use std::cell::Cell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use frontdesk::inbox::{self, InboxItem, by_recency};
use frontdesk::view::{English, InboxRow, ViewContext};
use frontdesk::{BookingId, Role, Thread, Timestamp};
use proptest::prelude::*;
use time::UtcOffset;

use crate::generators::{any_time, items, threads};
use crate::{IDS, Item, booking_id, empty_thread, post, sorted_by_definition, time};

proptest! {
    /// L1: `sort`, `order` and `first_page` agree with the definition.
    #[test]
    fn l1_sort_order_and_first_page_agree_with_the_definition(
        threads in threads(),
        limit in 0..30_usize,
    ) {
        let expected = sorted_by_definition(&threads);
        let mut sorted = threads.clone();
        inbox::sort(&mut sorted);
        prop_assert_eq!(&sorted, &expected);

        let order = inbox::order(&threads);
        let ordered: Vec<Thread> = order.iter().map(|&at| threads[at].clone()).collect();
        prop_assert_eq!(&ordered, &expected);

        let page: Vec<Thread> = inbox::first_page(&threads, limit).into_iter().cloned().collect();
        prop_assert_eq!(&page[..], &expected[..limit.min(expected.len())]);

        let context = ViewContext::new(&UtcOffset::UTC, &English, time(9));
        let mut rows: Vec<InboxRow> =
            threads.iter().map(|thread| InboxRow::new(thread, &context)).collect();
        inbox::sort(&mut rows);
        let expected: Vec<_> = expected.iter().map(|thread| thread.booking().id.clone()).collect();
        let rows: Vec<_> = rows.into_iter().map(|row| row.booking).collect();
        prop_assert_eq!(rows, expected, "rows have the order of their threads");
    }

    /// L1: long lists with all kinds of times and ids are sorted correctly.
    #[test]
    fn l1_a_long_list_is_sorted_correctly(items in items(), limit in 0..500_usize) {
        let mut expected = items.clone();
        expected.sort_by(by_recency);
        let mut sorted = items.clone();
        inbox::sort(&mut sorted);
        prop_assert_eq!(&sorted, &expected);
        let ordered: Vec<&Item> = inbox::order(&items).into_iter().map(|at| &items[at]).collect();
        prop_assert!(ordered.into_iter().eq(&expected));
        let page = inbox::first_page(&items, limit);
        prop_assert!(page.into_iter().eq(expected.iter().take(limit)));
    }

    /// L1: a sorted list in which a few items change is sorted correctly again.
    #[test]
    fn l1_a_sorted_list_with_a_few_changes_is_sorted_correctly(
        mut items in items(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_time()), 0..10),
        to_the_top in any::<bool>(),
    ) {
        items.sort_by(by_recency);
        let len = items.len();
        // If the list is empty, this loop skips all changes.
        for (at, time) in changes.iter().take(100 * len) {
            let age = Duration::from_micros(time.unix_micros().unsigned_abs() % 99);
            let recent = Timestamp::MAX.saturating_sub(age);
            items[at.index(len)].active_at = if to_the_top { recent } else { *time };
        }
        let mut expected = items.clone();
        expected.sort_by(by_recency);
        inbox::sort(&mut items);
        prop_assert_eq!(items, expected);
    }
}

/// L1: among threads with messages, a thread without messages is ordered by the time of its
/// creation.
#[test]
fn l1_a_thread_without_messages_is_ordered_by_its_creation() {
    let silent = empty_thread("silent", time(5));
    let (earlier, _) = post(&empty_thread("earlier", time(1)), Role::Customer, time(4));
    let (later, _) = post(&empty_thread("later", time(0)), Role::Customer, time(6));
    let mut threads = [&earlier, &silent, &later];
    inbox::sort(&mut threads);
    let order = threads.map(|thread| thread.booking_id().as_str());
    assert_eq!(order, ["later", "silent", "earlier"]);
}

/// L1: equal times are ordered by the bytes of the booking ids, not by letters, numbers or
/// lengths.
#[test]
fn l1_equal_times_are_ordered_by_the_bytes_of_the_ids() {
    let mut threads = IDS.map(|id| empty_thread(id, time(1)));
    inbox::sort(&mut threads);
    let mut by_bytes = IDS;
    by_bytes.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    assert_eq!(threads.each_ref().map(|thread| thread.id().booking.as_str()), by_bytes);
}

/// L1: the first page of a long list is the start of the sorted list.
#[test]
fn l1_the_first_page_of_a_long_list_is_its_start() {
    let threads: Vec<Thread> = (0..3000_u64)
        .map(|n| empty_thread(&format!("b-{}", n * 7919 % 3001), time(n * 104_729 % 40)))
        .collect();
    let expected = sorted_by_definition(&threads);
    for limit in [0, 1, 2, 50, 2999, 3000, 3001, usize::MAX] {
        let page = inbox::first_page(&threads, limit);
        assert!(page.into_iter().eq(expected.iter().take(limit)), "{limit}");
    }
    let list: inbox::InboxList<&Thread> = threads.iter().collect();
    assert!(list.iter().copied().eq(&expected));
}

/// L1: one id that differs from the pattern of all other ids is sorted by its bytes. The id has a
/// shorter common prefix, or characters outside the range of the other ids' characters.
#[test]
fn l1_an_id_with_another_pattern_is_sorted_by_its_bytes() {
    let usual = |n: usize| format!("booking-{:04}", n * 7919 % 10_007);
    let unusual =
        ["a", "z", "é", "!", "booking", "booking-", "booking-/", "booking-/1", "booking-5:"];
    for unusual in unusual.into_iter().chain(["bookinG-5", "booking-z", "booking-5é", "booking-!"])
    {
        for at in [0, 1, 500, 777, 999] {
            let id = |n: usize| if n == at { unusual.to_owned() } else { usual(n) };
            let mut items: Vec<Item> = (0..1_000)
                .map(|n| Item { active_at: time(1), booking: booking_id(&id(n)) })
                .collect();
            let mut expected = items.clone();
            expected.sort_by(by_recency);
            inbox::sort(&mut items);
            assert!(items == expected, "{unusual} at {at}");
        }
    }
}

/// L1: a list is sorted correctly after items near its top became more recent.
#[test]
fn l1_a_list_with_new_activity_near_its_top_is_sorted_correctly() {
    let item = |n: u64| Item { active_at: time(2_000 - n), booking: booking_id(&format!("b-{n}")) };
    let changed = [0, 3, 500, 999];
    for combination in 0..256_u64 {
        let mut items: Vec<Item> = (0..1_000).map(item).collect();
        for (digit, at) in changed.into_iter().enumerate() {
            // Each changed item gets one of four times. Other items already have some of these
            // times.
            items[at].active_at = time(1_998 + (combination >> (2 * digit)) % 4);
        }
        let mut expected = items.clone();
        expected.sort_by(by_recency);
        inbox::sort(&mut items);
        assert!(items == expected, "combination {combination}");
    }
}

/// L1: an item that returns different times causes a wrong order or a panic, but no item is
/// lost or duplicated.
#[test]
fn l1_sorting_items_with_inconsistent_times_loses_no_item() {
    struct Inconsistent(Cell<u64>, BookingId);

    impl InboxItem for Inconsistent {
        fn active_at(&self) -> Timestamp {
            self.0.set(self.0.get() + 1);
            // Every second call returns the same time for all items.
            time(if self.0.get().is_multiple_of(2) { 0 } else { self.0.get() % 3 })
        }

        fn booking_id(&self) -> &BookingId {
            &self.1
        }
    }

    let mut items: Vec<Inconsistent> = (0..2_000_u64)
        .map(|n| Inconsistent((n % 5).into(), booking_id(&format!("b-{n}"))))
        .collect();
    // The standard library can panic if comparisons contradict each other.
    _ = catch_unwind(AssertUnwindSafe(|| inbox::order(&items)));
    _ = catch_unwind(AssertUnwindSafe(|| inbox::sort(&mut items)));
    let ids: HashSet<BookingId> = items.into_iter().map(|item| item.1).collect();
    assert_eq!(ids.len(), 2_000, "an item is lost or duplicated");
}
