//! `MemoryStore` beside SQLite in memory with the same rules, on one thread and on
//! two, and as a location grows.
//!
//! A thousand locations of a hundred threads and a thousand messages each, or ten
//! thousand with `FRONTDESK_BENCH_TIMES_TEN=1`. Operations go from location to
//! location, so that nothing is in the processor's caches because it was just
//! there. Both ways must have answered the same before and after the posts.

#[path = "../by_hand/mod.rs"]
mod by_hand;
#[path = "../content/mod.rs"]
mod content;
#[path = "../contest/mod.rs"]
mod contest;
mod growth;
mod town;
mod two_threads;

use std::cell::OnceCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use frontdesk::desk::OperatorPoll;
use frontdesk::store::{Direction, Filter, ThreadStore as _};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::contest::{Bench, each};
use crate::town::{PAGE, Town};

fn main() {
    let mut bench = Bench::from_args();
    let times = if std::env::var_os("FRONTDESK_BENCH_TIMES_TEN").is_some() { 10 } else { 1 };
    let locations = if bench.is_whole() { times * 1_000 } else { 2 };
    beside_sqlite(&mut bench, locations);
    two_threads::row(&mut bench);
    growth::rows(&mut bench);
    bench.finish();
}

fn beside_sqlite(bench: &mut Bench, locations: usize) {
    let connection = Connection::open_in_memory().expect("there is memory");
    connection.execute_batch(by_hand::SCHEMA).expect("it is as the store has it");
    // Rows that are not asked for need no town.
    let built = OnceCell::new();
    let town = || built.get_or_init(|| Town::build(&connection, locations));

    pages(bench, town);
    messages(bench, town);
    polls(bench, town);
    bench.row("memory, a post", |row| {
        let town = town();
        row.ours("the desk", 0.3, |times| town.post_through_the_desk(times))
            .ours("the store's commit", None, |times| town.commit(times))
            .obvious("SQL by hand", |times| town.post_by_hand(times));
    });
    if let Some(town) = built.get() {
        town.even_out();
        town.assert_same_answers();
    }
}

fn pages<'t, 'c: 't>(bench: &mut Bench, town: impl Fn() -> &'t Town<'c>) {
    bench.row("memory, the first page of 50", |row| {
        let town = town();
        let [mut ours, mut desks, mut theirs] = [0, 1, 2].map(|nth| town.round(nth));
        row.ours(
            "the store",
            0.1,
            // One more than a page has tells whether there is a next.
            awaited(move || town.store.threads(&town.ids[ours()], None, PAGE + 1, Filter::All)),
        )
        .ours("the desk", None, awaited(move || town.places[desks()].team.inbox(&town.first)))
        .obvious(
            "SQL by hand",
            each(move || town.hand().page(town.ids[theirs()].as_str(), 50).expect("it is there")),
        );
    });
}

fn messages<'t, 'c: 't>(bench: &mut Bench, town: impl Fn() -> &'t Town<'c>) {
    bench.row("memory, 50 messages after a number", |row| {
        let town = town();
        let [mut ours, mut theirs] = [0, 1].map(|nth| town.round(nth));
        row.ours(
            "the store",
            0.2,
            awaited(move || {
                let (id, after) = &town.parts[ours()];
                town.store.messages(id, town::from(*after), PAGE, Direction::OldestFirst)
            }),
        )
        .obvious(
            "SQL by hand",
            each(move || {
                let (id, after) = &town.parts[theirs()];
                let (location, booking) = (id.location.as_str(), id.booking.as_str());
                town.hand().after(location, booking, (*after).into(), 50).expect("they are there")
            }),
        );
    });
}

fn polls<'t, 'c: 't>(bench: &mut Bench, town: impl Fn() -> &'t Town<'c>) {
    bench.row("memory, a poll, nothing new", |row| {
        let town = town();
        let [mut ours, mut desks, mut theirs] = [0, 1, 2].map(|nth| town.round(nth));
        row.ours(
            "the store",
            0.1,
            awaited(move || {
                let (location, since, _) = &town.seen[ours()];
                town.store.changes(location, *since, 1_000)
            }),
        )
        .ours(
            "the desk",
            None,
            awaited(move || {
                let at = desks();
                let poll = town.places[at].team.poll(&town.seen[at].2, None);
                async { assert!(matches!(poll.await, Ok(OperatorPoll::Update(_)))) }
            }),
        )
        .obvious(
            "SQL by hand",
            each(move || {
                let (location, since, _) = &town.seen[theirs()];
                town.hand().poll(location.as_str(), (*since).into()).expect("it is there")
            }),
        );
    });
}

/// Times an operation that a host awaits: the executor is there already.
fn awaited<F: Future>(mut operation: impl FnMut() -> F) -> impl FnMut(u32) -> Duration {
    move |times| {
        block_on(async {
            let begun = Instant::now();
            for _ in 0..times {
                black_box(operation().await);
            }
            begun.elapsed()
        })
    }
}
