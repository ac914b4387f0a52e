//! The cost of recording a history, and the time and memory of checking one.
//!
//! ```sh
//! cargo bench -p frontdesk-benches --bench history
//! ```

use std::cell::Cell;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk_benches::harness::{Bench, time_each};
use frontdesk_benches::workload::{ClockedDesk, LOCATION, LocationHandles};
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, check};
use frontdesk_sqlite::{SqliteStore, Synchronous};
use futures::executor::block_on;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The number of threads of a location.
const THREADS: usize = 400;
/// The number of locations of the long history.
const LOCATIONS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bench = Bench::from_args();
    let folder = tempfile::tempdir()?;
    compare_posts(&mut bench, folder.path())?;
    check_long_history(if bench.is_measuring() { 1_000_000 } else { 5_000 }, folder.path())?;
    bench.finish();
    Ok(())
}

/// Compares a post with and without a recorder, on SQLite and in memory. The difference in
/// memory is the time of the recorder alone.
fn compare_posts(bench: &mut Bench, folder: &Path) -> Result<(), Box<dyn Error>> {
    let open = |name| SqliteStore::builder().synchronous(Synchronous::Full).open(folder.join(name));
    let file = HistoryFile::create(folder.join("posts.jsonl"))?;
    let recorded = HistoryRecorder::new(open("recorded.sqlite")?, &file);
    compare(
        bench,
        "sqlite FULL",
        Some(1.1),
        &[
            ClockedDesk::new(recorded).handles(LOCATION, THREADS),
            ClockedDesk::new(open("plain.sqlite")?).handles(LOCATION, THREADS),
        ],
    );
    compare(
        bench,
        "memory",
        None,
        &[
            ClockedDesk::new(HistoryRecorder::new(MemoryStore::new(), &file))
                .handles(LOCATION, THREADS),
            ClockedDesk::new(MemoryStore::new()).handles(LOCATION, THREADS),
        ],
    );
    Ok(())
}

fn compare(bench: &mut Bench, name: &str, limit: Option<f64>, desks: &[LocationHandles; 2]) {
    let [recorded, plain] = desks;
    let counts = [Cell::new(0), Cell::new(0)];
    let next = |count: &Cell<usize>| count.replace(count.get() + 1);
    bench.row(&format!("{name}, a post with a recorder"), |row| {
        row.ours("recorded", limit, time_each(|| block_on(recorded.post(next(&counts[0])))))
            .baseline("not recorded", time_each(|| block_on(plain.post(next(&counts[1])))));
    });
}

/// Records a history of two processes' files and checks it.
fn check_long_history(calls: usize, folder: &Path) -> Result<(), Box<dyn Error>> {
    let paths: [PathBuf; 2] = [0, 1].map(|file| folder.join(format!("long-{file}.jsonl")));
    let store = MemoryStore::new();
    let mut locations = Vec::new();
    for path in &paths {
        let file = HistoryFile::create(path)?;
        let desk = ClockedDesk::new(HistoryRecorder::new(store.clone(), &file));
        for location in 0..LOCATIONS {
            locations.push(desk.handles(&format!("l-{location}"), THREADS));
        }
    }
    block_on(record(calls, &locations));
    let bytes: u64 = paths.iter().filter_map(|path| path.metadata().ok()).map(|m| m.len()).sum();
    drop((locations, store));

    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let history = History::read(&paths)?;
    let read = start.elapsed();
    let report = check(&history);
    assert!(report.is_ok(), "{report}");
    println!(
        "{} calls, {} MB of files: read in {read:.1?}, read and checked in {:.1?}, {:.0} MB of \
         memory at most",
        report.calls,
        bytes / 1_000_000,
        start.elapsed(),
        ALLOCATOR.peak_usage_as_mb(),
    );
    Ok(())
}

/// Posts, polls, and reads pages and histories until there are `calls` calls.
async fn record(calls: usize, locations: &[LocationHandles]) {
    // A post makes three calls of the store, and the other steps one each.
    for step in 0..calls / 6 {
        let location = &locations[step % locations.len()];
        location.post(step).await;
        let page = location.operator.inbox(&PageRequest::first(10)).await.unwrap();
        let poll = location.operator.poll(&page.cursor, None).await.unwrap();
        assert!(matches!(poll, OperatorPoll::Update(_)));
        let booking = &location.bookings[step % THREADS];
        // The thread can have no message yet.
        let _ = location.operator.history(booking, None, 10).await;
    }
}
