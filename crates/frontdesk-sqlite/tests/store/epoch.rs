//! The epoch of a file (P7).

use std::fs;

use frontdesk::store::{Epoch, ThreadStore};
use frontdesk_sqlite::Synchronous::{self, Full, Normal};
use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use futures::executor::block_on;

use crate::fixtures::{LOCATION, StoreFile, TestMessage, post};
use crate::support::thread_id;

fn open(file: &StoreFile, synchronous: Synchronous) -> SqliteStore {
    SqliteStore::builder().synchronous(synchronous).open(file.path()).unwrap()
}

fn epoch(store: &SqliteStore) -> Epoch {
    block_on(store.thread(&thread_id(LOCATION, "b-1"))).unwrap().epoch
}

/// Makes the file look as if the machine had started since it was opened.
fn restart_machine(file: &StoreFile) {
    file.run_sql("UPDATE epoch SET normal_since = 'earlier' WHERE normal_since IS NOT NULL");
}

/// Reads the epoch with one store after the other. The machine restarts before each store.
fn epochs_after_restarts(file: &StoreFile, settings: &[Synchronous]) -> Vec<Epoch> {
    let read = |&synchronous| {
        let epoch = epoch(&open(file, synchronous));
        restart_machine(file);
        epoch
    };
    settings.iter().map(read).collect()
}

#[test]
fn p7_a_file_at_full_keeps_its_epoch() {
    let file = StoreFile::new();
    let epochs = epochs_after_restarts(&file, &[Full, Full, Full]);
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0]), "{epochs:?}");
    assert_ne!(epochs[0], epoch(&open(&StoreFile::new(), Full)), "another file");
}

/// A power failure can undo the last commits of each store at NORMAL.
#[test]
fn p7_a_file_at_normal_has_a_new_epoch_after_a_restart_of_the_machine() {
    let file = StoreFile::new();
    // The last store finds a record of FULL.
    let epochs = epochs_after_restarts(&file, &[Full, Normal, Normal, Full, Full]);
    assert_eq!(epochs[0], epochs[1], "FULL has lost nothing");
    assert!(epochs[1] != epochs[2] && epochs[2] != epochs[3] && epochs[1] != epochs[3]);
    assert_eq!(epochs[3], epochs[4], "FULL has lost nothing");
}

/// Without a restart of the machine a power failure has lost nothing.
#[test]
fn p7_all_stores_of_a_file_have_one_epoch_until_the_machine_restarts() {
    let file = StoreFile::new();
    let first = open(&file, Normal);
    let expected = epoch(&first);
    for synchronous in [Full, Normal, Full, Normal] {
        let other = open(&file, synchronous);
        assert_eq!(epoch(&other), expected, "{synchronous:?}");
        block_on(post(&other, TestMessage::new("b-1", "text")));
    }
    assert_eq!(epoch(&first), expected);
}

/// A program can open a copy of a file that was taken before its last commits.
#[test]
fn p7_a_copy_of_a_file_at_normal_has_another_epoch() {
    let (file, copy) = (StoreFile::new(), StoreFile::new());
    let expected = epoch(&open(&file, Normal));
    fs::copy(file.path(), copy.path()).unwrap();
    assert_ne!(epoch(&open(&copy, Normal)), expected);
    assert_eq!(epoch(&open(&file, Normal)), expected);
}

#[test]
fn a_file_without_an_epoch_is_damaged() {
    let file = StoreFile::new();
    drop(file.open());
    file.run_sql("DELETE FROM epoch");
    let error = SqliteStore::open(file.path()).unwrap_err();
    assert!(matches!(error, SqliteOpenError::Damaged(_)), "{error:?}");
}
