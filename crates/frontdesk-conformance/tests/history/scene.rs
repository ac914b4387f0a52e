//! Two processes, of which the second gives the answers of the test.

use std::path::PathBuf;
use std::pin::pin;

use frontdesk::store::{CommitOutcome, Epoch, MemoryStore, Revision, ThreadStore, VersionedThread};
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, HistoryReport, check};
use futures::FutureExt;
use futures::executor::block_on;

use crate::commits::Text;
use crate::request::{Request, Response};
use crate::scripted_store::ScriptedStore;

/// A store with two recorders. `right` passes its answers on. `wrong` is a second instance that
/// answers what the test says, in the same epoch.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
    pub(crate) store: MemoryStore,
    right: HistoryRecorder<MemoryStore>,
    script: ScriptedStore,
    wrong: HistoryRecorder<ScriptedStore>,
    /// The epoch of the second instance: that of `store`, until the test changes it.
    epoch: u64,
    recorded: [HistoryFile; 2],
}

const FILES: [&str; 2] = ["right.jsonl", "wrong.jsonl"];

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recorded = FILES.map(|name| HistoryFile::create(folder.path().join(name)).unwrap());
        let [right, wrong] = &recorded;
        let (store, script) = (MemoryStore::new(), ScriptedStore::default());
        let epoch = block_on(store.locations(None, 0)).unwrap().epoch.get();
        Self {
            right: HistoryRecorder::new(store.clone(), right),
            wrong: HistoryRecorder::new(script.clone(), wrong).with_task("t"),
            folder,
            store,
            script,
            epoch,
            recorded,
        }
    }

    /// Makes a call whose answer is right.
    pub(crate) fn call(&self, request: &Request) -> Response {
        block_on(request.run(&self.right)).unwrap()
    }

    /// Answers a call with the given value and changes nothing.
    pub(crate) fn answer(&self, request: &Request, response: Response) {
        self.answer_after(request, || response);
    }

    /// Begins a call, runs `during` and answers the call with its result.
    pub(crate) fn answer_after(&self, request: &Request, during: impl FnOnce() -> Response) {
        let mut call = pin!(request.run(&self.wrong));
        assert!(call.as_mut().now_or_never().is_none(), "the store has no answer yet");
        let response = during();
        self.script.set(response.clone(), self.epoch);
        assert_eq!(block_on(call).unwrap(), response);
    }

    /// Makes a call whose outcome the caller does not learn. If `is_done`, it takes effect.
    pub(crate) fn lose_answer(&self, request: &Request, is_done: bool) {
        if is_done {
            block_on(request.run(&self.store)).unwrap();
        }
        assert!(block_on(request.run(&self.wrong)).is_err());
    }

    /// Answers the calls of the second process in another epoch from now on.
    pub(crate) fn change_epoch(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// Returns the epoch in which the second process answers.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch::new(self.epoch)
    }

    /// Reads a thread without recording.
    pub(crate) fn peek(&self, booking: &'static str) -> Option<VersionedThread> {
        match block_on(Request::Thread(booking).run(&self.store)).unwrap() {
            Response::Thread(found) => found,
            other => panic!("{other:?}"),
        }
    }

    /// Returns the answer to a call without recording it.
    pub(crate) fn peek_at(&self, request: &Request) -> Response {
        block_on(request.run(&self.store)).unwrap()
    }

    /// Posts a message.
    pub(crate) fn post(&self, text: Text) -> Revision {
        let commit = text.post(self.peek(text.booking).as_ref());
        match self.call(&Request::Commit(commit)) {
            Response::Commit(CommitOutcome::Committed(revision)) => revision,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn files(&self) -> [PathBuf; 2] {
        FILES.map(|name| self.folder.path().join(name))
    }

    /// Reads everything and checks the history.
    pub(crate) fn check(&self) -> HistoryReport {
        for booking in ["b-1", "b-2"] {
            self.call(&Request::Oldest { booking, limit: 99 });
        }
        self.call(&Request::Changes { since: 0, limit: 99 });
        self.check_now()
    }

    /// Writes the lines that wait in memory.
    pub(crate) fn flush(&self) {
        self.recorded.iter().for_each(|file| file.flush().unwrap());
    }

    /// Checks the history.
    pub(crate) fn check_now(&self) -> HistoryReport {
        self.flush();
        check(&History::read(self.files()).unwrap())
    }
}
