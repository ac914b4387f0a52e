//! Keeping a list in inbox order while changes arrive.
//!
//! The items are rows as a host may keep them for a screen, 304 bytes with a time
//! and a booking id, and not `Thread`s: two lists of a million have to fit beside
//! each other, and their changes are made before the clock starts. Each change
//! brings its booking id in memory of its own, as one that was just read does.
//!
//! Contestants take as many changes as they find the time for, so each has the
//! same endless stream of them to itself. After a row whoever is behind catches
//! up, and then both must have the same items in the same order.

mod contest;
mod dice;

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::time::{Duration, Instant};

use contest::{Bench, each, each_on};
use dice::Dice;
use frontdesk::inbox::{InboxList, InboxPosition, Recent, by_recency};
use frontdesk::{BookingId, Timestamp};

/// How many threads a page has.
const PAGE: usize = 50;
/// How many changed threads a poll brings.
const POLL: usize = 100;
/// A month in microseconds: how far apart the threads were active at first.
const MONTH: u64 = 30 * 24 * 3_600 * 1_000_000;
/// How many upserts are one operation: beside fewer, filling the caches again
/// after another contestant's turn would be all there is.
const UPSERTS: usize = 10_000;
/// The largest trial.
const TRIAL: usize = 10_000;

fn main() {
    let mut bench = Bench::from_args();
    let size = |n: usize| if bench.is_whole() { n } else { n.min(TRIAL) };
    let (large, middle) = (size(1_000_000), size(100_000));
    bump_one(&mut bench, large);
    apply_polls(&mut bench, middle);
    page_down(&mut bench, middle);
    read(&mut bench, middle);
    bench.finish();
}

/// One thread of `n` gets a message.
fn bump_one(bench: &mut Bench, n: usize) {
    // A list is made with the first row that is asked for, and goes on in the next.
    let (mut ours, mut by_hand) = (None, None);
    let rows = [
        ("any", Habit { busy: 0, late: 0 }, Some(1.0)),
        ("90% among 1,000", Habit { busy: 90, late: 0 }, Some(1.0)),
        ("1% up to a minute late", Habit { busy: 0, late: 1 }, None),
        ("90% among 1,000, 1% late", Habit { busy: 90, late: 1 }, None),
    ];
    for ((name, habit, at_most), begin) in rows.into_iter().zip(1..) {
        // Years apart, so that no row begins behind what the one before came to.
        let changes = || Changes::new(n, habit, begin);
        let (mut to_ours, mut to_by_hand) = (changes(), changes());
        bench.row(&format!("{UPSERTS} upserts, {name}, list of {n}"), |row| {
            let ours = ours.get_or_insert_with(|| InboxList::from_iter(items(n)));
            let by_hand = by_hand.get_or_insert_with(|| ByHand::from_iter(items(n)));
            row.ours("InboxList::upsert", at_most, upserting(&mut to_ours, ours))
                .obvious("BTreeMap and HashMap", upserting(&mut to_by_hand, by_hand));
        });
        let (Some(ours), Some(by_hand)) = (&mut ours, &mut by_hand) else { continue };
        while to_ours.count < to_by_hand.count {
            ours.put(to_ours.next_item());
        }
        while to_by_hand.count < to_ours.count {
            by_hand.put(to_by_hand.next_item());
        }
        assert!(ours.iter().eq(by_hand.items.values()), "{name}: lists differ");
    }
}

/// Times changes that were made before; what they replace is dropped as a host
/// would drop it. Some that are not timed go first, since half of the turns follow
/// one's own and would find the top of the list in the caches.
fn upserting<'a>(
    changes: &'a mut Changes,
    list: &'a mut impl Inbox,
) -> impl FnMut(u32) -> Duration + 'a {
    let mut batch = || {
        let untimed = changes.take(UPSERTS / 10);
        let mut items = changes.take(UPSERTS);
        list.put_all(untimed);
        let begun = Instant::now();
        for item in items.drain(..) {
            black_box(list.put(item));
        }
        begun.elapsed()
    };
    move |times| (0..times).map(|_| batch()).sum()
}

