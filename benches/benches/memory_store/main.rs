//! Three comparisons of `MemoryStore`: with SQLite in memory, on two OS threads with one OS
//! thread, and in large locations with a small location.
//!
//! The comparison with SQLite uses 1,000 locations with 100 threads and 1,000 messages each, or
//! 10,000 locations with `FRONTDESK_BENCH_TIMES_TEN=1`. Consecutive operations go to different
//! locations, so that the processor's caches do not hold the data. Both stores must give the
//! same answers before and after the posts.

mod fixture;
mod growth;
mod two_threads;

use std::cell::OnceCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use frontdesk::desk::OperatorPoll;
use frontdesk::store::{MessageQuery, ThreadList, ThreadQuery, ThreadStore as _};
use frontdesk_benches::baseline::setup::SCHEMA;
use frontdesk_benches::harness::{Bench, time_each};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::fixture::{Fixture, PAGE};

fn main() {
    let mut bench = Bench::from_args();
    let factor = if std::env::var_os("FRONTDESK_BENCH_TIMES_TEN").is_some() { 10 } else { 1 };
    let locations = if bench.is_measuring() { factor * 1_000 } else { 2 };
    compare_with_sqlite(&mut bench, locations);
    two_threads::row(&mut bench);
    growth::rows(&mut bench);
    bench.finish();
}

fn compare_with_sqlite(bench: &mut Bench, locations: usize) {
    let connection = Connection::open_in_memory().expect("SQLite opens a database in memory");
    connection.execute_batch(SCHEMA).expect("the schema is valid");
    // The first row that the filter admits builds the fixture.
    let built = OnceCell::new();
    let fixture = || built.get_or_init(|| Fixture::build(&connection, locations));

    page(bench, fixture);
    messages(bench, fixture);
    poll(bench, fixture);
    bench.row("memory, a post", |row| {
        let fixture = fixture();
        row.ours("the desk", 0.3, |times| fixture.post_through_desk(times))
            .ours("the store's commit", None, |times| fixture.commit(times))
            .baseline("SQL by hand", |times| fixture.post_through_baseline(times));
    });
    if let Some(fixture) = built.get() {
        fixture.post_missing();
        fixture.assert_same_answers();
    }
}

fn page<'f, 'c: 'f>(bench: &mut Bench, fixture: impl Fn() -> &'f Fixture<'c>) {
    bench.row("memory, the first page of 50", |row| {
        let fixture = fixture();
        let [mut next_store, mut next_desk, mut next_baseline] =
            [0, 1, 2].map(|candidate| fixture.location_cycle(candidate));
        row.ours(
            "the store",
            0.1,
            time_future(async move || {
                // Like the desk, read one thread more than a page has, which shows whether there
                // is a next page.
                let location = &fixture.ids[next_store()];
                let query = ThreadQuery::new(location, ThreadList::All(None), PAGE + 1);
                fixture.store.threads(&query).await
            }),
        )
        .ours(
            "the desk",
            None,
            time_future(move || fixture.locations[next_desk()].operator.inbox(&fixture.first_page)),
        )
        .baseline(
            "SQL by hand",
            time_each(move || {
                let location = fixture.ids[next_baseline()].as_str();
                fixture.baseline().page(location, 50).expect("the location exists")
            }),
        );
    });
}

fn messages<'f, 'c: 'f>(bench: &mut Bench, fixture: impl Fn() -> &'f Fixture<'c>) {
    bench.row("memory, 50 messages after a number", |row| {
        let fixture = fixture();
        let [mut next_store, mut next_baseline] =
            [0, 1].map(|candidate| fixture.location_cycle(candidate));
        row.ours(
            "the store",
            0.2,
            time_future(async move || {
                let (id, after) = &fixture.long_threads[next_store()];
                let range = fixture::numbers_after(*after);
                let query = MessageQuery::oldest_first(id, range, PAGE);
                fixture.store.messages(&query).await
            }),
        )
        .baseline(
            "SQL by hand",
            time_each(move || {
                let (id, after) = &fixture.long_threads[next_baseline()];
                let (location, booking) = (id.location.as_str(), id.booking.as_str());
                fixture
                    .baseline()
                    .messages_after(location, booking, (*after).into(), 50)
                    .expect("the thread exists")
            }),
        );
    });
}

fn poll<'f, 'c: 'f>(bench: &mut Bench, fixture: impl Fn() -> &'f Fixture<'c>) {
    bench.row("memory, a poll without changes", |row| {
        let fixture = fixture();
        let [mut next_store, mut next_desk, mut next_baseline] =
            [0, 1, 2].map(|candidate| fixture.location_cycle(candidate));
        row.ours(
            "the store",
            0.1,
            time_future(move || {
                let location = next_store();
                let newest = fixture.newest[location].revision;
                fixture.store.changes(&fixture.ids[location], newest, 1_000)
            }),
        )
        .ours(
            "the desk",
            None,
            time_future(move || {
                let location = next_desk();
                let cursor = &fixture.newest[location].cursor;
                let poll = fixture.locations[location].operator.poll(cursor, None);
                async { assert!(matches!(poll.await, Ok(OperatorPoll::Update(_)))) }
            }),
        )
        .baseline(
            "SQL by hand",
            time_each(move || {
                let location = next_baseline();
                let newest = fixture.newest[location].revision;
                let location = fixture.ids[location].as_str();
                fixture.baseline().poll(location, newest.into()).expect("the location exists")
            }),
        );
    });
}

/// Times an asynchronous operation. The time does not include starting the executor.
fn time_future<T>(mut operation: impl AsyncFnMut() -> T) -> impl FnMut(u32) -> Duration {
    move |times| {
        block_on(async {
            let start = Instant::now();
            for _ in 0..times {
                black_box(operation().await);
            }
            start.elapsed()
        })
    }
}
