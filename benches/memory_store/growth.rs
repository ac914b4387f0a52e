use std::cell::{Cell, OnceCell};
use std::time::{Duration, Instant};

use frontdesk::desk::{OperatorPoll, PageRequest, PollCursor};
use frontdesk::store::MemoryStore;
use frontdesk::{BookingId, LocationId, OperatorDesk};
use futures::executor::block_on;

use crate::awaited;
use crate::content::{self, Desk};
use crate::contest::{Bench, Row};

/// One location, which grows: what a page, a poll and a post cost must not.
pub(crate) fn rows(bench: &mut Bench) {
    let sizes = if bench.is_whole() { [1_000, 100_000, 1_000_000] } else { [10, 20, 30] };
    let built = OnceCell::new();
    let location = || built.get_or_init(|| sizes.map(Site::new));

    let first = &PageRequest::first(50);
    bench.row("growth, the first page of 50", |row| {
        each_site(row, location(), |site| awaited(move || site.team.inbox(first)));
    });
    bench.row("growth, a poll with one change", |row| each_site(row, location(), poll));
    bench.row("growth, a post", |row| {
        each_site(row, location(), |site| move |times| site.post(times));
    });
}

fn each_site<'s, F: FnMut(u32) -> Duration + 's>(
    row: &mut Row<'s>,
    [small, large, huge]: &'s [Site; 3],
    run: impl Fn(&'s Site) -> F,
) {
    let name = |site: &Site| format!("{} threads", site.bookings.len());
    row.obvious(&name(small), run(small)).ours(&name(large), 3.0, run(large)).ours(
        &name(huge),
        3.0,
        run(huge),
    );
}

fn poll(site: &Site) -> impl FnMut(u32) -> Duration + '_ {
    awaited(async || {
        let Ok(OperatorPoll::Update(update)) = site.team.poll(&site.before_last, None).await else {
            panic!("it can go on");
        };
        assert_eq!(update.threads.len(), 1);
    })
}

/// A location of so many threads, with a message each.
struct Site {
    team: OperatorDesk,
    bookings: Vec<BookingId>,
    before_last: PollCursor,
    posted: Cell<usize>,
}

impl Site {
    fn new(threads: usize) -> Self {
        let (desk, location) = (Desk::new(MemoryStore::new()), LocationId::new("harbour"));
        let location = location.expect("it is short");
        let mut bookings = Vec::new();
        block_on(async {
            for thread in 0..threads {
                desk.set_time(content::time(thread));
                let customer = desk.customer(&location, thread);
                customer.send(content::draft(thread)).await.expect("it can be sent");
                bookings.push(content::booking(thread).id);
            }
        });
        let team = desk.team(&location);
        let page = block_on(team.inbox(&PageRequest::first(1))).expect("it is there");
        let site = Self { team, bookings, before_last: page.cursor, posted: Cell::new(0) };
        site.post(1);
        site
    }

    /// Replies all over the location.
    fn post(&self, times: u32) -> Duration {
        let from = self.posted.get();
        self.posted.set(from + times as usize);
        let threads = self.bookings.len();
        // A key of its own each, and never two neighbours in turn.
        let draft = |number| (number * 617_000_021 % threads, content::draft(threads + number));
        let drafts: Vec<_> = (from..self.posted.get()).map(draft).collect();
        block_on(async {
            let begun = Instant::now();
            for (thread, draft) in drafts {
                self.team.reply(&self.bookings[thread], draft).await.expect("it can be sent");
            }
            begun.elapsed()
        })
    }
}