/// A poll brings what changed, and the list is put in order again.
fn apply_polls(bench: &mut Bench, n: usize) {
    let mut ours = InboxList::from_iter(items(n));
    let mut sorted = Sorted::from_iter(items(n));
    let changes = || Changes::new(n, Habit { busy: 0, late: 0 }, 1);
    let (mut to_ours, mut to_sorted) = (changes(), changes());
    bench.row(&format!("a poll of {POLL}, list of {n}"), |row| {
        row.ours("InboxList::extend", 0.02, |times| {
            let polls: Vec<_> = (0..times).map(|_| to_ours.take(POLL)).collect();
            let begun = Instant::now();
            for poll in polls {
                ours.extend(poll);
                black_box(&ours);
            }
            begun.elapsed()
        })
        .obvious("replace and sort_by", |times| {
            (0..times).map(|_| sorted.apply(to_sorted.take(POLL))).sum()
        });
    });
    while to_ours.count < to_sorted.count {
        ours.extend(to_ours.take(POLL));
    }
    while to_sorted.count < to_ours.count {
        sorted.apply(to_sorted.take(POLL));
    }
    assert!(ours.iter().eq(&sorted.items), "lists differ after polls");
}

/// Pages come newest first until `n` threads are there.
fn page_down(bench: &mut Bench, n: usize) {
    let mut items = items(n);
    items.sort_by(by_recency);
    let pages: Vec<Vec<Item>> = items.chunks(PAGE).map(<[Item]>::to_vec).collect();
    assert!(filled::<InboxList<Item>>(pages.clone()).iter().eq(&items), "pages in another order");
    assert!(filled::<ByHand>(pages.clone()).items.values().eq(&items), "pages in another order");
    bench.row(&format!("pages of {PAGE}, list of {n}"), |row| {
        row.ours("InboxList::extend", None, each_on(|| pages.clone(), filled::<InboxList<Item>>))
            .obvious("BTreeMap and HashMap", each_on(|| pages.clone(), filled::<ByHand>));
    });
}

fn filled<L: Inbox + Default>(pages: Vec<Vec<Item>>) -> L {
    let mut list = L::default();
    for page in pages {
        list.put_all(page);
    }
    list
}

/// What a screen reads, after changes.
fn read(bench: &mut Bench, n: usize) {
    let mut ours = InboxList::from_iter(items(n));
    let mut by_hand = ByHand::from_iter(items(n));
    let mut changes = Changes::new(n, Habit { busy: 50, late: 1 }, 1);
    for item in (0..1_000).map(|_| changes.next_item()) {
        ours.put(item.clone());
        by_hand.put(item);
    }
    assert!(ours.iter().eq(by_hand.items.values()), "lists differ");

    bench.row(&format!("the first {PAGE}, list of {n}"), |row| {
        row.ours("InboxList::iter", None, each(|| seen(black_box(&ours).iter().take(PAGE))))
            .obvious(
                "BTreeMap::values",
                each(|| seen(black_box(&by_hand).items.values().take(PAGE))),
            );
    });
    bench.row(&format!("iterate all, list of {n}"), |row| {
        row.ours("InboxList::iter", None, each(|| seen(black_box(&ours).iter())))
            .obvious("BTreeMap::values", each(|| seen(black_box(&by_hand).items.values())));
    });
}

/// Something that needs both ends of each item.
fn seen<'a>(items: impl Iterator<Item = &'a Item>) -> u64 {
    items.fold(0, |sum, item| sum.wrapping_add(item.shown[0] ^ item.shown[34]))
}

/// A row of a screen: what a list has to tell it apart, and what it shows.
#[derive(Clone, PartialEq)]
struct Item {
    booking: BookingId,
    active_at: Timestamp,
    shown: [u64; 35],
}

