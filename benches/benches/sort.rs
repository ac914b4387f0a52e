//! Sorting threads into inbox order: the whole list, its indices and its first page.
//!
//! Each thread has a booking and a last message. The times are spread over a year with
//! microsecond precision. Before a candidate is timed, its result is compared with that of
//! `sort_by(by_recency)`. Candidates that sort in place get a clone of the list. Making and
//! dropping the clone is not timed, and a clone shares its texts with the original.

#[path = "../../tests/support/rng.rs"]
mod rng;

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::hint::black_box;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::inbox::{self, InboxItem, by_recency};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, LocationId, MessageBody, Participant,
    ParticipantId, Post, ProfileId, Thread, Timestamp,
};
use frontdesk_benches::harness::{Bench, Row, time_each, time_each_with_input};
use rayon::slice::ParallelSliceMut;
use rdst::{RadixKey, RadixSort};

use crate::rng::Rng;

/// The number of threads on the first page of an inbox.
const PAGE: usize = 50;
const MILLION: usize = 1_000_000;
/// A year in microseconds.
const YEAR: u64 = 365 * 24 * 3_600 * 1_000_000;
/// 2027-01-01T00:00:00Z.
const YEAR_START: i64 = 1_798_761_600_000_000;

fn main() {
    // The candidate "rayon, two cores" must not use more OS threads than its name says.
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    let mut bench = Bench::from_args();
    let largest = if bench.is_measuring() { MILLION } else { 10_000 };
    for n in [1_000, 10_000, 100_000, MILLION].into_iter().filter(|&n| n <= largest) {
        rows_of_size(&mut bench, n);
    }
    bench.finish();
}

/// Runs all rows with `n` threads. A million threads need most of a gigabyte, so each input
/// is made when its first row runs and dropped after its last row.
fn rows_of_size(bench: &mut Bench, n: usize) {
    let random = LazyCell::new(|| Case::new(active_at_random(n)));
    sort_random(bench, n, &random);
    if n != 10_000 && n != MILLION {
        return;
    }
    let limit_at_a_million = |limit: f64| (n == MILLION).then_some(limit);
    order_random(bench, n, limit_at_a_million(0.12), &random);
    first_page(bench, &format!("random, {n}"), 0.1, &random);
    {
        let updated = LazyCell::new(|| Case::new(with_new_messages(&random.sorted)));
        let name = format!("sort, 1% got a message, {n} threads");
        sort(bench, &name, limit_at_a_million(0.12), &updated);
        first_page(bench, &format!("1% got a message, {n}"), 0.1, &updated);
    }
    {
        let sorted = LazyCell::new(|| Case::new(random.sorted.clone()));
        sort(bench, &format!("sort, sorted, {n} threads"), limit_at_a_million(1.3), &sorted);
    }
    {
        let ascending = || random.sorted.iter().rev().cloned().collect();
        let ascending = LazyCell::new(|| Case::new(ascending()));
        first_page(bench, &format!("oldest first, {n}"), 1.5, &ascending);
    }
    drop(random);
    let equal_times = LazyCell::new(|| Case::new(active_at_same_time(n)));
    sort(bench, &format!("sort, equal times, {n} threads"), 0.5, &equal_times);
}

fn sort_random(bench: &mut Bench, n: usize, case: &impl Deref<Target = Case>) {
    let limit = if n < 10_000 { 1.0 } else { 0.35 };
    bench.row(&format!("sort, random, {n} threads"), |row| {
        add_sorts(row, limit, case);
        if n >= 10_000 {
            row.peer("sort_by_cached_key", case.time_sort(sort_by_cached_key))
                .peer("radsort", case.time_sort(sort_with_radsort))
                .peer("rdst", case.time_sort(sort_with_rdst))
                .peer("rayon, two cores", case.time_sort(|list| list.par_sort_by(by_recency)));
        }
        row.lower_bound("memcpy", time_copy(n));
    });
}

fn sort(
    bench: &mut Bench,
    name: &str,
    limit: impl Into<Option<f64>>,
    case: &impl Deref<Target = Case>,
) {
    bench.row(name, |row| {
        add_sorts(row, limit, case);
        row.lower_bound("memcpy", time_copy(case.list.len()));
    });
}

fn add_sorts<'a>(row: &mut Row<'a>, limit: impl Into<Option<f64>>, case: &'a Case) {
    row.ours("inbox::sort", limit, case.time_sort(inbox::sort))
        .baseline("sort_by", case.time_sort(|list| list.sort_by(by_recency)))
        .peer("sort_unstable_by", case.time_sort(|list| list.sort_unstable_by(by_recency)));
}

fn order_random(bench: &mut Bench, n: usize, limit: Option<f64>, case: &impl Deref<Target = Case>) {
    bench.row(&format!("order, random, {n} threads"), |row| {
        row.ours("inbox::order", limit, case.time_order(inbox::order))
            .baseline("sort_by", case.time_sort(|list| list.sort_by(by_recency)))
            .peer("rdst", case.time_order(order_with_rdst))
            .lower_bound("reading the times", case.time_read());
    });
}

