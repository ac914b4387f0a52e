//! Invalid rows and damaged pages: reads return a typed error that names the thread, never
//! panic, and leave other threads usable.

use std::error::Error;
use std::fs;

use frontdesk::store::{
    Commit, CommitOutcome, KeyQuery, MessageQuery, Redaction, Revision, StoreError, StoreErrorKind,
    ThreadList, ThreadQuery, ThreadStore,
};
use frontdesk::{BookingId, Role, ThreadId};
use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use futures::executor::block_on;

use crate::fixtures::{
    ALL_NUMBERS, LOCATION, StoreFile, TestMessage, head, post, texts, thread_no,
};
use crate::support::{booking_id, key, location_id, number, operator, participant_id, thread_id};

/// Writes thread `b-1` with a message of each role and a read mark, and thread `b-2`.
async fn write_two_threads(store: &dyn ThreadStore) {
    let question = TestMessage::new("b-1", "Is there parking?").with_key("k-1");
    post(store, question).await;
    post(store, TestMessage::new("b-1", "Yes, there is.").by(operator("u-1"))).await;
    post(store, TestMessage::new("b-2", "Hello!")).await;
}

/// Asserts that a read fails, that the error names the thread and has a cause, and that the
/// cause quotes no message.
#[track_caller]
fn assert_corrupt<T: std::fmt::Debug>(id: &ThreadId, damage: &str, read: Result<T, StoreError>) {
    let error = read.expect_err(damage);
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}: {error:?}");
    assert_eq!(error.thread(), Some(id), "{damage}: {error:?}");
    assert_eq!(error.to_string(), format!("stored data of thread {id} is corrupt"));
    let cause = error.source().expect("the error has a cause").to_string();
    assert!(!cause.contains("parking"), "{damage}: {cause}");
}

/// T8: a read of an invalid head (the stored thread without its messages) fails, and the error
/// names the thread. The read can be of the thread alone, or part of a commit, a list or the feed.
/// Other threads can be read and written.
#[test]
fn t8_an_invalid_head_names_its_thread() {
    for damage in [
        "last_number = -1",
        "created_at = NULL",
        "created_at = 9223372036854775807",
        "first_number = 0",
        "customer_messages = -1",
        "customer_messages = 2147483648",
        "customer_messages = 0, operator_messages = 0",
        "last_role = NULL",
        "last_role = 7",
        "last_at = -9223372036854775808",
        "preview = NULL",
        "preview = 'a' || char(10) || 'b'",
        "preview = printf('%.2049c', 'x')",
        "preview = CAST(x'ff' AS TEXT)",
        "customer_number = 99",
        "customer_furthest = 0",
        "operator_covered = 99",
        "operator_number = -1",
        "operator_set_at = NULL",
        "operator_set_at = 9223372036854775807",
        "waiting_since = 9223372036854775807",
        "linked_to = ''",
        "linked_to = 'two words'",
        "redactions = -1",
        "redactions = 2147483648",
        "code = char(1)",
        "code = NULL",
        "activity = printf('%.513c', 'x')",
        "starts_at = 9223372036854775807",
        "duration_secs = -1",
        "duration_secs = 2147483648",
        "status = char(7)",
        "customer_name = printf('%.513c', 'x')",
        "profile = 'two words'",
    ] {
        let (file, id) = (StoreFile::new(), thread_id(LOCATION, "b-1"));
        let store = file.open();
        block_on(async {
            write_two_threads(&store).await;
            file.run_sql(&format!("UPDATE head SET {damage} WHERE booking = 'b-1'"));
            let location = location_id(LOCATION);
            assert_corrupt(&id, damage, store.thread(&id).await);
            let both = [booking_id("b-2"), booking_id("b-1")];
            assert_corrupt(&id, damage, store.heads(&location, &both).await);
            let commit = TestMessage::new("b-1", "Hi").commit(None);
            assert_corrupt(&id, damage, store.commit(commit).await);
            let all = ThreadQuery::new(&location, ThreadList::All(None), 9);
            assert_corrupt(&id, damage, store.threads(&all).await);
            assert_corrupt(&id, damage, store.changes(&location, Revision::ZERO, 9).await);

            post(&store, TestMessage::new("b-2", "Still here?")).await;
            assert_eq!(texts(&store, "b-2").await, ["Hello!", "Still here?"], "{damage}");
        });
    }
}

/// T8: an invalid revision of a head is found before a commit writes anything.
#[test]
fn t8_an_invalid_revision_names_its_thread() {
    for damage in ["revision = -1", "revision = 9007199254740992"] {
        let (file, id) = (StoreFile::new(), thread_id(LOCATION, "b-1"));
        let store = file.open();
        block_on(async {
            write_two_threads(&store).await;
            file.run_sql(&format!("UPDATE head SET {damage} WHERE booking = 'b-1'"));
            assert_corrupt(&id, damage, store.thread(&id).await);
            let commit = TestMessage::new("b-1", "Hi").commit(None);
            assert_corrupt(&id, damage, store.commit(commit).await);
            post(&store, TestMessage::new("b-2", "Still here?")).await;
        });
    }
}

