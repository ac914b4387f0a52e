//! A stress test of stores on the same data, and the check of the recorded history.

use std::path::Path;
use std::time::Duration;

use frontdesk::MessageNumber;
use frontdesk::store::{MessageQuery, Revision, ThreadStore};
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, check};
use frontdesk_conformance::{StressOptions, stress};
use libtest_mimic::{Completion, Failed};

/// Runs one task for each store, all at the same time, and checks their history.
pub(crate) async fn check_history<S: ThreadStore + 'static>(
    stores: Vec<S>,
    reader: S,
    duration: Duration,
) -> Result<Completion, Failed> {
    let folder = tempfile::tempdir()?;
    let (mut tasks, mut files) = (Vec::new(), Vec::new());
    for (process, store) in (0..).zip(stores) {
        let path = folder.path().join(format!("{process}.jsonl"));
        let recorder = HistoryRecorder::new(store, &HistoryFile::create(&path)?);
        files.push(path);
        let options = StressOptions::new(1, process).operations(u64::MAX).duration(duration);
        tasks.push(tokio::spawn(async move { stress(&recorder, &options).await }));
    }
    let mut failures = Vec::new();
    for (process, task) in tasks.into_iter().enumerate() {
        match task.await? {
            Ok(summary) => println!("task {process}: {summary}"),
            Err(failure) => failures.push(failure.to_string()),
        }
    }
    files.push(folder.path().join("last.jsonl"));
    read_everything(reader, &files[files.len() - 1]).await?;
    let report = check(&History::read(&files)?);
    println!("{duration:?}, {} tasks: {report}", files.len() - 1);
    failures.extend(report.anomalies.iter().map(ToString::to_string));
    if failures.is_empty() { Ok(Completion::Completed) } else { Err(failures.join("\n").into()) }
}

/// Reads all threads and messages, so that the history shows the outcome of each commit.
async fn read_everything(store: impl ThreadStore, file: &Path) -> Result<(), Failed> {
    let store = HistoryRecorder::new(store, &HistoryFile::create(file)?);
    for location in store.locations(None, 1_000).await?.value {
        let changes = store.changes(&location.location, Revision::ZERO, 1_000).await?.value;
        for head in changes.changed {
            let all = MessageNumber::START..=MessageNumber::MAX;
            let id = head.state.id();
            store.messages(&MessageQuery::oldest_first(id, all, usize::MAX)).await?;
        }
    }
    Ok(())
}
