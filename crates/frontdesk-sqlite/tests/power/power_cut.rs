//! Power cuts at random moments of recorded workloads.
//!
//! `strace` records the system calls of child processes that write to a file. A simulated disk
//! repeats the calls until a power cut, and keeps an arbitrary part of the changes that were not
//! synced. `SqliteStore` then opens the files that the disk kept.

use std::time::Instant;
use std::{env, fs};

use frontdesk_sqlite::Synchronous;
use libtest_mimic::{Completion, Failed};

use crate::disk::{Disk, Files};
use crate::expected::{Acknowledged, Expected};
use crate::recording::{FILE, Recording, Run, Workload, missing_strace};
use crate::rng::Rng;
use crate::system_call::{Event, SystemCall, Trace};

/// The workloads at FULL, each with a description.
const AT_FULL: [(&str, Workload); 6] = [
    ("one writer", workload(1, 1, &[full(1), full(1), full(1)])),
    ("one writer with a checkpoint", ONE_WRITER_WITH_CHECKPOINT),
    ("16 writers with a checkpoint", workload(1, 16, &[full(2)])),
    ("two processes", workload(2, 2, &[full(2), full(1)])),
    (
        "a migration of the first schema",
        Workload {
            first_file: Some("tests/data/f2abd43.sqlite"),
            ..workload(1, 1, &[full(1), full(1)])
        },
    ),
    (
        "a migration of the second schema by two processes",
        Workload { first_file: Some("tests/data/9efcf28.sqlite"), ..workload(2, 1, &[full(1)]) },
    ),
];

/// The workloads at NORMAL, each with a description.
const AT_NORMAL: [(&str, Workload); 3] = [
    ("one writer that used FULL before", workload(1, 1, &[full(1), normal(2), normal(1)])),
    ("16 writers with a checkpoint", workload(1, 16, &[normal(2)])),
    ("two processes", workload(2, 2, &[normal(2), normal(1)])),
];

const ONE_WRITER_WITH_CHECKPOINT: Workload = workload(1, 1, &[full(14)]);

/// The number of power cuts after which the workload runs again, so that the OS threads run in
/// another order.
const CUTS_PER_RECORDING: usize = 250;

const fn workload(processes: usize, writers: usize, runs: &'static [Run]) -> Workload {
    Workload { processes, writers, runs, first_file: None }
}

const fn full(cycles: usize) -> Run {
    Run { synchronous: Synchronous::Full, cycles }
}

const fn normal(cycles: usize) -> Run {
    Run { synchronous: Synchronous::Normal, cycles }
}

/// The results of the power cuts in one workload.
#[derive(Debug, Default)]
struct Results {
    /// The number of cuts that lost acknowledged commits, which is permitted at NORMAL.
    losses: usize,
    /// The number of cuts after which the check failed.
    broken: usize,
    /// The error of the first failed check, with the files that the power cut left.
    first_broken: Option<(String, Files)>,
}

/// I3, I4: at FULL, a file contains every acknowledged commit after a power cut.
pub(crate) fn loses_nothing_at_full() -> Result<Completion, Failed> {
    if let Some(reason) = missing_strace() {
        return ignored(reason);
    }
    cut_workloads("FULL", &AT_FULL)?;
    Ok(Completion::Completed)
}

/// P7: at NORMAL, a power cut undoes at most the last commits, and the file has a new epoch.
pub(crate) fn loses_last_commits_at_normal() -> Result<Completion, Failed> {
    if let Some(reason) = missing_strace() {
        return ignored(reason);
    }
    let losses = cut_workloads("NORMAL", &AT_NORMAL)?;
    assert!(losses > 0, "no power cut lost a commit, although NORMAL permits the loss");
    Ok(Completion::Completed)
}

