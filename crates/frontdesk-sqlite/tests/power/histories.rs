//! The recorded calls of all processes that used a file.
//!
//! The histories are in the folder of the store's file.

use std::path::{Path, PathBuf};

use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, check};
use frontdesk_sqlite::SqliteStore;

/// Opens a store that records its calls in a new history.
pub(crate) fn open(file: &Path) -> HistoryRecorder<SqliteStore> {
    let process = std::process::id();
    let mut names = (0..).map(|number| format!("{process}-{number}.jsonl"));
    let path = names.find_map(|name| {
        let path = file.with_file_name(name);
        (!path.exists()).then_some(path)
    });
    let history = HistoryFile::create(path.expect("there are endless names")).unwrap();
    HistoryRecorder::new(SqliteStore::open(file).unwrap(), &history)
}

/// Asserts that the history of all processes is strictly serializable. The last process has
/// read everything.
#[track_caller]
pub(crate) fn assert_strictly_serializable(file: &Path) {
    let files = file.parent().unwrap().read_dir().unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    let report = check(&History::read(&files).unwrap());
    println!("{} histories: {report}", files.len());
    assert!(report.is_ok(), "{report}");
}
