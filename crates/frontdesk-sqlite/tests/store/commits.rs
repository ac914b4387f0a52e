//! Commits that share a transaction: each is written completely or not at all.

use std::time::{Duration, Instant};
use std::{fs, thread};

use frontdesk::store::{
    Commit, CommitOutcome, KeyQuery, Revision, StoreError, StoreErrorKind, ThreadList, ThreadStore,
    VersionedThread,
};
use frontdesk::{DisplayName, MessageNumber, Participant, Role};
use frontdesk_sql::KeyDigest;
use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;
use futures::future::{join, join_all};
use futures::poll;

use crate::fixtures::{
    LOCATION, StoreFile, TestMessage, head, messages, post, read_list, read_location, text, texts,
    thread_no,
};
use crate::support::{at, customer, key, location_id, participant_id, thread_id};

type CommitResult = Result<CommitOutcome, StoreError>;

/// Counts the transactions in the write-ahead log. Each transaction ends with a commit frame; see
/// <https://sqlite.org/fileformat2.html#walformat>.
fn count_transactions(file: &StoreFile) -> usize {
    let log = fs::read(file.path().with_extension("sqlite-wal")).unwrap();
    let word = |from: usize| u32::from_be_bytes(log[from..from + 4].try_into().unwrap());
    let frame_size = 24 + word(8) as usize;
    let frames = (32..).step_by(frame_size).take_while(|from| from + frame_size <= log.len());
    // A frame whose salt differs from the salt in the header belongs to an earlier log.
    frames.filter(|&from| word(from + 8) == word(16) && word(from + 4) != 0).count()
}

/// Queues all commits while the file is locked, so that the writer finds them at the same
/// time, and returns their results.
fn commit_at_once(
    file: &StoreFile,
    store: &SqliteStore,
    commits: Vec<Commit>,
) -> Vec<CommitResult> {
    let lock = file.lock();
    let all = join_all(commits.into_iter().map(|commit| store.commit(commit)));
    let (answers, ()) = block_on(join(all, async { drop(lock) }));
    answers.into_iter().map(|answer| answer.map(|answer| answer.value)).collect()
}

/// The number of threads that [`start_threads`] makes.
const THREADS: usize = 60;

fn booking_name(number: usize) -> String {
    format!("b-{number}")
}

/// Starts threads with one message each, sent with the key `k-1`, and returns their heads.
fn start_threads(store: &SqliteStore) -> Vec<Option<VersionedThread>> {
    block_on(async {
        let mut heads = Vec::new();
        for number in 0..THREADS {
            let booking = booking_name(number);
            post(store, TestMessage::new(&booking, "first").with_key("k-1")).await;
            heads.push(head(store, &booking).await);
        }
        heads
    })
}

/// Builds the second message of a thread, with the key `k-2`.
fn second_message(number: usize) -> TestMessage {
    TestMessage::new(&booking_name(number), "second").with_key("k-2")
}

/// A commit that conflicts or has a used key does not affect the other commits, although all
/// commits share a few transactions.
#[test]
fn a_conflict_does_not_affect_other_commits() {
    let file = StoreFile::new();
    let store = file.open();
    let heads = start_threads(&store);
    let commits = heads.iter().enumerate().flat_map(|(number, found)| {
        let (booking, found) = (booking_name(number), found.as_ref());
        [
            TestMessage::new(&booking, "without a head").commit(None),
            second_message(number).commit(found),
            TestMessage::new(&booking, "late").with_key("k-3").commit(found),
            TestMessage::new(&booking, "again").with_key("k-2").commit(found),
        ]
    });
    let before = count_transactions(&file);
    let results = commit_at_once(&file, &store, commits.collect());
    let transactions = count_transactions(&file) - before;

    let last_number =
        |stored: &VersionedThread| stored.state.live().map(|thread| thread.last_number().get());
    let mut revisions = Vec::new();
    for (results, found) in results.chunks(4).zip(&heads) {
        let [without_head, second, late, again] = results else { panic!("not four results") };
        assert!(
            matches!(without_head, Ok(CommitOutcome::Conflict(current)) if current == found),
            "{without_head:?}"
        );
        match second {
            Ok(CommitOutcome::Committed(revision)) => revisions.push(*revision),
            other => panic!("the second message must be written, but the result is {other:?}"),
        }
        assert!(
            matches!(late, Ok(CommitOutcome::Conflict(Some(current))) if last_number(current) == Some(2)),
            "{late:?}"
        );
        assert!(
            matches!(again, Ok(CommitOutcome::KeyTaken { index: 0, message }) if text(message) == "second"),
            "{again:?}"
        );
    }
    assert!(revisions.is_sorted_by(|one, next| one < next), "{revisions:?}");
    block_on(async {
        for number in 0..THREADS {
            assert_eq!(texts(&store, &booking_name(number)).await, ["first", "second"]);
        }
        let changes = read_location(&store).await.changes;
        assert_eq!((changes.changed.len(), changes.counts.unread), (THREADS, THREADS as u64));
        assert_eq!(Some(&changes.counts.revision), revisions.last());
    });
    println!("{} commits shared {transactions} transactions", 4 * THREADS);
    assert!((1..=3).contains(&transactions), "{transactions} transactions");
}