/// The check finds broken files after power cuts on a disk that ignores some or all syncs.
pub(crate) fn finds_ignored_syncs() -> Result<Completion, Failed> {
    /// A description, and a function that returns `true` for each ignored sync.
    type IgnoredSyncs = (&'static str, fn(&SystemCall) -> bool);
    const IGNORED: [IgnoredSyncs; 4] = [
        ("all syncs", |_| true),
        ("the syncs of the write-ahead log", |sync| is_sync_of(sync, "-wal")),
        ("the syncs of the database", |sync| is_sync_of(sync, FILE)),
        ("the syncs of the folder", |sync| *sync == SystemCall::SyncFolder),
    ];

    if let Some(reason) = missing_strace() {
        return ignored(reason);
    }
    let recorded = Recorded::new(&ONE_WRITER_WITH_CHECKPOINT);
    for (description, ignores) in IGNORED {
        let cuts = 25;
        let broken = recorded.cut(cuts, &mut Rng::new(13), ignores).broken;
        println!("{description} ignored: {broken} of {cuts} power cuts left a broken file");
        assert!(broken > 0, "the check does not notice that the disk ignores {description}");
    }
    Ok(Completion::Completed)
}

fn is_sync_of(call: &SystemCall, end: &str) -> bool {
    matches!(call, SystemCall::Sync(name) if name.ends_with(end))
}

/// Returns the outcome of a test that cannot run: failed if `CI` is `true`, otherwise ignored.
fn ignored(reason: &str) -> Result<Completion, Failed> {
    if env::var("CI").as_deref() == Ok("true") {
        return Err(reason.into());
    }
    Ok(Completion::ignored_with(reason))
}

/// Cuts the power in each workload of a list. Returns the number of cuts that lost acknowledged
/// commits, or an error if a file was broken.
fn cut_workloads(setting: &str, workloads: &[(&str, Workload)]) -> Result<usize, Failed> {
    let total = env::var("FRONTDESK_POWER_CUTS").map_or(200, |cuts| cuts.parse().unwrap());
    let cuts = usize::div_ceil(total, AT_FULL.len() + AT_NORMAL.len());
    let mut losses = 0;
    for (description, workload) in workloads {
        losses += cut_workload(&format!("{setting}, {description}"), workload, cuts)?;
    }
    Ok(losses)
}

fn cut_workload(description: &str, workload: &Workload, cuts: usize) -> Result<usize, Failed> {
    let (start, mut rng) = (Instant::now(), Rng::new(13));
    let (mut remaining, mut calls, mut losses) = (cuts, 0, 0);
    while remaining > 0 {
        let recorded = Recorded::new(workload);
        if description.contains("checkpoint") {
            recorded.assert_has_checkpoint();
        }
        let part = remaining.min(CUTS_PER_RECORDING);
        let results = recorded.cut(part, &mut rng, |_| false);
        if let Some((error, files)) = results.first_broken {
            let folder = recorded.recording.keep();
            for (name, bytes) in &files {
                fs::write(folder.join(name), bytes)?;
            }
            let (broken, folder) = (results.broken, folder.display());
            return Err(format!(
                "{description}: {broken} of {part} power cuts left a broken file; the first \
                 {error}; the trace and the files after this cut are in {folder}"
            )
            .into());
        }
        remaining -= part;
        calls += recorded.recording.trace.calls.len();
        losses += results.losses;
    }
    println!(
        "{description}: {cuts} power cuts in {calls} system calls broke no file, and {losses} of \
         them lost acknowledged commits; {:?}",
        start.elapsed(),
    );
    Ok(losses)
}

/// A recorded workload, and the content of its file after each commit.
struct Recorded {
    workload: Workload,
    recording: Recording,
    expected: Expected,
    runtime: tokio::runtime::Runtime,
}

impl Recorded {
    fn new(workload: &Workload) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let recording = workload.record();
        let expected = runtime.block_on(Expected::of(workload, &recording));
        Self { workload: *workload, recording, expected, runtime }
    }

    /// Divides the trace into `cuts` equal parts, and cuts the power at a random moment of each
    /// part. The disk ignores the syncs for which `ignores` returns `true`.
    fn cut(&self, cuts: usize, rng: &mut Rng, ignores: fn(&SystemCall) -> bool) -> Results {
        let Trace { calls, events } = &self.recording.trace;
        let mut disk = Disk::new(&self.recording.trace, &self.recording.first_files, ignores);
        let mut acknowledged = Acknowledged::nothing(&self.workload);
        let mut results = Results::default();
        let mut position = 0;
        for cut in 0..cuts {
            let (first, end) = (events.len() * cut / cuts, events.len() * (cut + 1) / cuts);
            let moment = first + rng.below::<usize>((end - first + 1) as u64);
            for event in &events[position..moment] {
                disk.run(*event);
                if let Event::Begin(call) = event {
                    acknowledged.read(&calls[*call]);
                }
            }
            position = moment;
            let files = disk.cut_power(rng);
            match self.runtime.block_on(self.expected.check(&files, &acknowledged)) {
                Ok(lost) => results.losses += usize::from(lost > 0),
                Err(error) => {
                    results.broken += 1;
                    let error = format!("(after {moment} of {} events): {error}", events.len());
                    results.first_broken.get_or_insert((error, files));
                }
            }
        }
        results
    }

    /// Asserts that SQLite overwrote the write-ahead log from its beginning, which SQLite does only
    /// after a checkpoint. The log of a file that was closed does not count: closing the file
    /// removes the log.
    #[track_caller]
    fn assert_has_checkpoint(&self) {
        let (mut beginnings, mut removals) = (0, 0);
        for call in &self.recording.trace.calls {
            match call {
                SystemCall::Write { name, offset: 0, .. } if name.ends_with("-wal") => {
                    beginnings += 1;
                }
                SystemCall::Unlink(name) if name.ends_with("-wal") => removals += 1,
                _ => {}
            }
        }
        assert!(beginnings > removals, "the workload has no checkpoint");
    }
}