/// T8: an invalid tombstone names its thread.
#[test]
fn t8_an_invalid_tombstone_names_its_thread() {
    let (file, id) = (StoreFile::new(), thread_id(LOCATION, "b-1"));
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        let damage = "newest_first = NULL, unread = NULL, last_number = -1";
        file.run_sql(&format!("UPDATE head SET {damage} WHERE booking = 'b-1'"));
        assert_corrupt(&id, damage, store.thread(&id).await);
        let changes = store.changes(&location_id(LOCATION), Revision::ZERO, 9).await;
        assert_corrupt(&id, damage, changes);
    });
}

/// T8: a read of an invalid message, in the history or by key, fails, and the error names the
/// thread. The head of this thread and other threads can be read.
#[test]
fn t8_an_invalid_message_names_its_thread() {
    for damage in [
        "bits = 0",
        "bits = -1",
        "bits = 2 << 2",
        "participant_no = 7",
        "body = ''",
        "body = 'parking' || char(1)",
        "body = CAST(x'ff' AS TEXT)",
        "body = printf('%.1048577c', 'x')",
        "sent_after = 9223372036854775807",
        "sent_after = 9000000000000000000",
        "revision = -1",
        "revision = 9007199254740992",
        "bits = bits | (1 << 33)",
    ] {
        assert_message_is_corrupt(damage, |thread_no| {
            format!("UPDATE message SET {damage} WHERE thread_no = {thread_no} AND number = 1")
        });
    }
    for damage in [
        "role = 7",
        "role = -1",
        "author = ''",
        "author = printf('%.129c', 'x')",
        "name = char(1)",
        "name = printf('%.513c', 'x')",
    ] {
        assert_message_is_corrupt(damage, |thread_no| {
            format!("UPDATE participant SET {damage} WHERE thread_no = {thread_no} AND role = 0")
        });
    }
    assert_message_is_corrupt("missing participant", |thread_no| {
        format!("DELETE FROM participant WHERE thread_no = {thread_no}")
    });
}

/// Runs the SQL statement that `damage` returns for thread `b-1`, and asserts that its first message
/// is corrupt.
#[track_caller]
fn assert_message_is_corrupt(damage: &str, sql: impl Fn(i64) -> String) {
    let (file, id) = (StoreFile::new(), thread_id(LOCATION, "b-1"));
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        file.run_sql(&sql(thread_no(&file, "b-1")));
        for query in [
            MessageQuery::oldest_first(&id, ALL_NUMBERS, 9),
            MessageQuery::newest_first(&id, ALL_NUMBERS, 9),
        ] {
            assert_corrupt(&id, damage, store.messages(&query).await);
        }
        let (author, key) = (&participant_id("c-1"), &key("k-1"));
        let query = KeyQuery { thread: &id, role: Role::Customer, author, key };
        assert_corrupt(&id, damage, store.message_by_key(&query).await);
        let retry = TestMessage::new("b-1", "Is there parking?").with_key("k-1").commit(None);
        assert_corrupt(&id, damage, store.commit(retry).await);

        assert!(head(&store, "b-1").await.is_some());
        assert_eq!(texts(&store, "b-2").await, ["Hello!"], "{damage}");
    });
}

/// Redacting a message that was deleted by hand fails as corrupt and writes nothing.
#[test]
fn a_redaction_of_a_missing_message_is_corrupt() {
    let (file, id) = (StoreFile::new(), thread_id(LOCATION, "b-1"));
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        let thread_no = thread_no(&file, "b-1");
        file.run_sql(&format!("DELETE FROM message WHERE thread_no = {thread_no} AND number = 1"));
        let found = head(&store, "b-1").await.unwrap();
        let redaction = Redaction { number: number(1), ordinal: 1 };
        let commit = Commit::new(found.state.clone(), Some(&found));
        let result = store.commit(commit.with_redaction(redaction).unwrap()).await;
        assert_corrupt(&id, "missing message", result);
        assert_eq!(head(&store, "b-1").await, Some(found));
    });
}

/// Invalid counts of a location make a list and the feed fail as corrupt.
#[test]
fn invalid_counts_of_a_location_are_corrupt() {
    for damage in ["revision = -5", "revision = 9007199254740992", "unread = -1", "waiting = -1"] {
        let file = StoreFile::new();
        let store = file.open();
        block_on(async {
            write_two_threads(&store).await;
            file.run_sql(&format!("UPDATE location SET {damage}"));
            let location = location_id(LOCATION);
            let error = store.changes(&location, Revision::ZERO, 9).await.expect_err(damage);
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
            let all = ThreadQuery::new(&location, ThreadList::All(None), 9);
            let error = store.threads(&all).await.expect_err(damage);
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
            assert!(head(&store, "b-1").await.is_some());
        });
    }
}