/// A commit that fails after its first write leaves nothing behind. The other commits of the
/// same transaction are written.
#[test]
fn a_failed_commit_leaves_nothing_and_does_not_affect_others() {
    let file = StoreFile::new();
    let store = file.open();
    let heads = start_threads(&store);
    // b-20 already has a message with the next number. A trigger refuses the message of b-40.
    // The key of b-30 is taken by a message without an author. The head of b-50 is invalid.
    let [b_20, b_30, b_40] = ["b-20", "b-30", "b-40"].map(|booking| thread_no(&file, booking));
    let taken = thread_id(LOCATION, "b-30");
    let taken = KeyDigest::of(&KeyQuery::new(&taken, &customer("c-1"), &key("k-2")));
    let taken = u128::from_be_bytes(taken.to_bytes());
    file.run_sql(&format!(
        "INSERT INTO message (id, bits, participant_no, body, sent_after, revision)
         SELECT id + 1, 2 << 2, participant_no, body, sent_after, revision
         FROM message WHERE thread_no = {b_20};
         CREATE TRIGGER refused AFTER INSERT ON message
         WHEN NEW.id >> 31 = {b_40} BEGIN SELECT RAISE(ABORT, 'refused'); END;
         UPDATE message SET key_digest = x'{taken:032x}', participant_no = 7
         WHERE thread_no = {b_30};
         UPDATE head SET operator_number = 99 WHERE booking = 'b-50'",
    ));
    let commits = heads.iter().enumerate().map(|(number, found)| {
        let found = if number == 50 { None } else { found.as_ref() };
        second_message(number).commit(found)
    });
    let results = commit_at_once(&file, &store, commits.collect());

    for (number, result) in results.iter().enumerate() {
        match (number, result) {
            (20 | 40, Err(error)) => assert_eq!(error.kind(), StoreErrorKind::Other),
            (30 | 50, Err(error)) => {
                assert_eq!(error.kind(), StoreErrorKind::Corrupt);
                assert_eq!(error.thread(), Some(&thread_id(LOCATION, &booking_name(number))));
            }
            (20 | 30 | 40 | 50, Ok(outcome)) => panic!("b-{number} must fail: {outcome:?}"),
            (_, result) => {
                assert!(matches!(result, Ok(CommitOutcome::Committed(_))), "{result:?}");
            }
        }
    }
    block_on(async {
        for number in (0..THREADS).filter(|number| ![20, 30, 40, 50].contains(number)) {
            assert_eq!(texts(&store, &booking_name(number)).await, ["first", "second"]);
        }
        for number in [20, 30, 40] {
            assert_eq!(head(&store, &booking_name(number)).await, heads[number], "b-{number}");
        }
        assert_eq!(messages(&store, "b-40").await.len(), 1);
        // Every written commit took the next revision, and the failed commits took none.
        let newest = Revision::try_from(i64::try_from(THREADS + THREADS - 4).unwrap()).unwrap();
        file.run_sql(
            "UPDATE head SET operator_number = 0 WHERE booking = 'b-50';
             UPDATE message SET participant_no = 0 WHERE participant_no = 7",
        );
        let counts = read_location(&store).await.changes.counts;
        assert_eq!((counts.revision, counts.unread), (newest, THREADS as u64));
    });
}

