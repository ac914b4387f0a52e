//! A desk over [`SqliteStore`] compared with hand-written SQL that does the same.
//!
//! `README.md` describes the comparison and has the figures.

mod channel_latency;
mod large_file;

use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frontdesk::desk::{OperatorPoll, OperatorUpdate, PageRequest};
use frontdesk_benches::baseline::setup::dump;
use frontdesk_benches::baseline::verify::assert_same_answers;
use frontdesk_benches::baseline::{Baseline, PostRequest};
use frontdesk_benches::harness::{Bench, Row, time_each};
use frontdesk_benches::workload::{self, ClockedDesk, LOCATION, LocationHandles};
use frontdesk_sqlite::{SqliteStore, Synchronous};
use futures::executor::block_on;
use futures::future::join_all;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::channel_latency::EchoThread;

type Outcome = Result<(), Box<dyn Error>>;

/// The number of threads of the location.
const THREADS: usize = 400;
/// The number of messages that each thread has before the timed posts.
const MESSAGES_PER_THREAD: usize = 60;
/// The number of threads or of messages on a page.
const PAGE: usize = 50;
/// The number of concurrent writers.
const WRITERS: usize = 16;

const SETTINGS: [(&str, Synchronous); 2] =
    [("FULL", Synchronous::Full), ("NORMAL", Synchronous::Normal)];

fn main() -> Outcome {
    let mut bench = Bench::from_args();
    if std::env::args().any(|argument| argument == "large-file") {
        return large_file::run(if bench.is_measuring() { 1_000_000 } else { 10_000 });
    }
    let folder = tempfile::tempdir()?;
    let template = folder.path().join("template.sqlite");
    create_template(&template)?;
    for (name, synchronous) in SETTINGS {
        let files = ["desk", "baseline"].map(|user| folder.path().join(format!("{user}-{name}")));
        for file in &files {
            fs::copy(&template, file)?;
        }
        compare(&mut bench, name, synchronous, &files)?;
    }
    let span = Duration::from_millis(if bench.is_measuring() { 3_000 } else { 20 });
    for (name, synchronous) in SETTINGS {
        print_rates(name, synchronous, &folder.path().join(format!("rates-{name}")), span)?;
    }
    bench.finish();
    Ok(())
}

/// Creates the file from which the desk and the baseline each get a copy.
fn create_template(path: &Path) -> Outcome {
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(path)?;
    let location = ClockedDesk::new(store).handles(LOCATION, THREADS);
    for number in 0..THREADS * MESSAGES_PER_THREAD {
        block_on(location.post(number));
    }
    Ok(())
}

/// Opens a file with the settings that the store uses.
fn connect(path: &Path, synchronous: Synchronous) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = if synchronous == Synchronous::Full { "FULL" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn compare(
    bench: &mut Bench,
    name: &str,
    synchronous: Synchronous,
    [desk_file, baseline_file]: &[PathBuf; 2],
) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(desk_file)?;
    let location = ClockedDesk::new(store).handles(LOCATION, THREADS);
    let connection = connect(baseline_file, synchronous)?;
    let mut baseline = Baseline::new(&connection)?;
    assert_same_answers(&location.operator, &mut baseline, LOCATION, PAGE)?;

    let limit = (synchronous == Synchronous::Full).then_some(1.5);
    post(bench, name, limit, &location, &mut baseline);
    // The desk and the baseline posted the same messages, so all rows of both files must be
    // equal.
    assert_eq!(dump(&connect(desk_file, synchronous)?)?, dump(&connection)?);
    assert_same_answers(&location.operator, &mut baseline, LOCATION, PAGE)?;

    pages(bench, name, &location, &mut baseline);
    polls(bench, name, &location, &mut baseline)
}

fn post(
    bench: &mut Bench,
    name: &str,
    limit: Option<f64>,
    location: &LocationHandles,
    baseline: &mut Baseline<'_>,
) {
    let our_messages = Cell::new(THREADS * MESSAGES_PER_THREAD);
    let baseline_messages = our_messages.clone();
    let next = |messages: &Cell<usize>| messages.replace(messages.get() + 1);
    bench.row(&format!("sqlite {name}, a post"), |row| {
        row.ours("the desk", limit, time_each(|| block_on(location.post(next(&our_messages)))))
            .baseline(
                "SQL by hand",
                time_each(|| post_through_baseline(baseline, next(&baseline_messages))),
            );
        add_channel_latency(row);
    });
    // The slower candidate has posted fewer messages. Post the missing ones, so that both files
    // contain the same messages.
    let most = our_messages.get().max(baseline_messages.get());
    (our_messages.get()..most).for_each(|number| _ = block_on(location.post(number)));
    (baseline_messages.get()..most).for_each(|number| _ = post_through_baseline(baseline, number));
}

