//! The cost of a page, a poll and a post in locations of different sizes. The cost must not grow
//! with the location.

use std::cell::{Cell, OnceCell};
use std::time::{Duration, Instant};

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk::{BookingId, LocationId, OperatorDesk};
use frontdesk_benches::harness::{Bench, Row};
use frontdesk_benches::workload::{self, ClockedDesk, LOCATION};
use futures::executor::block_on;

use crate::time_future;

pub(crate) fn rows(bench: &mut Bench) {
    let sizes = if bench.is_measuring() { [1_000, 100_000, 1_000_000] } else { [10, 20, 30] };
    let built = OnceCell::new();
    let locations = || built.get_or_init(|| sizes.map(Location::new));

    let first = &PageRequest::first(50);
    bench.row("growth, the first page of 50", |row| {
        add_sizes(row, locations(), |location| time_future(move || location.operator.inbox(first)));
    });
    bench.row("growth, the first 50 waiting threads of 100,000", |row| {
        let [_, location, _] = locations();
        let waiting = PageRequest::waiting(50);
        row.baseline("the inbox", time_future(move || location.operator.inbox(first))).ours(
            "the waiting list",
            1.5,
            time_future(async move || location.operator.inbox(&waiting).await),
        );
    });
    bench.row("growth, a poll with one change", |row| add_sizes(row, locations(), poll));
    bench.row("growth, a post", |row| {
        add_sizes(row, locations(), |location| move |times| location.post(times));
    });
}

/// Adds one candidate for each size. The smallest location is the baseline.
fn add_sizes<'l, F: FnMut(u32) -> Duration + 'l>(
    row: &mut Row<'l>,
    [small, medium, large]: &'l [Location; 3],
    run: impl Fn(&'l Location) -> F,
) {
    let name = |location: &Location| format!("{} threads", location.bookings.len());
    row.baseline(&name(small), run(small)).ours(&name(medium), 3.0, run(medium)).ours(
        &name(large),
        3.0,
        run(large),
    );
}

fn poll(location: &Location) -> impl FnMut(u32) -> Duration + '_ {
    time_future(async || {
        let poll = location.operator.poll(&location.before_last, None).await;
        let Ok(OperatorPoll::Update(update)) = poll else {
            panic!("the cursor is not accepted");
        };
        assert_eq!(update.threads.len(), 1);
    })
}

/// A location whose threads have one message each.
struct Location {
    operator: OperatorDesk,
    bookings: Vec<BookingId>,
    /// A cursor from before the last message that [`Location::new`] sends.
    before_last: PollCursor,
    posted: Cell<usize>,
}

impl Location {
    fn new(threads: usize) -> Self {
        let desk = ClockedDesk::new(MemoryStore::new());
        let location = LocationId::new(LOCATION).expect("the id is valid");
        let mut bookings = Vec::new();
        block_on(async {
            for thread in 0..threads {
                desk.set_time(workload::time(thread));
                let customer = desk.customer(&location, thread);
                customer.send(workload::draft(thread)).await.expect("the message is sent");
                bookings.push(workload::booking(thread).id);
            }
        });
        let operator = desk.operator(&location);
        let page = block_on(operator.inbox(&PageRequest::first(1))).expect("the store answers");
        let location = Self { operator, bookings, before_last: page.cursor, posted: Cell::new(0) };
        location.post(1);
        location
    }

    /// Posts `times` replies to threads all over the location and returns the elapsed time.
    fn post(&self, times: u32) -> Duration {
        let from = self.posted.get();
        self.posted.set(from + times as usize);
        let threads = self.bookings.len();
        // Each reply has its own key, and consecutive replies go to threads that are far apart.
        let reply = |number| {
            let thread = number * 617_000_021 % threads;
            (thread, workload::draft(threads + number))
        };
        let replies: Vec<_> = (from..self.posted.get()).map(reply).collect();
        block_on(async {
            let start = Instant::now();
            for (thread, draft) in replies {
                let sent = self.operator.reply(&self.bookings[thread], draft).await;
                sent.expect("the message is sent");
            }
            start.elapsed()
        })
    }
}
