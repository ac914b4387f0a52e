//! Putting a list of threads into inbox order: all of it, its indices, its top.
//!
//! The threads are real ones with a booking and a last message; their times are
//! spread over a year, to the microsecond. Before anything is timed, what each
//! contestant makes of an input must be what `sort_by(by_recency)` makes of it.
//! Contestants that move the list get a clone, whose making and dropping is not
//! timed; a clone shares its texts with the original.

mod contest;
mod dice;

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::hint::black_box;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use contest::{Bench, Row, each, each_on};
use dice::Dice;
use frontdesk::inbox::{self, Recent, by_recency};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, LocationId, MessageBody, MessageNumber,
    Participant, ParticipantId, ProfileId, Seen, Thread, Timestamp,
};
use rayon::slice::ParallelSliceMut;
use rdst::{RadixKey, RadixSort};

/// How many threads the top of an inbox shows.
const PAGE: usize = 50;
const MILLION: usize = 1_000_000;
/// A year in microseconds.
const YEAR: u64 = 365 * 24 * 3_600 * 1_000_000;
/// 2027-01-01T00:00:00Z.
const YEAR_BEGINS: i64 = 1_798_761_600_000_000;

fn main() {
    // So that the row's name stays true on a machine with more.
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    let mut bench = Bench::from_args();
    let largest = if bench.is_whole() { MILLION } else { 10_000 };
    for n in [1_000, 10_000, 100_000, MILLION].into_iter().filter(|&n| n <= largest) {
        of_size(&mut bench, n);
    }
    bench.finish();
}

/// All rows with `n` threads. A million take most of a gigabyte, so that each
/// order of them is made when it is asked for and dropped after its last row.
fn of_size(bench: &mut Bench, n: usize) {
    let random = LazyCell::new(|| Case::of(active_at_random(n)));
    sort_random(bench, n, &random);
    if n != 10_000 && n != MILLION {
        return;
    }
    let only_at_a_million = |at_most: f64| (n == MILLION).then_some(at_most);
    order_random(bench, n, only_at_a_million(0.12), &random);
    first_page(bench, &format!("random, {n}"), 0.1, &random);
    {
        let bumped = LazyCell::new(|| Case::of(bumped(&random.sorted)));
        let name = format!("sort, 1% got a message, {n} threads");
        sort(bench, &name, only_at_a_million(0.12), &bumped);
        first_page(bench, &format!("1% got a message, {n}"), 0.1, &bumped);
    }
    {
        let sorted = LazyCell::new(|| Case::of(random.sorted.clone()));
        sort(bench, &format!("sort, sorted, {n} threads"), only_at_a_million(1.3), &sorted);
    }
    {
        let ascending = || random.sorted.iter().rev().cloned().collect();
        let ascending = LazyCell::new(|| Case::of(ascending()));
        first_page(bench, &format!("oldest first, {n}"), 1.5, &ascending);
    }
    drop(random);
    let at_once = LazyCell::new(|| Case::of(active_at_once(n)));
    sort(bench, &format!("sort, equal times, {n} threads"), 0.5, &at_once);
}

fn sort_random(bench: &mut Bench, n: usize, case: &impl Deref<Target = Case>) {
    let at_most = if n < 10_000 { 1.0 } else { 0.35 };
    bench.row(&format!("sort, random, {n} threads"), |row| {
        enter_sorts(row, at_most, case);
        if n >= 10_000 {
            row.peer("sort_by_cached_key", case.sorting(sort_by_cached_key))
                .peer("radsort", case.sorting(sort_with_radsort))
                .peer("rdst", case.sorting(sort_with_rdst))
                .peer("rayon, two cores", case.sorting(|list| list.par_sort_by(by_recency)));
        }
        row.limit("memcpy", copying(n));
    });
}

fn sort(
    bench: &mut Bench,
    name: &str,
    at_most: impl Into<Option<f64>>,
    case: &impl Deref<Target = Case>,
) {
    bench.row(name, |row| {
        enter_sorts(row, at_most, case);
        row.limit("memcpy", copying(case.list.len()));
    });
}

fn enter_sorts<'a>(row: &mut Row<'a>, at_most: impl Into<Option<f64>>, case: &'a Case) {
    row.ours("inbox::sort", at_most, case.sorting(inbox::sort))
        .obvious("sort_by", case.sorting(|list| list.sort_by(by_recency)))
        .peer("sort_unstable_by", case.sorting(|list| list.sort_unstable_by(by_recency)));
}