fn pages(bench: &mut Bench, name: &str, location: &LocationHandles, baseline: &mut Baseline<'_>) {
    let operator = &location.operator;
    let first = PageRequest::first(PAGE);
    bench.row(&format!("sqlite {name}, an inbox page of 50"), |row| {
        row.ours("the desk", 2.0, time_each(|| block_on(operator.inbox(&first)).unwrap()))
            .baseline("SQL by hand", time_each(|| baseline.page(LOCATION, 50).unwrap()));
        add_channel_latency(row);
    });
    let cycle = || (0..THREADS).cycle().map(|thread| &location.bookings[thread]);
    let (mut ours, mut theirs) = (cycle(), cycle());
    let mut next = move || ours.next().expect("the cycle is endless");
    let mut next_of_baseline = move || theirs.next().expect("the cycle is endless").as_str();
    bench.row(&format!("sqlite {name}, a history of 50"), |row| {
        row.ours(
            "the desk",
            2.0,
            time_each(|| block_on(operator.history(next(), None, PAGE)).unwrap()),
        )
        .baseline(
            "SQL by hand",
            time_each(|| baseline.history(LOCATION, next_of_baseline(), 50).unwrap()),
        );
        add_channel_latency(row);
    });
}

fn polls(
    bench: &mut Bench,
    name: &str,
    location: &LocationHandles,
    baseline: &mut Baseline<'_>,
) -> Outcome {
    let operator = &location.operator;
    let first = PageRequest::first(PAGE);
    let before_last = block_on(operator.inbox(&first))?.cursor;
    let revision = baseline.poll(LOCATION, 0)?.0.revision;
    // All earlier messages have lower numbers, so the key of this message is new and its time
    // is the latest.
    let last = 1_000 * THREADS * MESSAGES_PER_THREAD;
    block_on(location.post(last));
    post_through_baseline(baseline, last);
    let after_last = block_on(operator.inbox(&first))?.cursor;
    for (label, cursor, revision, changes) in [
        ("without changes", after_last, revision + 1, 0),
        ("with one change", before_last, revision, 1),
    ] {
        let poll = || expect_update(block_on(operator.poll(&cursor, None)).unwrap());
        assert_eq!(poll().threads.len(), changes);
        assert_eq!(baseline.poll(LOCATION, revision)?.1.len(), changes);
        bench.row(&format!("sqlite {name}, a poll {label}"), |row| {
            row.ours("the desk", 2.0, time_each(poll))
                .baseline("SQL by hand", time_each(|| baseline.poll(LOCATION, revision).unwrap()));
            add_channel_latency(row);
        });
    }
    Ok(())
}

fn add_channel_latency(row: &mut Row<'_>) {
    let echo = EchoThread::spawn();
    row.lower_bound("a channel round trip", time_each(move || echo.round_trip()));
}

fn post_through_baseline(baseline: &mut Baseline<'_>, number: usize) -> i64 {
    let (thread, role) = workload::thread_and_role(number, THREADS);
    let (author, booking) = (workload::author(thread, role), workload::booking_id(thread));
    let (key, text) = (workload::key(number), workload::text(number));
    let request = PostRequest {
        location: LOCATION,
        booking: &booking,
        role,
        author: &author,
        key: &key,
        text: &text,
        at: workload::time(number),
    };
    baseline.post(&request).expect("the message is posted")
}

fn expect_update(poll: OperatorPoll) -> OperatorUpdate {
    match poll {
        OperatorPoll::Update(update) => update,
        OperatorPoll::StartOver { .. } => panic!("the cursor is too old"),
    }
}

/// Prints the posts and polls per second of one task and of several concurrent tasks.
fn print_rates(name: &str, synchronous: Synchronous, path: &Path, span: Duration) -> Outcome {
    let store = SqliteStore::builder().synchronous(synchronous).open(path)?;
    for tasks in [1, WRITERS] {
        let locations: Vec<_> = (0..tasks)
            .map(|task| {
                ClockedDesk::new(store.clone()).handles(&format!("{tasks}-{task}"), THREADS)
            })
            .collect();
        let start = Instant::now();
        let posted = block_on(join_all(locations.iter().map(async |location| {
            let mut posted = 0;
            while start.elapsed() < span {
                location.post(posted).await;
                posted += 1;
            }
            posted
        })));
        let posts = per_second(&posted, start.elapsed());

        let start = Instant::now();
        let polled = block_on(join_all(locations.iter().map(async |location| {
            let operator = &location.operator;
            let mut cursor = operator.inbox(&PageRequest::first(PAGE)).await.unwrap().cursor;
            let mut polled = 0_usize;
            while start.elapsed() < span {
                cursor = expect_update(operator.poll(&cursor, None).await.unwrap()).cursor;
                polled += 1;
            }
            polled
        })));
        let polls = per_second(&polled, start.elapsed());
        println!("{name}, {tasks:>2} concurrent: {posts:>6} posts/s, {polls:>6} polls/s");
    }
    Ok(())
}

fn per_second(counts: &[usize], time: Duration) -> u128 {
    counts.iter().sum::<usize>() as u128 * 1_000_000 / time.as_micros()
}
