//! The files of a history, and the command that checks them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use frontdesk::store::{
    Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery, LocationRevision, MessageQuery,
    Revision, StoreError, StoreErrorKind, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    ThreadStore, VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};
use frontdesk_conformance::history::{History, HistoryError, HistoryFile, HistoryRecorder, check};
use futures::executor::block_on;

use crate::commits::Text;
use crate::request::{Request, Response};
use crate::scene::Scene;

const HELLO: Text = Text::new("b-1", "Hello!", 1);

/// A store that fails and keeps what its history contained when it was called.
struct Observer<'a>(&'a Path, Arc<Mutex<String>>);

impl Observer<'_> {
    fn fail<T>(&self) -> StoreResult<T> {
        *self.1.lock().unwrap() = fs::read_to_string(self.0).unwrap();
        Err(StoreError::unavailable("observed"))
    }
}

#[async_trait]
impl ThreadStore for Observer<'_> {
    async fn thread(&self, _: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.fail()
    }
    async fn heads(&self, _: &LocationId, _: &[BookingId]) -> StoreResult<Vec<VersionedThread>> {
        self.fail()
    }
    async fn commit(&self, _: Commit) -> StoreResult<CommitOutcome> {
        self.fail()
    }
    async fn messages(&self, _: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        self.fail()
    }
    async fn message_by_key(&self, _: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        self.fail()
    }
    async fn threads(&self, _: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        self.fail()
    }
    async fn changes(&self, _: &LocationId, _: Revision, _: usize) -> StoreResult<Changes> {
        self.fail()
    }
    async fn locations(
        &self,
        _: Option<&LocationId>,
        _: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        self.fail()
    }
    async fn forget_keys(
        &self,
        _: &LocationId,
        _: Timestamp,
        _: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.fail()
    }
}

#[test]
fn the_beginning_is_in_the_file_before_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let file = HistoryFile::create(&path).unwrap();
    let seen = Arc::default();
    let observer = Observer(&path, Arc::clone(&seen));
    let recorder = HistoryRecorder::new(observer, &file);
    block_on(Request::Commit(HELLO.post(None)).run(&recorder)).unwrap_err();
    assert_eq!(seen.lock().unwrap().lines().count(), 2);
    let lines = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[1].contains("\"begin\"") && lines[2].contains("\"error\":\"unavailable\""));
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_file_contains_no_text_name_or_key() {
    let scene = Scene::new();
    scene.post(HELLO.with_key("k-secret"));
    scene.call(&Request::Changes { since: 0, limit: 9 });
    scene.call(&Request::Oldest { booking: "b-1", limit: 9 });
    scene.call(&Request::Threads { limit: 9 });
    scene.flush();
    let lines = fs::read_to_string(&scene.files()[0]).unwrap();
    for private in ["Hello", "Ann", "ann", "k-secret", "K7Q2"] {
        assert!(!lines.contains(private), "{private} in {lines}");
    }
}

#[test]
fn an_incomplete_last_line_is_a_call_without_an_end() {
    let scene = Scene::new();
    scene.post(HELLO);
    scene.call(&Request::Thread("b-1"));
    scene.flush();
    let path = &scene.files()[0];
    let lines = fs::read_to_string(path).unwrap();
    fs::write(path, &lines[..lines.len() - 9]).unwrap();
    let report = scene.check_now();
    assert!(report.is_ok(), "{report}");
    assert_eq!(report.calls, 2);
}

#[test]
fn a_damaged_line_is_an_error_with_its_number() {
    let scene = Scene::new();
    scene.post(HELLO);
    let path = &scene.files()[0];
    let lines = fs::read_to_string(path).unwrap();
    for (damaged, number) in [
        (lines.replacen("\"begin\"", "\"start\"", 1), 2),
        (lines.replacen("\"version\":1", "\"version\":9", 1), 1),
        (lines.split_once('\n').unwrap().1.to_owned(), 1),
        (lines.clone() + lines.lines().last().unwrap() + "\n", 4),
    ] {
        fs::write(path, damaged).unwrap();
        match History::read([path]) {
            Err(HistoryError::Line { line, .. }) => assert_eq!(line, number),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_is_not_overwritten() {
    let scene = Scene::new();
    let error = HistoryFile::create(&scene.files()[0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
}

#[test]
fn the_command_reports_the_contradictions() {
    let scene = Scene::new();
    scene.post(HELLO);
    let run = || {
        scene.flush();
        let command =
            Command::new(env!("CARGO_BIN_EXE_check-history")).args(scene.files()).output().unwrap();
        (command.status.code(), String::from_utf8(command.stdout).unwrap())
    };
    let (code, output) = run();
    assert_eq!(code, Some(0), "{output}");
    assert_eq!(output, format!("{}\n", check(&History::read(scene.files()).unwrap())));
    scene.answer(&Request::Thread("b-1"), Response::Thread(None));
    let (code, output) = run();
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("wrong.jsonl:2"), "{output}");
    let missing = Command::new(env!("CARGO_BIN_EXE_check-history")).arg("missing").status();
    assert_eq!(missing.unwrap().code(), Some(2));
}

/// A commit that the store refuses with an error is not written.
#[test]
fn an_error_of_the_store_reaches_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl");
    let file = HistoryFile::create(&path).unwrap();
    let recorder = HistoryRecorder::new(Observer(&path, Arc::default()), &file);
    let error = block_on(Request::Thread("b-1").run(&recorder)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}