fn order_random(
    bench: &mut Bench,
    n: usize,
    at_most: Option<f64>,
    case: &impl Deref<Target = Case>,
) {
    bench.row(&format!("order, random, {n} threads"), |row| {
        row.ours("inbox::order", at_most, case.ordering(inbox::order))
            .obvious("sort_by", case.sorting(|list| list.sort_by(by_recency)))
            .peer("rdst", case.ordering(order_with_rdst))
            .limit("reading the times", case.reading_times());
    });
}

fn first_page(bench: &mut Bench, name: &str, at_most: f64, case: &impl Deref<Target = Case>) {
    bench.row(&format!("first page, {PAGE} of {name} threads"), |row| {
        row.ours("inbox::first_page", at_most, case.paging(inbox::first_page))
            .obvious("sort_by", case.sorting(|list| list.sort_by(by_recency)))
            .peer("select_nth_unstable_by", case.paging(select_first_page))
            .limit("reading the times", case.reading_times());
    });
}

/// An input, and what the simple definition makes of it.
struct Case {
    list: Vec<Thread>,
    sorted: Vec<Thread>,
}

impl Case {
    fn of(list: Vec<Thread>) -> Self {
        let mut sorted = list.clone();
        sorted.sort_by(by_recency);
        Self { list, sorted }
    }

    /// A contestant that sorts the list in place.
    fn sorting(&self, way: fn(&mut [Thread])) -> impl FnMut(u32) -> Duration {
        let sorted = move |mut list: Vec<Thread>| {
            way(&mut list);
            list
        };
        // Not `assert_eq!`: a million threads are no message.
        assert!(sorted(self.list.clone()) == self.sorted, "sorted otherwise");
        each_on(|| self.list.clone(), sorted)
    }

    /// A contestant that says where each thread belongs.
    fn ordering(&self, way: fn(&[Thread]) -> Vec<usize>) -> impl FnMut(u32) -> Duration {
        let order = way(&self.list);
        assert!(order.iter().map(|&at| &self.list[at]).eq(&self.sorted), "ordered otherwise");
        each(move || way(black_box(&self.list)))
    }

    /// A contestant that finds the top.
    fn paging(&self, way: fn(&[Thread], usize) -> Vec<&Thread>) -> impl FnMut(u32) -> Duration {
        assert!(way(&self.list, PAGE).into_iter().eq(&self.sorted[..PAGE]), "another page");
        each(move || way(black_box(&self.list), PAGE))
    }

    /// The least that whoever looks at each thread once must do.
    fn reading_times(&self) -> impl FnMut(u32) -> Duration {
        let times = |list: &[Thread]| {
            list.iter().fold(0, |sum: i64, one| sum.wrapping_add(one.active_at().unix_micros()))
        };
        each(move || times(black_box(&self.list)))
    }
}

/// The least that whoever moves each of `n` threads once must do: the same bytes,
/// in memory that is there already. Not of zeros, which the system hands out
/// without there being any memory.
fn copying(n: usize) -> impl FnMut(u32) -> Duration {
    let from = vec![[1_u8; size_of::<Thread>()]; n];
    let mut to = vec![[2_u8; size_of::<Thread>()]; n];
    each(move || {
        to.copy_from_slice(black_box(&from));
        black_box(to.as_mut_slice());
    })
}

fn sort_by_cached_key(list: &mut [Thread]) {
    list.sort_by_cached_key(|one| (Reverse(one.active_at()), one.booking_id().clone()));
}

/// Knows of the times only, of which no two are equal in a random list: the
/// comparison with the simple definition would show it.
fn sort_with_radsort(list: &mut [Thread]) {
    radsort::sort_by_cached_key(list, |one| -one.active_at().unix_micros());
}

/// As [`sort_with_radsort`], since `rdst` only moves what is `Copy`.
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
    let mut keys: Vec<Keyed> = list.iter().zip(0..).map(Keyed::of).collect();
    keys.radix_sort_builder().with_parallel(false).with_single_threaded_tuner().sort();
    keys.into_iter().map(|one| one.index as usize).collect()
}

