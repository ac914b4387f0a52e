//! Histories of right stores: many tasks at once, with failures and unknown outcomes.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use frontdesk::store::{
    Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery, LocationRevision, MemoryStore,
    MessageQuery, Revision, StoreError, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    ThreadStore, VersionedThread, async_trait,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};
use frontdesk_conformance::history::{History, HistoryFile, HistoryRecorder, HistoryReport, check};

use crate::commits::{Text, erase, redact};
use crate::random::{BOOKINGS, final_reads, forget_keys, random_commit, random_read};
use crate::request::{Request, Response};
use crate::rng::Rng;
use crate::scene::Scene;

/// The number of histories, unless the environment names another.
const HISTORIES: u64 = 100;

/// A store whose commits fail at times, before or after they are written, or never end.
struct FailingStore {
    store: MemoryStore,
    rng: Mutex<Rng>,
}

impl FailingStore {
    fn random(&self) -> u8 {
        self.rng.lock().unwrap().below(100)
    }
}

#[async_trait]
impl ThreadStore for FailingStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        self.store.thread(id).await
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        self.store.heads(location, bookings).await
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let fault = self.random();
        match fault {
            0..5 => return Err(StoreError::unavailable("no connection")),
            5..10 => return Err(StoreError::outcome_unknown("lost before the commit")),
            10..13 => std::future::pending().await,
            _ => {}
        }
        tokio::task::yield_now().await;
        let answer = self.store.commit(commit).await?;
        let is_written = matches!(answer.value, CommitOutcome::Committed(_));
        match fault {
            13..18 if is_written => Err(StoreError::outcome_unknown("lost after the commit")),
            18..21 if is_written => std::future::pending().await,
            _ => Ok(answer),
        }
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        self.store.messages(query).await
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        self.store.message_by_key(query).await
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        self.store.threads(query).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        if self.random() < 10 {
            return Err(StoreError::unavailable("no connection"));
        }
        self.store.changes(location, since, limit).await
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        self.store.locations(after, limit).await
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        self.store.forget_keys(location, before, limit).await
    }
}

/// Runs six tasks of two processes on one store and checks their history.
async fn run(seed: u64, folder: &Path, reads_at_end: bool) -> HistoryReport {
    let mut rng = Rng::new(seed);
    let store = MemoryStore::new();
    let files = [0, 1].map(|file| folder.join(format!("{seed}-{file}.jsonl")));
    let mut tasks = Vec::new();
    for path in &files {
        let file = HistoryFile::create(path).unwrap();
        let failing =
            FailingStore { store: store.clone(), rng: Mutex::new(Rng::new(rng.below(u64::MAX))) };
        let recorder = HistoryRecorder::new(std::sync::Arc::new(failing), &file);
        for task in 0..3 {
            let recorder = recorder.clone().with_task(&format!("t{task}"));
            tasks.push(tokio::spawn(act(recorder, Rng::new(rng.below(u64::MAX)))));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let last = folder.join(format!("{seed}-last.jsonl"));
    let recorder = HistoryRecorder::new(store, &HistoryFile::create(&last).unwrap());
    for read in final_reads().iter().filter(|_| reads_at_end) {
        read.run(&recorder).await.unwrap();
    }
    drop(recorder);
    check(&History::read(files.iter().chain([&last])).unwrap())
}

async fn act(store: HistoryRecorder<std::sync::Arc<FailingStore>>, mut rng: Rng) {
    for _ in 0..25 {
        let booking = rng.choose(&BOOKINGS);
        let request = match rng.below::<u8>(20) {
            0 => forget_keys(&mut rng),
            1..10 => random_read(&mut rng),
            _ => match Request::Thread(booking).run(&store).await.unwrap() {
                Response::Thread(found) => random_commit(&mut rng, booking, found.as_ref()),
                other => panic!("{other:?}"),
            },
        };
        // A call that does not end is dropped, as by a host's time limit.
        let _ = tokio::time::timeout(Duration::from_millis(5), request.run(&store)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn histories_of_right_stores_pass_a_hundred_times() {
    let folder = tempfile::tempdir().unwrap();
    let (mut calls, mut resolved, mut undecided) = (0, 0, 0);
    let histories = std::env::var("FRONTDESK_HISTORIES").map_or(HISTORIES, |n| n.parse().unwrap());
    for seed in 0..histories {
        let report = run(seed, folder.path(), seed % 2 == 0).await;
        assert!(report.is_ok(), "seed {seed}: {report}");
        calls += report.calls;
        resolved += report.resolved;
        undecided += report.undecided;
    }
    println!(
        "{histories} histories, {calls} calls: {resolved} unknown outcomes were written, \
         {undecided} left no trace"
    );
    assert!(resolved > 200 && undecided > 200, "{resolved} and {undecided}");
}

#[test]
fn t9_the_messages_tell_which_of_two_redactions_was_written() {
    let scene = Scene::new();
    scene.post(Text::new("b-1", "Hello!", 1));
    scene.post(Text::new("b-1", "Two dogs?", 2));
    // Both redactions write the same state, so the heads do not tell them apart.
    let found = scene.peek("b-1").unwrap();
    let redactions = [1, 2].map(|number| redact(&found, number));
    assert_eq!(redactions[0].next(), redactions[1].next());
    let [first, second] = redactions.map(Request::Commit);
    scene.lose_answer(&first, false);
    scene.lose_answer(&second, true);
    scene.call(&Request::Thread("b-1"));
    let report = scene.check();
    assert!(report.is_ok(), "{report}");
    assert_eq!((report.resolved, report.undecided), (1, 1));
}

#[test]
fn l3_an_erasure_of_unknown_outcome_explains_missing_redactions() {
    let scene = Scene::new();
    scene.post(Text::new("b-1", "Hello!", 1));
    scene.call(&Request::Commit(redact(&scene.peek("b-1").unwrap(), 1)));
    scene.lose_answer(&Request::Commit(erase(&scene.peek("b-1").unwrap())), true);
    scene.call(&Request::Redacted { booking: "b-1", after: 0 });
    // No later answer shows the erasure.
    let report = scene.check_now();
    assert!(report.is_ok(), "{report}");
}
