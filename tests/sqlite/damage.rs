//! Rows that were changed by hand, and files that are damaged inside: a typed
//! error that names the thread, never a panic, and the other threads stay.

use std::error::Error;
use std::fs;

use frontdesk::store::{
    CommitOutcome, Direction, Filter, Revision, SqliteOpenError, SqliteStore, StoreError,
    StoreErrorKind, ThreadStore,
};
use frontdesk::{Role, ThreadId};
use futures::executor::block_on;

use crate::disk::{Disk, HERE, WHOLE, head, post, proposal, proposal_of, texts};
use crate::support::{key, operator, place, thread_id, who};

/// `b-1` with a message of each side and a mark, and `b-2`.
async fn two_threads(store: &dyn ThreadStore) {
    post(store, "b-1", "Is there parking?", Some("k-1")).await;
    let found = head(store, "b-1").await;
    let reply = proposal_of(operator("u-1"), found.as_ref(), "b-1", "There is.", None);
    let _ = store.commit(reply).await.unwrap();
    post(store, "b-2", "Hello!", None).await;
}

/// It says that this thread is corrupt, and why, and nothing that was written.
#[track_caller]
fn assert_names<T: std::fmt::Debug>(id: &ThreadId, damage: &str, read: Result<T, StoreError>) {
    let error = read.expect_err(damage);
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}: {error:?}");
    assert_eq!(error.thread(), Some(id), "{damage}: {error:?}");
    assert_eq!(error.to_string(), format!("what is stored of thread {id} is corrupt"));
    let why = error.source().expect("a cause").to_string();
    assert!(!why.contains("parking"), "{damage}: {why}");
}

/// T8: a head that no version of this crate can have written is an error that
/// names its thread, in a read of it, in a commit that looks at it and in a list;
/// the other threads are read and written as before.
#[test]
fn t8_a_head_that_cannot_be_names_its_thread() {
    for damage in [
        "last_number = -1",
        "created_at = NULL",
        "created_at = 9223372036854775807",
        "first_number = 0",
        "by_customer = -1",
        "by_customer = 2147483648",
        "by_customer = 0, by_operator = 0",
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
        let (disk, id) = (Disk::new(), thread_id(HERE, "b-1"));
        let store = disk.store();
        block_on(async {
            two_threads(&store).await;
            disk.change(&format!("UPDATE thread SET {damage} WHERE booking = 'b-1'"));
            assert_names(&id, damage, store.thread(&id).await);
            assert_names(&id, damage, store.commit(proposal(None, "b-1", "Hi", None)).await);
            let here = place(HERE);
            assert_names(&id, damage, store.threads(&here, None, 9, Filter::All).await);
            assert_names(&id, damage, store.changes(&here, Revision::ZERO, 9).await);

            post(&store, "b-2", "Still here?", None).await;
            assert_eq!(texts(&store, "b-2").await, ["Hello!", "Still here?"], "{damage}");
        });
    }
}

/// T8: a revision that cannot be is found too, before anything is written on it.
#[test]
fn t8_a_revision_that_cannot_be_names_its_thread() {
    for damage in ["revision = -1", "revision = 9007199254740992"] {
        let (disk, id) = (Disk::new(), thread_id(HERE, "b-1"));
        let store = disk.store();
        block_on(async {
            two_threads(&store).await;
            disk.change(&format!("UPDATE thread SET {damage} WHERE booking = 'b-1'"));
            assert_names(&id, damage, store.thread(&id).await);
            assert_names(&id, damage, store.commit(proposal(None, "b-1", "Hi", None)).await);
            post(&store, "b-2", "Still here?", None).await;
        });
    }
}

/// T8: a tombstone that cannot be names its thread.
#[test]
fn t8_a_tombstone_that_cannot_be_names_its_thread() {
    let (disk, id) = (Disk::new(), thread_id(HERE, "b-1"));
    let store = disk.store();
    block_on(async {
        two_threads(&store).await;
        let damage = "newest_first = NULL, awaits = NULL, last_number = -1";
        disk.change(&format!("UPDATE thread SET {damage} WHERE booking = 'b-1'"));
        assert_names(&id, damage, store.thread(&id).await);
        assert_names(&id, damage, store.changes(&place(HERE), Revision::ZERO, 9).await);
    });
}

/// T8: a message that cannot be is an error that names its thread, in the history
/// and under its key; its thread's head and the other threads are read as before.
#[test]
fn t8_a_message_that_cannot_be_names_its_thread() {
    for damage in [
        "ordinal = 0",
        "ordinal = 2",
        "role = 7",
        "role = -1",
        "author = ''",
        "author = printf('%.129c', 'x')",
        "name = char(1)",
        "name = printf('%.513c', 'x')",
        "body = 'parking' || char(1)",
        "body = CAST(x'ff' AS TEXT)",
        "body = printf('%.1048577c', 'x')",
        "sent_at = 9223372036854775807",
    ] {
        let (disk, id) = (Disk::new(), thread_id(HERE, "b-1"));
        let store = disk.store();
        block_on(async {
            two_threads(&store).await;
            disk.change(&format!(
                "UPDATE message SET {damage} WHERE booking = 'b-1' AND number = 1"
            ));
            for direction in [Direction::OldestFirst, Direction::NewestFirst] {
                assert_names(&id, damage, store.messages(&id, WHOLE, 9, direction).await);
            }
            let by_key = store.message_by_key(&id, Role::Customer, &who("c-1"), &key("k-1")).await;
            assert_names(&id, damage, by_key);
            let again = proposal(None, "b-1", "Is there parking?", Some("k-1"));
            assert_names(&id, damage, store.commit(again).await);

            assert!(head(&store, "b-1").await.is_some());
            assert_eq!(texts(&store, "b-2").await, ["Hello!"], "{damage}");
        });
    }
}