/// What `rdst` sorts in place of a thread.
#[derive(Clone, Copy)]
struct Keyed {
    age: u64,
    index: u32,
}

impl Keyed {
    fn of((thread, index): (&Thread, u32)) -> Self {
        let age = Timestamp::MAX.saturating_since(thread.active_at()).as_micros();
        Self { age: u64::try_from(age).unwrap(), index }
    }
}

impl RadixKey for Keyed {
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

/// Threads as a store without an order would list them.
fn active_at_random(n: usize) -> Vec<Thread> {
    let mut dice = Dice::new(1);
    let mut talk = Talk::new();
    (0..n)
        .map(|number| {
            let at = Timestamp::from_unix_micros(YEAR_BEGINS + dice.below::<i64>(YEAR));
            talk.thread(number, at.unwrap())
        })
        .collect()
}

/// Threads that were all active at the same time, as after an import: their ids
/// decide, which come in no order.
fn active_at_once(n: usize) -> Vec<Thread> {
    let at = Timestamp::from_unix_micros(YEAR_BEGINS).unwrap();
    let mut numbers: Vec<usize> = (0..n).collect();
    Dice::new(2).shuffle(&mut numbers);
    let mut talk = Talk::new();
    numbers.into_iter().map(|number| talk.thread(number, at)).collect()
}

/// A sorted list of which one in a hundred threads then got a message and is
/// where it was.
fn bumped(sorted: &[Thread]) -> Vec<Thread> {
    let mut list = sorted.to_vec();
    let mut places: Vec<usize> = (0..list.len()).collect();
    Dice::new(3).shuffle(&mut places);
    let mut talk = Talk::new();
    let mut now = sorted[0].active_at();
    for &place in &places[..list.len() / 100] {
        now = now.saturating_add(Duration::from_millis(700));
        list[place] = talk.answer(&list[place], now);
    }
    list
}

/// Who writes what.
struct Talk {
    dice: Dice,
    location: LocationId,
    guest: Arc<Participant>,
    guide: Arc<Participant>,
}

impl Talk {
    const FIRST: [&str; 6] = ["Ann", "Bartholomew", "Çiğdem", "Dmitri", "Eve-Marie", "Yu"];
    const LAST: [&str; 6] = ["Lee", "Featherstonehaugh", "Öztürk", "Ivanov", "Okafor", "Sørensen"];
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
            dice: Dice::new(4),
            location: LocationId::new("harbour-tours").unwrap(),
            guest: Participant::customer(ParticipantId::new("c-9").unwrap(), None).into(),
            guide: Participant::operator(ParticipantId::new("u-7").unwrap(), None).into(),
        }
    }

    /// A thread that was last active at `at`, when the guest wrote.
    fn thread(&mut self, number: usize, at: Timestamp) -> Thread {
        let begun = at.saturating_sub(Duration::from_secs(self.dice.below(20 * 24 * 3_600)));
        let (location, booking) = (self.location.clone(), self.booking(number, at));
        let thread = Thread::start(location, booking, begun, MessageNumber::START).unwrap();
        self.said(&thread, &self.guest.clone(), at)
    }

    /// The thread after an answer.
    fn answer(&mut self, thread: &Thread, now: Timestamp) -> Thread {
        self.said(thread, &self.guide.clone(), now)
    }

    fn said(&mut self, thread: &Thread, author: &Arc<Participant>, now: Timestamp) -> Thread {
        let body = MessageBody::new(self.dice.one_of(&Self::BODIES)).unwrap();
        thread.post(Arc::clone(author), body, now, Seen::Everything).unwrap().thread
    }

    fn booking(&mut self, number: usize, at: Timestamp) -> Booking {
        let dice = &mut self.dice;
        let name = DisplayName::from_parts(dice.one_of(&Self::FIRST), dice.one_of(&Self::LAST));
        let code = format!("{:04X}-{number:05X}", dice.below::<u32>(1 << 16));
        let starts_at = at.saturating_add(Duration::from_secs(dice.below(30 * 24 * 3_600)));
        let id = BookingId::new(format!("b-{number:07}")).unwrap();
        Booking::new(id, code, dice.one_of(&Self::ACTIVITIES), starts_at)
            .lasting(Duration::from_secs(2 * 3_600))
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(name)
            .with_profile(ProfileId::new(format!("crm-{number}")).unwrap())
    }
}
