//! The inbox order L1: one total order, in whatever way a list is put into it.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use frontdesk::inbox::{self, InboxList, InboxPosition, Recent, by_recency};
use frontdesk::view::{English, InboxRow, Screen};
use frontdesk::{
    Booking, BookingId, BookingStatus, LocationId, Message, MessageBody, MessageNumber,
    Participant, ParticipantId, Role, Seen, Thread, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::select;
use time::UtcOffset;

/// Ids whose bytes are in another order than their letters or their lengths.
const IDS: [&str; 14] =
    ["b-1", "b-10", "b-2", "B-1", "b_1", "b-1-", "-", "é", "e", "z", "漢", "𝒳", "\u{FFFD}", "Z"];

fn time(minutes: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH.saturating_add(Duration::from_secs(60 * minutes))
}

fn booking(id: &str) -> Booking {
    Booking::new(BookingId::new(id).unwrap(), "K7Q2", "Harbour tour", time(0))
}

fn started(id: &str, created: Timestamp) -> Thread {
    let here = LocationId::new("here").unwrap();
    Thread::start(here, booking(id), created, MessageNumber::START).unwrap()
}

fn post(thread: &Thread, role: Role, sent: Timestamp) -> (Thread, Message) {
    let id = ParticipantId::new("p-1").unwrap();
    let author = match role {
        Role::Customer => Participant::customer(id, None),
        Role::Operator => Participant::operator(id, None),
    };
    let body = MessageBody::new("Hello").unwrap();
    let posted = thread.post(author.into(), body, sent, Seen::Everything).unwrap();
    (posted.thread, posted.message)
}

/// A thread of a booking: created at one of few times, and perhaps with messages.
fn thread(id: impl Strategy<Value = String>) -> impl Strategy<Value = Thread> {
    let posts =
        prop::collection::vec((select(&[Role::Customer, Role::Operator][..]), 0..4_u64), 0..3);
    (id, 0..4_u64, posts).prop_map(|(id, created, posts)| {
        posts.into_iter().fold(started(&id, time(created)), |thread, (role, sent)| {
            post(&thread, role, time(sent)).0
        })
    })
}

fn any_id() -> impl Strategy<Value = String> {
    prop_oneof![select(&IDS[..]).prop_map(str::to_owned), "[a-c]{1,3}", "[!-~é漢𝒳]{1,4}"]
}

/// Threads of one location: each booking once, many active at the same time.
fn threads() -> impl Strategy<Value = Vec<Thread>> {
    prop::collection::vec(thread(any_id()), 0..24).prop_map(|mut threads| {
        let mut seen = HashSet::new();
        threads.retain(|thread| seen.insert(thread.id().clone()));
        threads
    })
}

/// An item of the host's own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    active_at: Timestamp,
    booking: BookingId,
}

impl Recent for Item {
    fn active_at(&self) -> Timestamp {
        self.active_at
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}

/// Times that many share, that are close together or far apart, and the first and
/// the last there are.
fn any_time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (0..4_i64).prop_map(Timestamp::saturating_from_unix_micros),
        4 => (0..1_i64 << 50).prop_map(Timestamp::saturating_from_unix_micros),
        1 => select(&[Timestamp::MIN, Timestamp::MAX][..]),
    ]
}

/// Items with ids that look alike but for a few, and some of them twice.
fn items() -> impl Strategy<Value = Vec<Item>> {
    let alike = prop_oneof![
        Just("[0-9]{1,12}"),
        Just("[a-b]{1,40}"),
        Just("2027-[0-9a-f]{8}-[0-9a-f]{4}"),
        Just("é[!-~漢]{1,3}"),
    ];
    let id = alike.prop_flat_map(|alike| prop_oneof![40 => alike, 1 => any_id()].boxed());
    let item =
        (any_time(), id).prop_map(|(active_at, id)| Item { active_at, booking: booking_id(&id) });
    prop::collection::vec(item, 0..400)
}

fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).unwrap()
}

/// L1 by its definition: the last message's time, without one the creation's;
/// newest first; then the booking id's bytes.
fn plainly_sorted(threads: &[Thread]) -> Vec<Thread> {
    let active = |thread: &Thread| {
        thread.last_message().map_or(thread.created_at(), |last| last.sent_at).unix_micros()
    };
    let id = |thread: &Thread| thread.booking().id.as_str().as_bytes().to_vec();
    let mut sorted = threads.to_vec();
    sorted.sort_by_key(|thread| (-active(thread), id(thread)));
    sorted
}