fn first_page(bench: &mut Bench, name: &str, limit: f64, case: &impl Deref<Target = Case>) {
    bench.row(&format!("first page, {PAGE} of {name} threads"), |row| {
        row.ours("inbox::first_page", limit, case.time_first_page(inbox::first_page))
            .baseline("sort_by", case.time_sort(|list| list.sort_by(by_recency)))
            .peer("select_nth_unstable_by", case.time_first_page(select_first_page))
            .lower_bound("reading the times", case.time_read());
    });
}

/// An input and its expected order.
struct Case {
    list: Vec<Thread>,
    sorted: Vec<Thread>,
}

impl Case {
    fn new(list: Vec<Thread>) -> Self {
        let mut sorted = list.clone();
        sorted.sort_by(by_recency);
        Self { list, sorted }
    }

    /// Times a function that sorts the list in place.
    fn time_sort(&self, sort: fn(&mut [Thread])) -> impl FnMut(u32) -> Duration {
        let sorted = move |mut list: Vec<Thread>| {
            sort(&mut list);
            list
        };
        // `assert_eq!` would print two lists of up to a million threads.
        assert!(sorted(self.list.clone()) == self.sorted, "the order is wrong");
        time_each_with_input(|| self.list.clone(), sorted)
    }

    /// Times a function that returns the indices of the list in inbox order.
    fn time_order(&self, order: fn(&[Thread]) -> Vec<usize>) -> impl FnMut(u32) -> Duration {
        let indices = order(&self.list);
        assert!(indices.iter().map(|&at| &self.list[at]).eq(&self.sorted), "the order is wrong");
        time_each(move || order(black_box(&self.list)))
    }

    /// Times a function that returns the first page.
    fn time_first_page(
        &self,
        first_page: fn(&[Thread], usize) -> Vec<&Thread>,
    ) -> impl FnMut(u32) -> Duration {
        let page = first_page(&self.list, PAGE);
        assert!(page.into_iter().eq(&self.sorted[..PAGE]), "the page is wrong");
        time_each(move || first_page(black_box(&self.list), PAGE))
    }

    /// Times a read of the timestamp of each thread. This is the lower bound of all functions
    /// that look at each thread once.
    fn time_read(&self) -> impl FnMut(u32) -> Duration {
        let sum_times = |list: &[Thread]| {
            list.iter()
                .fold(0, |sum: i64, thread| sum.wrapping_add(thread.active_at().unix_micros()))
        };
        time_each(move || sum_times(black_box(&self.list)))
    }
}

/// Times a copy of the bytes of `n` threads. This is the lower bound of all functions that move
/// each thread once. Both buffers are filled before the clock starts, because the system maps
/// zeroed pages only on first use.
fn time_copy(n: usize) -> impl FnMut(u32) -> Duration {
    let from = vec![[1_u8; size_of::<Thread>()]; n];
    let mut to = vec![[2_u8; size_of::<Thread>()]; n];
    time_each(move || {
        to.copy_from_slice(black_box(&from));
        black_box(to.as_mut_slice());
    })
}

fn sort_by_cached_key(list: &mut [Thread]) {
    list.sort_by_cached_key(|thread| (Reverse(thread.active_at()), thread.booking_id().clone()));
}

/// Sorts by time only. This is enough, because no two times of a random list are equal. If two
/// were equal, the check in [`Case::time_sort`] would fail.
fn sort_with_radsort(list: &mut [Thread]) {
    radsort::sort_by_cached_key(list, |thread| -thread.active_at().unix_micros());
}

/// Sorts by time only, through indices, because `rdst` sorts only `Copy` values.
fn sort_with_rdst(list: &mut [Thread]) {
    let mut order = order_with_rdst(list);
    for start in 0..order.len() {
        let mut to = start;
        while order[to] != start {
            let from = std::mem::replace(&mut order[to], to);
            list.swap(to, from);
            to = from;
        }
        order[to] = to;
    }
}

fn order_with_rdst(list: &[Thread]) -> Vec<usize> {
    let mut keys: Vec<TimeKey> = list.iter().zip(0..).map(TimeKey::new).collect();
    keys.radix_sort_builder().with_parallel(false).with_single_threaded_tuner().sort();
    keys.into_iter().map(|key| key.index as usize).collect()
}

/// The sort key of a thread and its index, which `rdst` sorts instead of the thread.
#[derive(Clone, Copy)]
struct TimeKey {
    age: u64,
    index: u32,
}

impl TimeKey {
    fn new((thread, index): (&Thread, u32)) -> Self {
        let age = Timestamp::MAX.saturating_since(thread.active_at()).as_micros();
        Self { age: u64::try_from(age).unwrap(), index }
    }
}

impl RadixKey for TimeKey {
    const LEVELS: usize = 8;

    fn get_level(&self, level: usize) -> u8 {
        self.age.to_le_bytes()[level]
    }
}

