//! Keeping a list in inbox order while changes arrive.
//!
//! The items are rows of 304 bytes with a time and a booking id, as a host application may keep
//! them for a screen. They are not `Thread`s, because two lists of a million must fit into
//! memory next to each other. Changes are made before the clock starts. Each change has its own
//! copy of the booking id, like a row that was just read from a database.
//!
//! Each candidate gets its own copy of the same endless sequence of changes, because the
//! harness may run one candidate more often than the other. After each row the candidate that
//! has applied fewer changes applies the missing ones. Then both must hold the same items in
//! the same order.

#[path = "../../tests/support/rng.rs"]
mod rng;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::{Duration, Instant};

use frontdesk::inbox::{InboxItem, InboxList, InboxPosition, by_recency};
use frontdesk::{BookingId, Timestamp};
use frontdesk_benches::harness::{Bench, time_each, time_each_with_input};

use crate::rng::Rng;

/// The number of threads on a page.
const PAGE: usize = 50;
/// The number of changed threads in a poll.
const POLL: usize = 100;
/// A month in microseconds: the range of the initial times.
const MONTH: u64 = 30 * 24 * 3_600 * 1_000_000;
/// The number of upserts in one timed operation. With fewer, most of the time would be cache
/// misses after the turn of the other candidate.
const UPSERTS: usize = 10_000;
/// The largest list of a test run.
const MAX_TEST_SIZE: usize = 10_000;

fn main() {
    let mut bench = Bench::from_args();
    let size = |n: usize| if bench.is_measuring() { n } else { n.min(MAX_TEST_SIZE) };
    let (large, medium) = (size(1_000_000), size(100_000));
    upsert(&mut bench, large);
    apply_polls(&mut bench, medium);
    append_pages(&mut bench, medium);
    read(&mut bench, medium);
    bench.finish();
}

/// Measures upserts: threads of a list of `n` get a message, one at a time.
fn upsert(bench: &mut Bench, n: usize) {
    // The first row that runs makes the lists, and the following rows continue with these lists.
    let (mut ours, mut baseline) = (None, None);
    let rows = [
        ("any", Pattern { busy: 0, late: 0 }, Some(1.0)),
        ("90% among 1,000", Pattern { busy: 90, late: 0 }, Some(1.0)),
        ("1% up to a minute late", Pattern { busy: 0, late: 1 }, None),
        ("90% among 1,000, 1% late", Pattern { busy: 90, late: 1 }, None),
    ];
    for ((name, pattern, limit), years) in rows.into_iter().zip(1..) {
        // The changes of each row start a year later, after all times of the previous row.
        let changes = || Changes::new(n, pattern, years);
        let (mut our_changes, mut baseline_changes) = (changes(), changes());
        bench.row(&format!("{UPSERTS} upserts, {name}, list of {n}"), |row| {
            let ours = ours.get_or_insert_with(|| InboxList::from_iter(items(n)));
            let baseline = baseline.get_or_insert_with(|| MapList::from_iter(items(n)));
            row.ours("InboxList::upsert", limit, time_upserts(&mut our_changes, ours))
                .baseline("BTreeMap and HashMap", time_upserts(&mut baseline_changes, baseline));
        });
        let (Some(ours), Some(baseline)) = (&mut ours, &mut baseline) else { continue };
        while our_changes.count < baseline_changes.count {
            ours.put(our_changes.next_item());
        }
        while baseline_changes.count < our_changes.count {
            baseline.put(baseline_changes.next_item());
        }
        assert!(ours.iter().eq(baseline.items.values()), "{name}: the lists differ");
    }
}

/// Times the upserts of changes that were made before the clock starts. The time includes
/// dropping the replaced items, which a host application must do, too. Each batch begins with
/// some untimed changes, which bring the top of the list into the caches. Without them, only a
/// batch that follows another batch of the same candidate would find it there.
fn time_upserts<'a>(
    changes: &'a mut Changes,
    list: &'a mut impl Inbox,
) -> impl FnMut(u32) -> Duration + 'a {
    let mut batch = || {
        let untimed = changes.take(UPSERTS / 10);
        let mut items = changes.take(UPSERTS);
        list.put_all(untimed);
        let start = Instant::now();
        for item in items.drain(..) {
            black_box(list.put(item));
        }
        start.elapsed()
    };
    move |times| (0..times).map(|_| batch()).sum()
}

