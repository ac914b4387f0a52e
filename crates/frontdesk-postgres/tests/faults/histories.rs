//! The recorded calls of all processes, and their check.

use std::path::{Path, PathBuf};

use frontdesk::store::ThreadStore;
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, check};
use tempfile::TempDir;

/// The files of the worker processes and of the test itself.
pub(crate) struct Histories {
    folder: TempDir,
    workers: Vec<PathBuf>,
}

impl Histories {
    pub(crate) fn new(workers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |worker| folder.path().join(format!("worker-{worker}.jsonl"));
        let workers = (0..workers).map(path).collect();
        Self { folder, workers }
    }

    /// Returns the path of a worker's file.
    pub(crate) fn of_worker(&self, worker: usize) -> &Path {
        &self.workers[worker]
    }

    /// Asserts that the history of each location is strictly serializable. The calls of the
    /// test, in its own file, are part of the history.
    pub(crate) fn assert_strictly_serializable(self, own: &Path) {
        let files = self.workers.iter().map(PathBuf::as_path).chain([own]);
        let report = check(&History::read(files).unwrap());
        println!("history: {report}");
        if report.is_ok() {
            return;
        }
        let folder = self.folder.keep();
        panic!("the files are in {}: {report}", folder.display());
    }

    /// Returns a store that records the calls of the test, and its file.
    pub(crate) fn record<S: ThreadStore>(&self, store: S) -> (HistoryRecorder<S>, PathBuf) {
        let path = self.folder.path().join("test.jsonl");
        let file = HistoryFile::create(&path).unwrap();
        (HistoryRecorder::new(store, &file), path)
    }
}