/// SQLite can roll back the whole shared transaction, for example when the disk is full. Then all
/// commits of the transaction fail, no commit is written in part, and the store keeps working.
#[test]
fn a_rolled_back_transaction_fails_all_of_its_commits() {
    let file = StoreFile::new();
    let store = file.open();
    let heads = start_threads(&store);
    file.run_sql(&format!(
        "CREATE TRIGGER rolled_back AFTER INSERT ON message
         WHEN NEW.id >> 31 = {} BEGIN SELECT RAISE(ROLLBACK, 'rolled back'); END",
        thread_no(&file, "b-20"),
    ));
    let commits = heads.iter().enumerate();
    let commits = commits.map(|(number, found)| second_message(number).commit(found.as_ref()));
    let results = commit_at_once(&file, &store, commits.collect());
    file.run_sql("DROP TRIGGER rolled_back");

    assert!(results[20].is_err());
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert!(failed > 1, "the other commits were not in the same transaction");
    block_on(async {
        for (number, result) in results.iter().enumerate() {
            let booking = booking_name(number);
            if let Ok(outcome) = result {
                assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
                assert_eq!(texts(&store, &booking).await, ["first", "second"]);
            } else {
                assert_eq!(head(&store, &booking).await, heads[number], "{booking}");
                assert_eq!(texts(&store, &booking).await, ["first"]);
                let retry = second_message(number).commit(heads[number].as_ref());
                let outcome = store.commit(retry).await.unwrap().value;
                assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
            }
        }
    });
}

/// A commit whose future is dropped before, during or after its execution is written
/// completely or not at all.
#[test]
fn a_dropped_commit_is_written_completely_or_not_at_all() {
    const TRIES: usize = 150;
    let file = StoreFile::new();
    let store = file.open();
    block_on(async {
        for number in 0..TRIES {
            let message = TestMessage::new(&booking_name(number), "first").with_key("k-1");
            let mut commit = store.commit(message.commit(None));
            if number % 3 != 0 {
                let _ = poll!(&mut commit);
                thread::sleep(Duration::from_micros(10 * (number as u64 % 50)));
            }
            drop(commit);
        }
        // The writer runs commits in order, so all earlier commits are done when this commit is.
        post(&store, TestMessage::new("last", "last")).await;

        let content = read_location(&store).await;
        let mut written = 0;
        for number in 0..TRIES {
            let id = thread_id(LOCATION, &booking_name(number));
            let has_head = head(&store, &booking_name(number)).await.is_some();
            let (author, key) = (&participant_id("c-1"), &key("k-1"));
            let query = KeyQuery { thread: &id, role: Role::Customer, author, key };
            let by_key = store.message_by_key(&query).await.unwrap().value;
            let signs = [
                messages(&store, &booking_name(number)).await.len() == 1,
                by_key.is_some(),
                content.changes.changed.iter().any(|changed| *changed.state.id() == id),
                content.inbox.threads.iter().any(|thread| *thread.id() == id),
                content.unread.threads.iter().any(|thread| *thread.id() == id),
            ];
            assert_eq!(signs, [has_head; 5], "b-{number}: the commit is written in part");
            assert!(!has_head || number % 3 != 0, "b-{number} is stored without a poll");
            written += usize::from(has_head);
        }
        assert_eq!(content.changes.counts.unread, written as u64 + 1);
        assert!(written > 0, "no commit was written");
    });
}

/// When a store is dropped, the drop returns only after all waiting commits are written.
#[test]
fn pending_commits_are_written_when_the_store_is_dropped() {
    let file = StoreFile::new();
    let store = file.open();
    let lock = file.lock();
    block_on(async {
        let mut commits: Vec<_> = (0..20)
            .map(|number| store.commit(TestMessage::new(&booking_name(number), "x").commit(None)))
            .collect();
        for commit in &mut commits {
            assert!(poll!(commit).is_pending());
        }
    });
    drop(lock);
    drop(store);
    assert_eq!(block_on(read_location(&file.open())).changes.changed.len(), 20);
}