/// Measures polls: each poll returns changed threads, and the list is put in order again.
fn apply_polls(bench: &mut Bench, n: usize) {
    let mut ours = InboxList::from_iter(items(n));
    let mut sorted = SortedList::from_iter(items(n));
    let changes = || Changes::new(n, Pattern { busy: 0, late: 0 }, 1);
    let (mut our_changes, mut baseline_changes) = (changes(), changes());
    bench.row(&format!("a poll of {POLL}, list of {n}"), |row| {
        row.ours("InboxList::extend", 0.02, |times| {
            let polls: Vec<_> = (0..times).map(|_| our_changes.take(POLL)).collect();
            let start = Instant::now();
            for poll in polls {
                ours.extend(poll);
                black_box(&ours);
            }
            start.elapsed()
        })
        .baseline("replace and sort_by", |times| {
            (0..times).map(|_| sorted.apply(baseline_changes.take(POLL))).sum()
        });
    });
    while our_changes.count < baseline_changes.count {
        ours.extend(our_changes.take(POLL));
    }
    while baseline_changes.count < our_changes.count {
        sorted.apply(baseline_changes.take(POLL));
    }
    assert!(ours.iter().eq(&sorted.items), "the lists differ after polls");
}

/// Measures loading: pages arrive, newest threads first, until the list has `n` threads.
fn append_pages(bench: &mut Bench, n: usize) {
    let mut items = items(n);
    items.sort_by(by_recency);
    let pages: Vec<Vec<Item>> = items.chunks(PAGE).map(<[Item]>::to_vec).collect();
    assert!(from_pages::<InboxList<Item>>(pages.clone()).iter().eq(&items), "the order is wrong");
    assert!(from_pages::<MapList>(pages.clone()).items.values().eq(&items), "the order is wrong");
    bench.row(&format!("pages of {PAGE}, list of {n}"), |row| {
        row.ours(
            "InboxList::extend",
            None,
            time_each_with_input(|| pages.clone(), from_pages::<InboxList<Item>>),
        )
        .baseline(
            "BTreeMap and HashMap",
            time_each_with_input(|| pages.clone(), from_pages::<MapList>),
        );
    });
}

fn from_pages<L: Inbox + Default>(pages: Vec<Vec<Item>>) -> L {
    let mut list = L::default();
    for page in pages {
        list.put_all(page);
    }
    list
}

/// Measures reading, as by a screen, from a list that was changed before.
fn read(bench: &mut Bench, n: usize) {
    let mut ours = InboxList::from_iter(items(n));
    let mut baseline = MapList::from_iter(items(n));
    let mut changes = Changes::new(n, Pattern { busy: 50, late: 1 }, 1);
    for item in (0..1_000).map(|_| changes.next_item()) {
        ours.put(item.clone());
        baseline.put(item);
    }
    assert!(ours.iter().eq(baseline.items.values()), "the lists differ");

    bench.row(&format!("the first {PAGE}, list of {n}"), |row| {
        row.ours(
            "InboxList::iter",
            None,
            time_each(|| checksum(black_box(&ours).iter().take(PAGE))),
        )
        .baseline(
            "BTreeMap::values",
            time_each(|| checksum(black_box(&baseline).items.values().take(PAGE))),
        );
    });
    bench.row(&format!("iterate all, list of {n}"), |row| {
        row.ours("InboxList::iter", None, time_each(|| checksum(black_box(&ours).iter())))
            .baseline(
                "BTreeMap::values",
                time_each(|| checksum(black_box(&baseline).items.values())),
            );
    });
}

/// Computes a checksum of the first and the last word of each item.
fn checksum<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    items.fold(0, |sum, item| sum.wrapping_add(item.content[0] ^ item.content[34]))
}

/// A row of a screen: its sort key and its content.
#[derive(Clone, PartialEq)]
struct Item {
    booking: BookingId,
    active_at: Timestamp,
    content: [u64; 35],
}