fn select_first_page(list: &[Thread], limit: usize) -> Vec<&Thread> {
    let mut page: Vec<&Thread> = list.iter().collect();
    if limit < page.len() {
        page.select_nth_unstable_by(limit, by_recency);
        page.truncate(limit);
    }
    page.sort_unstable_by(by_recency);
    page
}

/// Returns threads with random times, in the order of their ids.
fn active_at_random(n: usize) -> Vec<Thread> {
    let mut rng = Rng::new(1);
    let mut generator = ThreadGenerator::new();
    (0..n)
        .map(|number| {
            let at = Timestamp::from_unix_micros(YEAR_START + rng.below::<i64>(YEAR));
            generator.thread(number, at.unwrap())
        })
        .collect()
}

/// Returns threads that were all active at the same time, as after an import. Only their ids
/// decide the order, and the list is shuffled.
fn active_at_same_time(n: usize) -> Vec<Thread> {
    let at = Timestamp::from_unix_micros(YEAR_START).unwrap();
    let mut numbers: Vec<usize> = (0..n).collect();
    Rng::new(2).shuffle(&mut numbers);
    let mut generator = ThreadGenerator::new();
    numbers.into_iter().map(|number| generator.thread(number, at)).collect()
}

/// Returns a sorted list in which 1% of the threads got a message and were not moved.
fn with_new_messages(sorted: &[Thread]) -> Vec<Thread> {
    let mut list = sorted.to_vec();
    let mut indices: Vec<usize> = (0..list.len()).collect();
    Rng::new(3).shuffle(&mut indices);
    let mut generator = ThreadGenerator::new();
    let mut now = sorted[0].active_at();
    for &index in &indices[..list.len() / 100] {
        now = now.saturating_add(Duration::from_millis(700));
        list[index] = generator.reply(&list[index], now);
    }
    list
}

/// A generator of realistic threads.
struct ThreadGenerator {
    rng: Rng,
    location: LocationId,
    customer: Arc<Participant>,
    operator: Arc<Participant>,
}

impl ThreadGenerator {
    const FIRST_NAMES: [&str; 6] = ["Ann", "Bartholomew", "Çiğdem", "Dmitri", "Eve-Marie", "Yu"];
    const LAST_NAMES: [&str; 6] =
        ["Lee", "Featherstonehaugh", "Öztürk", "Ivanov", "Okafor", "Sørensen"];
    const ACTIVITIES: [&str; 4] =
        ["Harbour tour", "Sunset kayaking for beginners", "Wine tasting", "Old town by bike, 3 h"];
    const BODIES: [&str; 4] = [
        "Thanks, see you there!",
        "Hello, we are running about ten minutes late. Is there parking close to the pier?",
        "Is the tour still on? The forecast says rain from two o'clock, and we come with two \
         small children, so we would rather move it to another day if that is possible at all.",
        "Could you tell us whether lunch is included?",
    ];

    fn new() -> Self {
        Self {
            rng: Rng::new(4),
            location: LocationId::new("harbour-tours").unwrap(),
            customer: Participant::customer(ParticipantId::new("c-9").unwrap(), None).into(),
            operator: Participant::operator(ParticipantId::new("u-7").unwrap(), None).into(),
        }
    }

    /// Returns a thread whose last message is the customer's, sent at `at`.
    fn thread(&mut self, number: usize, at: Timestamp) -> Thread {
        let created_at = at.saturating_sub(Duration::from_secs(self.rng.below(20 * 24 * 3_600)));
        let (location, booking) = (self.location.clone(), self.booking(number, at));
        let thread = Thread::start(location, booking, created_at);
        self.post(&thread, &self.customer.clone(), at)
    }

    /// Returns the thread after an operator's reply.
    fn reply(&mut self, thread: &Thread, now: Timestamp) -> Thread {
        self.post(thread, &self.operator.clone(), now)
    }

    fn post(&mut self, thread: &Thread, author: &Arc<Participant>, now: Timestamp) -> Thread {
        let body = MessageBody::new(self.rng.choose(&Self::BODIES)).unwrap();
        thread.post(Post::new(Arc::clone(author), body, now)).unwrap().thread
    }

    fn booking(&mut self, number: usize, at: Timestamp) -> Booking {
        let rng = &mut self.rng;
        let name =
            DisplayName::from_parts(rng.choose(&Self::FIRST_NAMES), rng.choose(&Self::LAST_NAMES));
        let code = format!("{:04X}-{number:05X}", rng.below::<u32>(1 << 16));
        let starts_at = at.saturating_add(Duration::from_secs(rng.below(30 * 24 * 3_600)));
        let id = BookingId::new(format!("b-{number:07}")).unwrap();
        Booking::new(id, code, rng.choose(&Self::ACTIVITIES))
            .with_start(starts_at)
            .with_duration(Duration::from_secs(2 * 3_600))
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(name)
            .with_profile(ProfileId::new(format!("crm-{number}")).unwrap())
    }
}