/// If another connection locks the file for longer than the busy timeout, a write fails as
/// unavailable, and nothing is written. Once the file is unlocked, a retry succeeds.
#[test]
fn writes_to_a_file_that_stays_locked_are_unavailable() {
    let file = StoreFile::new();
    let store =
        SqliteStore::builder().busy_timeout(Duration::from_millis(50)).open(file.path()).unwrap();
    block_on(post(&store, TestMessage::new("b-0", "first").with_key("k-1")));
    let forget = || block_on(store.forget_keys(&location_id(LOCATION), at(1000), 9));
    let lock = file.lock();
    let start = Instant::now();
    let commit = TestMessage::new("b-1", "first").commit(None);
    let error = block_on(store.commit(commit)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert_eq!(forget().unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(3), "the store waited longer than the timeout");
    drop(lock);
    assert_eq!(block_on(head(&store, "b-1")), None);
    block_on(post(&store, TestMessage::new("b-1", "first")));
    assert_eq!(block_on(texts(&store, "b-1")), ["first"]);
    assert_eq!(forget().unwrap().value.removed, 1);
}

/// I3, U4: several stores on one file write at the same time and retry after a conflict. No
/// message is lost, and the numbers have no gap.
#[test]
fn i3_racing_stores_lose_nothing() {
    const STORES: usize = 4;
    const MESSAGES_PER_STORE: usize = 50;
    let file = StoreFile::new();
    thread::scope(|scope| {
        for writer in 0..STORES {
            let store = file.open();
            scope.spawn(move || {
                for number in 0..MESSAGES_PER_STORE {
                    let text = format!("{writer}-{number}");
                    block_on(post_with_retries(&store, "b-1", &text));
                }
            });
        }
    });
    let store = file.open();
    let stored = block_on(messages(&store, "b-1"));
    let numbers: Vec<MessageNumber> = stored.iter().map(|stored| stored.message.number()).collect();
    let without_gaps = (1..=200).map(|number| MessageNumber::new(number).unwrap());
    assert_eq!(numbers, without_gaps.collect::<Vec<_>>());
    let mut texts: Vec<String> = stored.iter().map(text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), STORES * MESSAGES_PER_STORE);
    let page = block_on(read_list(&store, ThreadList::Unread(None)));
    assert_eq!((page.threads.len(), page.counts.unread), (1, 1));
}

async fn post_with_retries(store: &SqliteStore, booking: &str, text: &str) {
    let mut found = head(store, booking).await;
    loop {
        let commit = TestMessage::new(booking, text).with_key(text).commit(found.as_ref());
        match store.commit(commit).await.unwrap().value {
            CommitOutcome::Committed(_) => break,
            CommitOutcome::Conflict(current) => found = current,
            taken @ CommitOutcome::KeyTaken { .. } => panic!("{taken:?}"),
        }
    }
}

/// A history keeps a limited number of authors in memory. A thread of more authors has each message
/// under its author, also if authors share an id.
#[test]
fn a_history_has_the_authors_of_a_thread_with_many() {
    const AUTHORS: usize = 40;
    let store = SqliteStore::open_in_memory().unwrap();
    let author = |number: usize| match number % 4 {
        0 => customer("ann"),
        1 => Participant::operator(participant_id("ann"), None),
        2 => Participant::operator(participant_id("ann"), DisplayName::new("Ann")),
        _ => customer(&format!("c-{}", number / 8 % AUTHORS)),
    };
    let authors: Vec<_> = (0..16 * AUTHORS).map(author).collect();
    for author in &authors {
        block_on(post(&store, TestMessage::new("b-1", "Hello!").by(author.clone())));
    }
    let stored = block_on(messages(&store, "b-1"));
    assert!(stored.iter().map(|stored| stored.message.author()).eq(&authors));
}