proptest! {
    /// L1: the order is total: of any two threads exactly one comes first unless
    /// they are at one place, and what comes first of three comes first of two.
    #[test]
    fn l1_recency_is_a_total_order(
        (a, b, c) in (thread(any_id()), thread(any_id()), thread(any_id())),
    ) {
        prop_assert_eq!(by_recency(&a, &a), Ordering::Equal);
        prop_assert_eq!(by_recency(&a, &b), by_recency(&b, &a).reverse());
        let same_place = a.active_at() == b.active_at() && a.id() == b.id();
        prop_assert_eq!(by_recency(&a, &b) == Ordering::Equal, same_place);
        let mut three = [&a, &b, &c];
        three.sort_by(|a, b| by_recency(*a, *b));
        let [first, second, third] = three;
        prop_assert!(by_recency(first, second).is_le() && by_recency(second, third).is_le());
        prop_assert!(by_recency(first, third).is_le());
        if by_recency(&a, &b) == by_recency(&b, &c) {
            prop_assert_eq!(by_recency(&a, &c), by_recency(&a, &b));
        }
    }

    /// L1, L2: positions are in the order of what stands at them, and the place
    /// of what has been idle since a time is before all of that.
    #[test]
    fn l1_positions_are_in_the_order_of_the_inbox(
        (a, b) in (thread(any_id()), thread(any_id())),
        idle in 0..5_u64,
    ) {
        let (at_a, at_b) = (InboxPosition::of(&a), InboxPosition::of(&b));
        prop_assert_eq!(at_a.cmp(&at_b), by_recency(&a, &b));
        let idle = InboxPosition::idle_since(time(idle));
        prop_assert_eq!(idle < at_a, a.active_at() <= idle.active_at());
        prop_assert_ne!(&idle, &at_a);
    }

    /// L1: sorting, ordering and the first page agree with the definition.
    #[test]
    fn l1_sort_order_and_first_page_agree_with_the_definition(
        threads in threads(),
        limit in 0..30_usize,
    ) {
        let expected = plainly_sorted(&threads);
        let mut sorted = threads.clone();
        inbox::sort(&mut sorted);
        prop_assert_eq!(&sorted, &expected);

        let order = inbox::order(&threads);
        let ordered: Vec<Thread> = order.iter().map(|&at| threads[at].clone()).collect();
        prop_assert_eq!(&ordered, &expected);

        let page: Vec<Thread> = inbox::first_page(&threads, limit).into_iter().cloned().collect();
        prop_assert_eq!(&page[..], &expected[..limit.min(expected.len())]);

        let screen = Screen::new(&UtcOffset::UTC, &English, time(9));
        let mut rows: Vec<InboxRow> =
            threads.iter().map(|thread| InboxRow::new(thread, &screen)).collect();
        inbox::sort(&mut rows);
        let expected: Vec<_> = expected.iter().map(|thread| thread.booking().id.clone()).collect();
        let rows: Vec<_> = rows.into_iter().map(|row| row.booking).collect();
        prop_assert_eq!(rows, expected, "rows are sorted as their threads are");
    }

    /// L1: long lists too, whatever their times and ids have in common.
    #[test]
    fn l1_a_long_list_is_sorted_as_its_definition_says(items in items(), limit in 0..500_usize) {
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

    /// L1: a list that was in order before some of it changed is sorted again,
    /// wherever the changed ones belong.
    #[test]
    fn l1_a_list_that_was_in_order_is_sorted_again(
        mut items in items(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_time()), 0..10),
        on_top in any::<bool>(),
    ) {
        items.sort_by(by_recency);
        let len = items.len();
        for (at, time) in changes.iter().take(100 * len) {
            let ago = Duration::from_micros(time.unix_micros().unsigned_abs() % 99);
            let newer = Timestamp::MAX.saturating_sub(ago);
            items[at.index(len)].active_at = if on_top { newer } else { *time };
        }
        let mut expected = items.clone();
        expected.sort_by(by_recency);
        inbox::sort(&mut items);
        prop_assert_eq!(items, expected);
    }

    /// L1: a list that was changed many times is the list sorted anew, however late
    /// the changes came.
    #[test]
    fn l1_a_list_changed_many_times_is_the_list_sorted_anew(
        bookings in select(&[3, 40, 2_000][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_time(), 0..8_u8), 0..1_500),
    ) {
        let mut list = InboxList::new();
        let mut model = BTreeMap::new();
        for (clock, (which, time, kind)) in changes.into_iter().enumerate() {
            let booking = booking_id(&format!("b-{}", which.index(bookings)));
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

    /// L1: a list that was changed step by step is the list sorted anew, and what
    /// a change returns is what was there.
    #[test]
    fn l1_a_list_kept_in_order_is_the_list_sorted_anew(
        changes in prop::collection::vec(
            prop_oneof![
                3 => thread(select(&IDS[..7]).prop_map(str::to_owned)).prop_map(Ok),
                1 => select(&IDS[..7]).prop_map(|id| Err(BookingId::new(id).unwrap())),
            ],
            0..40,
        ),
    ) {
        let mut list = InboxList::new();
        let mut model: Vec<Thread> = Vec::new();
        for change in &changes {
            let id = change.as_ref().map_or_else(Clone::clone, |thread| thread.booking().id.clone());
            let before = model.iter().position(|thread| thread.booking().id == id);
            let before = before.map(|at| model.remove(at));
            prop_assert_eq!(list.get(&id), before.as_ref());
            if let Ok(thread) = change {
                model.push(thread.clone());
                prop_assert_eq!(list.upsert(thread.clone()), before);
                prop_assert_eq!(list.get(&id), Some(thread));
            } else {
                prop_assert_eq!(list.remove(&id), before);
                prop_assert_eq!(list.get(&id), None);
            }
            let sorted = plainly_sorted(&model);
            prop_assert!(list.iter().eq(&sorted), "after {id:?}");
            prop_assert!(list.iter().rev().eq(sorted.iter().rev()));
            prop_assert_eq!((list.len(), list.is_empty()), (sorted.len(), sorted.is_empty()));
        }
        let collected: InboxList<Thread> = model.iter().cloned().collect();
        prop_assert!(collected.iter().eq(list.iter()));
    }

    /// L1: reading, marking unread and refreshing the booking do not move a thread;
    /// a message moves it to its time, and never down.
    #[test]
    fn l1_only_messages_move_a_thread(
        steps in prop::collection::vec(
            (0..5_u8, select(&[Role::Customer, Role::Operator][..]), any::<prop::sample::Index>(), 0..9_u64),
            1..40,
        ),
    ) {
        let mut thread = started("b-1", time(2));
        let mut messages: Vec<Message> = Vec::new();
        let mut posted = 0;
        for (step, role, which, now) in steps {
            let place = InboxPosition::of(&thread);
            let next = match step {
                0 | 1 => {
                    let (next, message) = post(&thread, role, time(now));
                    prop_assert_eq!(next.active_at(), message.sent_at());
                    prop_assert_eq!(next.active_at(), time(now).max(thread.active_at()));
                    prop_assert!(InboxPosition::of(&next) <= place);
                    messages.push(message);
                    posted += 1;
                    thread = next;
                    continue;
                }
                4 => thread.rebook(&booking("b-1").with_status(BookingStatus::from_word(now.to_string()))),
                _ if messages.is_empty() => continue,
                2 => thread.mark_read(role, which.get(&messages), time(now)),
                _ => thread.mark_unread(role, which.get(&messages), time(now)),
            };
            if let Some(next) = next {
                prop_assert_eq!(InboxPosition::of(&next), place);
                prop_assert_eq!(by_recency(&next, &thread), Ordering::Equal);
                thread = next;
            }
        }
        prop_assert_eq!(thread.message_count(), posted);
    }
}

/// L1: a thread without messages counts from its creation, among those with.
#[test]
fn l1_a_thread_without_messages_counts_from_its_creation() {
    let silent = started("silent", time(5));
    let (earlier, _) = post(&started("earlier", time(1)), Role::Customer, time(4));
    let (later, _) = post(&started("later", time(0)), Role::Customer, time(6));
    let mut threads = [&earlier, &silent, &later];
    inbox::sort(&mut threads);
    let order = threads.map(|thread| thread.booking_id().as_str());
    assert_eq!(order, ["later", "silent", "earlier"]);
}

/// L1: bookings that were active at the same time are in the order of their ids'
/// bytes, not of letters, numbers or lengths.
#[test]
fn l1_equal_times_are_in_the_order_of_the_ids_bytes() {
    let mut threads = IDS.map(|id| started(id, time(1)));
    inbox::sort(&mut threads);
    let mut by_bytes = IDS;
    by_bytes.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    assert_eq!(threads.each_ref().map(|thread| thread.id().booking.as_str()), by_bytes);
}

/// L1: long lists, where a page is found without sorting the rest.
#[test]
fn l1_a_first_page_of_a_long_list_is_its_beginning() {
    let threads: Vec<Thread> = (0..3000_u64)
        .map(|n| started(&format!("b-{}", n * 7919 % 3001), time(n * 104_729 % 40)))
        .collect();
    let expected = plainly_sorted(&threads);
    for limit in [0, 1, 2, 50, 2999, 3000, 3001, usize::MAX] {
        let page = inbox::first_page(&threads, limit);
        assert!(page.into_iter().eq(expected.iter().take(limit)), "{limit}");
    }
    let list: InboxList<&Thread> = threads.iter().collect();
    assert!(list.iter().copied().eq(&expected));
}

/// L1: ids that look unlike all others are sorted by their bytes too, wherever they
/// stand: before and after the others, with less in common, with other letters.
#[test]
fn l1_an_id_unlike_all_others_is_sorted_by_its_bytes_too() {
    let alike = |n: usize| format!("booking-{:04}", n * 7919 % 10_007);
    let odd = ["a", "z", "é", "!", "booking", "booking-", "booking-/", "booking-/1", "booking-5:"];
    for odd in odd.into_iter().chain(["bookinG-5", "booking-z", "booking-5é", "booking-!"]) {
        for at in [0, 1, 500, 777, 999] {
            let id = |n: usize| if n == at { odd.to_owned() } else { alike(n) };
            let mut items: Vec<Item> = (0..1_000)
                .map(|n| Item { active_at: time(1), booking: booking_id(&id(n)) })
                .collect();
            let mut expected = items.clone();
            expected.sort_by(by_recency);
            inbox::sort(&mut items);
            assert!(items == expected, "{odd} at {at}");
        }
    }
}

/// L1: a list is in the order of what it was given, even when an item that it holds
/// has changed since.
#[test]
fn l1_a_list_moves_an_item_that_changed_in_its_place() {
    struct Shared(Cell<u64>, BookingId);

    impl Recent for Shared {
        fn active_at(&self) -> Timestamp {
            time(self.0.get())
        }

        fn booking_id(&self) -> &BookingId {
            &self.1
        }
    }

    let [one, other] =
        [("one", 1), ("other", 2)].map(|(id, minutes)| Shared(minutes.into(), booking_id(id)));
    let mut list: InboxList<&Shared> = [&one, &other].into_iter().collect();
    one.0.set(3);
    list.upsert(&one);
    let order: Vec<_> = list.iter().map(|item| item.1.as_str()).collect();
    assert_eq!(order, ["one", "other"]);
}

/// An item that counts how often its time and its id are looked at.
struct Looked<'a> {
    item: Item,
    looks: &'a Cell<(usize, usize)>,
}

impl Recent for Looked<'_> {
    fn active_at(&self) -> Timestamp {
        let (times, ids) = self.looks.get();
        self.looks.set((times + 1, ids));
        self.item.active_at
    }

    fn booking_id(&self) -> &BookingId {
        let (times, ids) = self.looks.get();
        self.looks.set((times, ids + 1));
        &self.item.booking
    }
}