impl Recent for Item {
    fn active_at(&self) -> Timestamp {
        self.active_at
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}

fn item(number: u64, active_at: Timestamp) -> Item {
    let booking = BookingId::new(format!("b-{number:07}")).unwrap();
    Item { booking, active_at, shown: [number; 35] }
}

/// What lists begin with, in no order.
fn items(n: usize) -> Vec<Item> {
    let mut dice = Dice::new(1);
    (0..n as u64)
        .map(|number| item(number, Timestamp::from_unix_micros(dice.below(MONTH)).unwrap()))
        .collect()
}

/// Whom the messages are for, and when.
#[derive(Clone, Copy)]
struct Habit {
    /// How many of a hundred are for one of 1,000 threads.
    busy: u32,
    /// How many of a hundred are of a server whose clock is up to a minute behind.
    late: u32,
}

/// An endless stream of changed threads, the same each time.
struct Changes {
    dice: Dice,
    threads: u64,
    habit: Habit,
    now: Timestamp,
    count: usize,
}

impl Changes {
    /// Changes of `threads` threads from `begin` years on.
    fn new(threads: usize, habit: Habit, begin: u32) -> Self {
        let year = Duration::from_secs(365 * 24 * 3_600);
        let now = Timestamp::UNIX_EPOCH.saturating_add(year * begin);
        Self { dice: Dice::new(begin.into()), threads: threads as u64, habit, now, count: 0 }
    }

    fn next_item(&mut self) -> Item {
        self.count += 1;
        let number = self.number();
        // Some twenty a second, so that a minute is a thousand places.
        self.now =
            self.now.saturating_add(Duration::from_micros(1 + self.dice.below::<u64>(100_000)));
        let late = self.dice.below::<u32>(100) < self.habit.late;
        let behind = if late { self.dice.below(60_000_000) } else { 0 };
        item(number, self.now.saturating_sub(Duration::from_micros(behind)))
    }

    fn number(&mut self) -> u64 {
        if self.dice.below::<u32>(100) < self.habit.busy {
            // Of all the list's memory, and not its first pages.
            self.dice.below::<u64>(1_000) * (self.threads / 1_000)
        } else {
            self.dice.below(self.threads)
        }
    }

    /// The next `count` changes. That a thread is twice among a hundred of 100,000
    /// is rare, and both contestants get both.
    fn take(&mut self, count: usize) -> Vec<Item> {
        (0..count).map(|_| self.next_item()).collect()
    }
}

/// A list that changes are put into.
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

/// What a host would write.
#[derive(Default)]
struct ByHand {
    items: BTreeMap<InboxPosition, Item>,
    places: HashMap<BookingId, InboxPosition>,
}

impl Inbox for ByHand {
    fn put(&mut self, item: Item) -> Option<Item> {
        let place = InboxPosition::of(&item);
        let before = self.places.insert(item.booking.clone(), place.clone());
        let replaced = before.and_then(|before| self.items.remove(&before));
        self.items.insert(place, item);
        replaced
    }

    fn put_all(&mut self, items: Vec<Item>) {
        for item in items {
            self.put(item);
        }
    }
}

impl FromIterator<Item> for ByHand {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut list = Self::default();
        for item in items {
            list.put(item);
        }
        list
    }
}

/// What a host would write for a list that is shown whole: sorted again.
struct Sorted {
    items: Vec<Item>,
    places: HashMap<BookingId, usize>,
}

impl Sorted {
    /// Replaces what changed and sorts, and says how long that took. Where things
    /// are then is not part of it: a host may do without by looking for each item.
    fn apply(&mut self, changed: Vec<Item>) -> Duration {
        let begun = Instant::now();
        for item in changed {
            let place = self.places[&item.booking];
            self.items[place] = item;
        }
        self.items.sort_by(by_recency);
        black_box(self.items.as_slice());
        let took = begun.elapsed();
        self.find_places();
        took
    }

    fn find_places(&mut self) {
        for (item, place) in self.items.iter().zip(0..) {
            self.places.insert(item.booking.clone(), place);
        }
    }
}

impl FromIterator<Item> for Sorted {
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut items = Vec::from_iter(items);
        items.sort_by(by_recency);
        let mut list = Self { items, places: HashMap::new() };
        list.find_places();
        list
    }
}