impl InboxItem for Item {
    fn active_at(&self) -> Timestamp {
        self.active_at
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}

fn item(number: u64, active_at: Timestamp) -> Item {
    let booking = BookingId::new(format!("b-{number:07}")).unwrap();
    Item { booking, active_at, content: [number; 35] }
}

/// Returns the initial items of a list, in random order.
fn items(n: usize) -> Vec<Item> {
    let mut rng = Rng::new(1);
    (0..n as u64)
        .map(|number| item(number, Timestamp::from_unix_micros(rng.below(MONTH)).unwrap()))
        .collect()
}

/// The distribution of changes over threads and time.
#[derive(Clone, Copy)]
struct Pattern {
    /// The percentage of changes that go to one of 1,000 busy threads.
    busy: u32,
    /// The percentage of changes from a server whose clock is up to a minute behind.
    late: u32,
}

/// An endless, reproducible sequence of changed threads.
struct Changes {
    rng: Rng,
    threads: u64,
    pattern: Pattern,
    now: Timestamp,
    count: usize,
}

impl Changes {
    /// Creates changes of `threads` threads that start `years` years after 1970.
    fn new(threads: usize, pattern: Pattern, years: u32) -> Self {
        let year = Duration::from_secs(365 * 24 * 3_600);
        let now = Timestamp::UNIX_EPOCH.saturating_add(year * years);
        Self { rng: Rng::new(years.into()), threads: threads as u64, pattern, now, count: 0 }
    }

    fn next_item(&mut self) -> Item {
        self.count += 1;
        let number = self.thread();
        // About twenty changes a second, so that a minute of delay moves an item by a thousand
        // places.
        self.now =
            self.now.saturating_add(Duration::from_micros(1 + self.rng.below::<u64>(100_000)));
        let is_late = self.rng.below::<u32>(100) < self.pattern.late;
        let delay = if is_late { self.rng.below(60_000_000) } else { 0 };
        item(number, self.now.saturating_sub(Duration::from_micros(delay)))
    }

    fn thread(&mut self) -> u64 {
        if self.rng.below::<u32>(100) < self.pattern.busy {
            // The busy threads are spread over the memory of the whole list.
            self.rng.below::<u64>(1_000) * (self.threads / 1_000)
        } else {
            self.rng.below(self.threads)
        }
    }

    /// Returns the next `count` changes. A thread may occur twice, unlike in a real poll. This
    /// is rare among 100 changes of 100,000 threads, and both candidates get the same changes.
    fn take(&mut self, count: usize) -> Vec<Item> {
        (0..count).map(|_| self.next_item()).collect()
    }
}

/// A list to which changes are applied.
trait Inbox {
    fn put(&mut self, item: Item) -> Option<Item>;
    fn put_all(&mut self, items: Vec<Item>);
}

impl Inbox for InboxList<Item> {
    fn put(&mut self, item: Item) -> Option<Item> {
        self.upsert(item)
    }

    fn put_all(&mut self, items: Vec<Item>) {
        self.extend(items);
    }
}

/// The list that a host application would write with two maps of the standard library.
#[derive(Default)]
struct MapList {
    items: BTreeMap<InboxPosition, Item>,
    positions: HashMap<BookingId, InboxPosition>,
}

impl Inbox for MapList {
    fn put(&mut self, item: Item) -> Option<Item> {
        let position = InboxPosition::of(&item);
        let before = self.positions.insert(item.booking.clone(), position.clone());
        let replaced = before.and_then(|before| self.items.remove(&before));
        self.items.insert(position, item);
        replaced
    }

    fn put_all(&mut self, items: Vec<Item>) {
        for item in items {
            self.put(item);
        }
    }
}

impl FromIterator<Item> for MapList {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut list = Self::default();
        for item in items {
            list.put(item);
        }
        list
    }
}

/// The code that a host application would write for a list that is always shown whole. It sorts
/// the list again after each poll.
struct SortedList {
    items: Vec<Item>,
    indices: HashMap<BookingId, usize>,
}

impl SortedList {
    /// Replaces the changed items, sorts, and returns the time of both. Rebuilding the indices
    /// is not timed, because a host application may search for each item instead.
    fn apply(&mut self, changed: Vec<Item>) -> Duration {
        let start = Instant::now();
        for item in changed {
            let index = self.indices[&item.booking];
            self.items[index] = item;
        }
        self.items.sort_by(by_recency);
        black_box(self.items.as_slice());
        let time = start.elapsed();
        self.rebuild_indices();
        time
    }

    fn rebuild_indices(&mut self) {
        for (item, index) in self.items.iter().zip(0..) {
            self.indices.insert(item.booking.clone(), index);
        }
    }
}

impl FromIterator<Item> for SortedList {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut items = Vec::from_iter(items);
        items.sort_by(by_recency);
        let mut list = Self { items, indices: HashMap::new() };
        list.rebuild_indices();
        list
    }
}
