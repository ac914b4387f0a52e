//! The cost of sorting, which is the number of reads of the items' times and ids (L1).

use std::cell::Cell;

use frontdesk::inbox::{self, InboxItem};
use frontdesk::{BookingId, Timestamp};

use crate::{Item, booking_id};

/// The number of reads of times, and of ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Reads {
    times: usize,
    ids: usize,
}

/// An item that counts the reads of its time and its id.
struct CountingItem<'a> {
    item: Item,
    reads: &'a Cell<Reads>,
}

impl InboxItem for CountingItem<'_> {
    fn active_at(&self) -> Timestamp {
        let reads = self.reads.get();
        self.reads.set(Reads { times: reads.times + 1, ..reads });
        self.item.active_at
    }

    fn booking_id(&self) -> &BookingId {
        let reads = self.reads.get();
        self.reads.set(Reads { ids: reads.ids + 1, ..reads });
        &self.item.booking
    }
}

const ITEMS: usize = 10_000;

/// Sorts 10,000 items and returns the number of reads. For the index of an item, `micros` returns
/// the time, and `id_number` returns the number at the end of the id.
fn count_reads(
    sort: fn(&mut [CountingItem<'_>]),
    micros: impl Fn(usize) -> i64,
    id_number: impl Fn(usize) -> u64,
) -> Reads {
    let reads = Cell::default();
    let item = |n| Item {
        active_at: Timestamp::saturating_from_unix_micros(micros(n)),
        booking: booking_id(&format!("booking-{}", id_number(n))),
    };
    let mut items: Vec<_> =
        (0..ITEMS).map(|n| CountingItem { item: item(n), reads: &reads }).collect();
    sort(&mut items);
    reads.get()
}

/// Returns a number below 10,007. For ascending `n`, these numbers are in no order.
fn shuffled(n: usize) -> u64 {
    (n as u64 + 1) * 7_919 % 10_007
}

/// L1: sorting a long list is fast because it reads most times and ids at most once, for all
/// kinds of times and ids.
#[test]
fn l1_sorting_reads_most_times_and_ids_at_most_once() {
    let order: fn(&mut [CountingItem<'_>]) = |items| drop(inbox::order(items));
    let sort: fn(&mut [CountingItem<'_>]) = |items| inbox::sort(items);
    let far_apart = |n| shuffled(n).cast_signed() << 44;
    let reads = count_reads(order, far_apart, shuffled);
    assert_eq!(reads, Reads { times: ITEMS, ids: 0 }, "the times decide the order");
    let reads = count_reads(sort, far_apart, shuffled);
    assert!(reads.times <= ITEMS + ITEMS / 50 && reads.ids == 0, "{reads:?}");

    // Half of the times are so close together that they are packed into equal sort keys.
    let half_close =
        |n: usize| if n.is_multiple_of(2) { far_apart(n) } else { shuffled(n).cast_signed() };
    let reads = count_reads(order, half_close, shuffled);
    assert!(reads.times <= 2 * ITEMS + 100 && reads.ids == 0, "{reads:?}");

    // All times are equal. First, the ids end with twelve digits. Then, some ids are prefixes of
    // others.
    for id_number in [|n| shuffled(n) * 99_999_989 + 100_000_000_000, shuffled] {
        let reads = count_reads(order, |_| 0, id_number);
        assert!(reads.times <= ITEMS && reads.ids <= ITEMS + 300, "{reads:?}");
    }
}

/// L1: sorting reads no id if all times differ.
#[test]
fn l1_sorting_reads_no_id_if_all_times_differ() {
    struct TimeOnly(Timestamp);

    impl InboxItem for TimeOnly {
        fn active_at(&self) -> Timestamp {
            self.0
        }

        fn booking_id(&self) -> &BookingId {
            panic!("an id is read, although all times differ")
        }
    }

    // With the largest factor, the times do not fit exactly into their packed sort keys.
    for factor in [1, 1 << 20, 1 << 40] {
        let time = |n: i64| Timestamp::saturating_from_unix_micros(factor * (n * 7919 % 10_007));
        let mut items: Vec<TimeOnly> = (0..10_000).map(|n| TimeOnly(time(n))).collect();
        let order = inbox::order(&items);
        assert!(order.windows(2).all(|pair| items[pair[0]].0 > items[pair[1]].0));
        assert_eq!(inbox::first_page(&items, 50)[49].0, items[order[49]].0);
        inbox::sort(&mut items);
        assert!(items.windows(2).all(|pair| pair[0].0 > pair[1].0));
    }
}