/// Invalid values in the list of locations make the read fail as corrupt.
#[test]
fn an_invalid_location_is_corrupt() {
    for damage in ["revision = -5", "location = 'two words'"] {
        let file = StoreFile::new();
        let store = file.open();
        block_on(async {
            write_two_threads(&store).await;
            file.run_sql(&format!("UPDATE location SET {damage}"));
            let error = store.locations(None, 9).await.expect_err(damage);
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}");
        });
    }
}

/// A location accepts the commit with the highest revision, then refuses further commits.
#[test]
fn a_commit_after_the_highest_revision_is_an_error_and_writes_nothing() {
    let file = StoreFile::new();
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        file.run_sql("UPDATE location SET revision = 9007199254740990");
        let found = head(&store, "b-1").await;
        let highest = TestMessage::new("b-1", "Hi").commit(found.as_ref());
        let outcome = store.commit(highest).await.unwrap().value;
        assert_eq!(outcome, CommitOutcome::Committed(Revision::MAX));
        let found = head(&store, "b-2").await;
        let next = TestMessage::new("b-2", "Hi").commit(found.as_ref());
        let error = store.commit(next).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other);
        assert_eq!(head(&store, "b-2").await, found);
        assert_eq!(texts(&store, "b-2").await, ["Hello!"]);
    });
}

/// After a location's revision was set back by hand, a commit does not replace the thread
/// that already has the next revision.
#[test]
fn a_revision_that_was_set_back_does_not_remove_a_thread() {
    let file = StoreFile::new();
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        file.run_sql("UPDATE location SET revision = 1");
        let found = head(&store, "b-2").await;
        let _ = store.commit(TestMessage::new("b-2", "Hi").commit(found.as_ref())).await;
        assert!(head(&store, "b-1").await.is_some(), "b-1 was removed");
    });
}

/// The number of threads in the file with damaged pages.
const THREADS: usize = 40;

/// If any part of the file is overwritten, each read returns a value or a typed error. No read
/// panics or blocks.
#[test]
fn a_damaged_page_is_a_typed_error() {
    let file = StoreFile::new();
    let store = file.open();
    block_on(async {
        write_two_threads(&store).await;
        for number in 0..THREADS {
            let text = "word ".repeat(200);
            post(&store, TestMessage::new(&format!("b-{number}"), &text)).await;
        }
    });
    drop(store);
    let original = fs::read(file.path()).unwrap();
    let (mut refused, mut corrupt) = (0, 0);
    for (index, from) in (0..original.len()).step_by(1024).enumerate() {
        let mut damaged = original.clone();
        let to = (from + 64 + index * 7 % 900).min(original.len());
        for byte in &mut damaged[from..to] {
            *byte = byte.wrapping_mul(31).wrapping_add(101);
        }
        file.write(&damaged);
        let store = match SqliteStore::open(file.path()) {
            Ok(store) => store,
            Err(SqliteOpenError::Damaged(_) | SqliteOpenError::Foreign) => {
                refused += 1;
                continue;
            }
            Err(SqliteOpenError::Newer { .. }) if from == 0 => continue,
            Err(other) => panic!("byte {from}: {other:?}"),
        };
        for error in block_on(read_errors(&store)) {
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "byte {from}: {error:?}");
            corrupt += 1;
        }
    }
    println!("{refused} files were refused, {corrupt} reads were corrupt");
    assert!(corrupt > 20, "only {corrupt} reads were corrupt");
}

/// Reads everything in every way and returns the errors.
async fn read_errors(store: &SqliteStore) -> Vec<StoreError> {
    let location = location_id(LOCATION);
    let bookings: Vec<BookingId> =
        (0..THREADS).map(|number| booking_id(&format!("b-{number}"))).collect();
    let mut errors = Vec::new();
    for list in [ThreadList::All(None), ThreadList::Unread(None), ThreadList::Waiting(None)] {
        errors.extend(store.threads(&ThreadQuery::new(&location, list, 99)).await.err());
    }
    errors.extend(store.changes(&location, Revision::ZERO, 99).await.err());
    errors.extend(store.heads(&location, &bookings).await.err());
    errors.extend(store.locations(None, 99).await.err());
    for booking in bookings {
        let id = ThreadId::new(location.clone(), booking);
        errors.extend(store.thread(&id).await.err());
        let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, 99);
        errors.extend(store.messages(&query).await.err());
        errors.extend(store.messages(&MessageQuery::redacted_after(&id, 0, 99)).await.err());
        let (author, key) = (&participant_id("c-1"), &key("k-1"));
        let query = KeyQuery { thread: &id, role: Role::Customer, author, key };
        errors.extend(store.message_by_key(&query).await.err());
    }
    errors
}