/// A location's counters that cannot be are corrupt, in a list and in a commit.
#[test]
fn a_locations_counters_that_cannot_be_are_corrupt() {
    for (damage, kind) in [
        ("revision = -5", StoreErrorKind::Corrupt),
        ("unread = -1", StoreErrorKind::Corrupt),
        ("revision = 9007199254740992", StoreErrorKind::Corrupt),
    ] {
        let disk = Disk::new();
        let store = disk.store();
        block_on(async {
            two_threads(&store).await;
            disk.change(&format!("UPDATE location SET {damage}"));
            let error = store.changes(&place(HERE), Revision::ZERO, 9).await.expect_err(damage);
            assert_eq!(error.kind(), kind, "{damage}");
            assert!(head(&store, "b-1").await.is_some());
        });
    }
}

/// A location takes the last revision there is; then it takes no commit, and says so.
#[test]
fn the_last_revision_is_an_error_and_writes_nothing() {
    let disk = Disk::new();
    let store = disk.store();
    block_on(async {
        two_threads(&store).await;
        disk.change("UPDATE location SET revision = 9007199254740990");
        let found = head(&store, "b-1").await;
        let last = store.commit(proposal(found.as_ref(), "b-1", "Hi", None)).await.unwrap();
        assert_eq!(last, CommitOutcome::Committed(Revision::MAX));
        let found = head(&store, "b-2").await;
        let error = store.commit(proposal(found.as_ref(), "b-2", "Hi", None)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other);
        assert_eq!(head(&store, "b-2").await, found);
        assert_eq!(texts(&store, "b-2").await, ["Hello!"]);
    });
}

/// A counter that was set back by hand costs nobody's thread.
#[test]
fn a_counter_that_was_set_back_costs_nobodys_thread() {
    let disk = Disk::new();
    let store = disk.store();
    block_on(async {
        two_threads(&store).await;
        disk.change("UPDATE location SET revision = 1");
        let found = head(&store, "b-2").await;
        let _ = store.commit(proposal(found.as_ref(), "b-2", "Hi", None)).await;
        assert!(head(&store, "b-1").await.is_some(), "b-1 is gone");
    });
}

/// Whatever part of the file is overwritten, the answer is a value or a typed
/// error: no panic, no thread that hangs.
#[test]
fn a_damaged_page_is_a_typed_error() {
    let disk = Disk::new();
    let store = disk.store();
    block_on(async {
        two_threads(&store).await;
        for number in 0..40 {
            post(&store, &format!("b-{number}"), &"word ".repeat(200), None).await;
        }
    });
    drop(store);
    let whole = fs::read(disk.path()).unwrap();
    let (mut refused, mut corrupt) = (0, 0);
    for (index, from) in (0..whole.len()).step_by(1024).enumerate() {
        let mut damaged = whole.clone();
        let to = (from + 64 + index * 7 % 900).min(whole.len());
        for byte in &mut damaged[from..to] {
            *byte = byte.wrapping_mul(31).wrapping_add(101);
        }
        disk.write(&damaged);
        let store = match SqliteStore::open(disk.path()) {
            Ok(store) => store,
            Err(SqliteOpenError::Damaged(_) | SqliteOpenError::Foreign) => {
                refused += 1;
                continue;
            }
            Err(SqliteOpenError::Newer { .. }) if from == 0 => continue,
            Err(other) => panic!("byte {from}: {other:?}"),
        };
        for error in block_on(read_everything(&store)) {
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "byte {from}: {error:?}");
            corrupt += 1;
        }
    }
    println!("{refused} files were refused, {corrupt} reads were corrupt");
    assert!(corrupt > 20, "only {corrupt} reads were corrupt");
}

async fn read_everything(store: &SqliteStore) -> Vec<StoreError> {
    let here = place(HERE);
    let mut errors = Vec::new();
    errors.extend(store.threads(&here, None, 99, Filter::All).await.err());
    errors.extend(store.threads(&here, None, 99, Filter::Unread).await.err());
    errors.extend(store.changes(&here, Revision::ZERO, 99).await.err());
    for number in 0..40 {
        let id = thread_id(HERE, &format!("b-{number}"));
        errors.extend(store.thread(&id).await.err());
        errors.extend(store.messages(&id, WHOLE, 99, Direction::OldestFirst).await.err());
        let by_key = store.message_by_key(&id, Role::Customer, &who("c-1"), &key("k-1")).await;
        errors.extend(by_key.err());
    }
    errors
}