const MANY: usize = 10_000;

/// How often times and ids are looked at when many items are sorted, with the time of
/// each and what its id ends in.
fn looks(
    sort: fn(&mut [Looked<'_>]),
    micros: impl Fn(usize) -> i64,
    end: impl Fn(usize) -> u64,
) -> (usize, usize) {
    let looks = Cell::new((0, 0));
    let item = |n| Item {
        active_at: Timestamp::saturating_from_unix_micros(micros(n)),
        booking: booking_id(&format!("booking-{}", end(n))),
    };
    let mut items: Vec<_> = (0..MANY).map(|n| Looked { item: item(n), looks: &looks }).collect();
    sort(&mut items);
    looks.get()
}

/// A number below 10,007 that tells nothing of where in the list it stands.
fn shuffled(n: usize) -> u64 {
    (n as u64 + 1) * 7_919 % 10_007
}

/// L1: what makes a long list fast to sort is that hardly anything is looked at more
/// than once, whatever its times and ids are like.
#[test]
fn l1_a_long_list_is_looked_at_little_more_than_once() {
    let order: fn(&mut [Looked<'_>]) = |items| drop(inbox::order(items));
    let sort: fn(&mut [Looked<'_>]) = |items| inbox::sort(items);
    let apart = |n| shuffled(n).cast_signed() << 44;
    assert_eq!(looks(order, apart, shuffled), (MANY, 0), "times are enough");
    let (times, ids) = looks(sort, apart, shuffled);
    assert!(times <= MANY + MANY / 50 && ids == 0, "{times} times, {ids} ids");

    // Half of the times are closer together than those that are far apart let tell.
    let close = |n: usize| if n.is_multiple_of(2) { apart(n) } else { shuffled(n).cast_signed() };
    let (times, ids) = looks(order, close, shuffled);
    assert!(times <= 2 * MANY + 100 && ids == 0, "{times} times, {ids} ids");

    // Ids of twelve digits, and ids of which some are the beginning of others.
    for end in [|n| shuffled(n) * 99_999_989 + 100_000_000_000, shuffled] {
        let (times, ids) = looks(order, |_| 0, end);
        assert!(times <= MANY && ids <= MANY + 300, "{times} times, {ids} ids");
    }
}

/// L1: what a host's item says of itself may be wrong, and then so is the order;
/// nothing worse comes of it than a panic.
#[test]
fn l1_items_that_say_another_time_at_each_look_do_no_harm() {
    struct Liar(Cell<u64>, BookingId);

    impl Recent for Liar {
        fn active_at(&self) -> Timestamp {
            self.0.set(self.0.get() + 1);
            // At every other look all say the same.
            time(if self.0.get().is_multiple_of(2) { 0 } else { self.0.get() % 3 })
        }

        fn booking_id(&self) -> &BookingId {
            &self.1
        }
    }

    let mut items: Vec<Liar> =
        (0..2_000_u64).map(|n| Liar((n % 5).into(), booking_id(&format!("b-{n}")))).collect();
    // Comparisons that contradict each other make the standard library panic.
    _ = catch_unwind(AssertUnwindSafe(|| inbox::order(&items)));
    _ = catch_unwind(AssertUnwindSafe(|| inbox::sort(&mut items)));
    let all: HashSet<BookingId> = items.into_iter().map(|item| item.1).collect();
    assert_eq!(all.len(), 2_000, "none is lost, and none is there twice");
}

/// L1: a list whose top got messages too is sorted like any other.
#[test]
fn l1_what_comes_to_the_top_is_in_order_with_what_was_there() {
    let item = |n: u64| Item { active_at: time(2_000 - n), booking: booking_id(&format!("b-{n}")) };
    let bumped = [0, 3, 500, 999];
    for first in 0..256_u64 {
        let mut items: Vec<Item> = (0..1_000).map(item).collect();
        for (turn, at) in bumped.into_iter().enumerate() {
            // Each of the four gets one of four times, or of those that were there.
            items[at].active_at = time(1_998 + (first >> (2 * turn)) % 4);
        }
        let mut expected = items.clone();
        expected.sort_by(by_recency);
        inbox::sort(&mut items);
        assert!(items == expected, "{first}");
    }
}

/// L1: where the times differ, no id is looked at.
#[test]
fn l1_ids_decide_only_between_equal_times() {
    struct Timed(Timestamp);

    impl Recent for Timed {
        fn active_at(&self) -> Timestamp {
            self.0
        }

        fn booking_id(&self) -> &BookingId {
            panic!("all times are different")
        }
    }

    // Also farther apart than the time is precise while it is packed.
    for far in [1, 1 << 20, 1 << 40] {
        let time = |n: i64| Timestamp::saturating_from_unix_micros(far * (n * 7919 % 10_007));
        let mut times: Vec<Timed> = (0..10_000).map(|n| Timed(time(n))).collect();
        let order = inbox::order(&times);
        assert!(order.windows(2).all(|two| times[two[0]].0 > times[two[1]].0));
        assert_eq!(inbox::first_page(&times, 50)[49].0, times[order[49]].0);
        inbox::sort(&mut times);
        assert!(times.windows(2).all(|two| two[0].0 > two[1].0));
    }
}
