//! Opening a file: creation, refused files, locks, and several stores on one file.

use std::error::Error;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{fs, thread};

use frontdesk::store::{MessageQuery, StoreErrorKind, ThreadStore};
use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::fixtures::{
    ALL_NUMBERS, LOCATION, StoreFile, TestMessage, messages, post, read_location, texts,
};
use crate::support::thread_id;

#[track_caller]
fn open_error(file: &StoreFile) -> SqliteOpenError {
    SqliteStore::open(file.path()).expect_err("the file must be refused")
}

/// Returns a closed file with one thread.
fn file_with_one_thread() -> StoreFile {
    let file = StoreFile::new();
    let store = file.open();
    block_on(post(&store, TestMessage::new("b-1", "Hello!")));
    file
}

/// A database of another program is refused and not changed, whatever it contains.
#[test]
fn a_database_of_another_program_is_refused_and_not_changed() {
    for other_program in [
        "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')",
        "CREATE TABLE thread (location TEXT, booking TEXT)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)",
        "PRAGMA application_id = 7; PRAGMA user_version = 99; CREATE TABLE notes (text TEXT)",
    ] {
        let file = StoreFile::new();
        file.run_sql(other_program);
        let before = file.read_folder();
        let error = open_error(&file);
        assert!(matches!(error, SqliteOpenError::Foreign), "{other_program}: {error:?}");
        assert_eq!(error.to_string(), "the file is a database of another program");
        assert!(file.read_folder() == before, "the file was changed: {other_program}");
    }
}

/// A path that names an in-memory or temporary database is refused, because each connection of
/// the store would open a separate database.
#[test]
fn a_path_of_an_in_memory_or_temporary_database_is_refused() {
    for path in ["", ":memory:", "file::memory:", "file:desk?mode=memory"] {
        let error = SqliteStore::open(path).expect_err("the path must be refused");
        assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{path}: {error:?}");
    }
}

#[test]
fn every_busy_timeout_is_accepted() {
    for timeout in [Duration::ZERO, Duration::from_secs(30 * 24 * 3600), Duration::MAX] {
        let file = StoreFile::new();
        let store = SqliteStore::builder().busy_timeout(timeout).open(file.path()).unwrap();
        block_on(post(&store, TestMessage::new("b-1", "Hello!")));
    }
}

/// A file with a newer schema is refused and not changed. The error names both versions.
#[test]
fn the_error_for_a_newer_schema_names_both_versions() {
    let file = file_with_one_thread();
    let version = |connection: &Connection| -> i32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let current = version(&file.connect());
    file.run_sql(&format!("PRAGMA user_version = {}", current + 1));
    let before = file.read_folder();

    let error = open_error(&file);
    assert!(
        matches!(error, SqliteOpenError::Newer { found, known } if (found, known) == (current + 1, current)),
        "{error:?}"
    );
    let expected = format!("the file has schema version {}, newer than {current}", current + 1);
    assert_eq!(error.to_string(), expected);
    assert!(file.read_folder() == before, "the file was changed");

    file.run_sql(&format!("PRAGMA user_version = {current}"));
    assert_eq!(block_on(texts(&file.open(), "b-1")), ["Hello!"]);
}

/// A file that is not a database is refused and not changed. The error contains the cause.
#[test]
fn a_file_that_is_not_a_database_is_refused_and_not_changed() {
    let noise: Vec<u8> =
        (0..65_536_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for bytes in
        [&b"Dear Sir or Madam, this is a letter.\n".repeat(100)[..], &noise, b"SQLite format 3"]
    {
        let file = StoreFile::new();
        file.write(bytes);
        let error = open_error(&file);
        assert!(matches!(error, SqliteOpenError::Damaged(_)), "{error:?}");
        assert!(error.source().is_some());
        assert_eq!(error.to_string(), "the file is not an SQLite database or is damaged");
        assert_eq!(fs::read(file.path()).unwrap(), bytes, "the file was changed");
    }
}

/// A file with a damaged header is refused. Once the header is restored, the store reads the
/// stored message.
#[test]
fn a_damaged_header_is_refused() {
    let file = file_with_one_thread();
    let original = fs::read(file.path()).unwrap();
    // The ranges of the magic string, of the page size, and of the whole header, which includes
    // the schema format.
    for (from, to) in [(0, 16), (16, 18), (0, 100)] {
        let mut damaged = original.clone();
        damaged[from..to].fill(0xA5);
        file.write(&damaged);
        let error = open_error(&file);
        assert!(matches!(error, SqliteOpenError::Damaged(_)), "{from}..{to}: {error:?}");
        file.write(&original);
        assert_eq!(block_on(texts(&file.open(), "b-1")), ["Hello!"]);
    }
}

/// If a file is truncated, opening it or reading from it fails, and the error reports the damage.
/// A read that succeeds returns all messages.
#[test]
fn a_truncated_file_is_damaged() {
    let file = file_with_one_thread();
    let (original, id) = (fs::read(file.path()).unwrap(), thread_id(LOCATION, "b-1"));
    let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, 9);
    let mut damaged = 0;
    // The lengths start at 2, because SQLite treats a file of one byte as empty.
    for length in (2..original.len()).step_by(509) {
        file.write(&original[..length]);
        match SqliteStore::open(file.path()) {
            Err(SqliteOpenError::Damaged(_)) => damaged += 1,
            Err(other) => panic!("{length} bytes: {other:?}"),
            Ok(store) => match block_on(store.messages(&query)) {
                Ok(messages) => assert_eq!(messages.value.len(), 1, "{length} bytes"),
                Err(error) => {
                    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{length} bytes");
                    damaged += 1;
                }
            },
        }
    }
    println!("{damaged} of {} files were reported as damaged", original.len() / 509);
    assert!(damaged > original.len() / 509 / 2);
}

#[test]
fn a_path_where_no_file_can_exist_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing").join("desk.sqlite"), folder.path().to_owned()] {
        let error = SqliteStore::open(&path).expect_err("the file cannot exist");
        assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
        assert_eq!(error.to_string(), "the file cannot be opened");
        assert!(error.source().is_some());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a file was created");
}

/// A file that another process keeps locked is unavailable after the busy timeout.
#[test]
fn a_file_that_stays_locked_is_unavailable() {
    let file = file_with_one_thread();
    let lock = file.lock();
    let open = || SqliteStore::builder().busy_timeout(Duration::from_millis(50)).open(file.path());
    let start = Instant::now();
    let error = open().expect_err("the file is locked");
    assert!(start.elapsed() < Duration::from_secs(3), "the store waited longer than the timeout");
    assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
    drop(lock);
    open().unwrap();
}

/// If another connection reads or writes an empty file, opening a store on this file waits for
/// the other connection and then succeeds.
#[test]
fn opening_waits_for_other_connections() {
    for other_transaction in ["BEGIN; SELECT count(*) FROM sqlite_schema", "BEGIN IMMEDIATE"] {
        let file = StoreFile::new();
        file.write(b"");
        let other = file.connect();
        other.execute_batch(other_transaction).unwrap();
        thread::scope(|scope| {
            let opening = scope.spawn(|| file.open());
            thread::sleep(Duration::from_millis(200));
            assert!(!opening.is_finished(), "the store did not wait for: {other_transaction}");
            drop(other);
            let store = opening.join().unwrap();
            block_on(post(&store, TestMessage::new("b-1", "Hello!")));
        });
    }
}

/// An empty file, and a file with the store's application id but no table, become stores.
#[test]
fn a_file_without_tables_is_migrated() {
    let empty = StoreFile::new();
    empty.write(b"");
    let marked = StoreFile::new();
    let other = file_with_one_thread();
    let application_id: i32 =
        other.connect().pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    marked.run_sql(&format!("PRAGMA application_id = {application_id}"));
    for file in [empty, marked] {
        let store = file.open();
        block_on(post(&store, TestMessage::new("b-1", "Hello!")));
        drop(store);
        assert_eq!(block_on(texts(&file.open(), "b-1")), ["Hello!"]);
    }
}

/// Opening a file with the current schema does not write to it.
#[test]
fn opening_again_changes_nothing() {
    let file = file_with_one_thread();
    let before = file.read_folder();
    for _ in 0..3 {
        drop(file.open());
    }
    assert!(file.read_folder() == before);
}

/// Stores that open a new file at the same time share its content.
#[test]
fn several_stores_open_a_new_file_at_once() {
    const STORES: usize = 8;
    for _ in 0..10 {
        let (file, start) = (StoreFile::new(), Barrier::new(STORES));
        thread::scope(|scope| {
            for number in 0..STORES {
                let (file, start) = (&file, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = SqliteStore::builder().readers(1).open(file.path()).unwrap();
                    block_on(post(&store, TestMessage::new(&format!("b-{number}"), "Hello!")));
                });
            }
        });
        let changes = block_on(read_location(&file.open())).changes;
        assert_eq!((changes.changed.len(), changes.counts.unread), (STORES, STORES as u64));
    }
}

/// Two stores on one file in one process see each other's commits at once.
#[test]
fn two_stores_on_one_file_see_each_others_commits() {
    let file = StoreFile::new();
    let (first, second) = (file.open(), file.open());
    for number in 0..20_u32 {
        let (writer, reader) =
            if number.is_multiple_of(2) { (&first, &second) } else { (&second, &first) };
        let message = TestMessage::new("b-1", &format!("message {number}"));
        let revision = block_on(post(writer, message));
        assert_eq!(block_on(messages(reader, "b-1")).len(), number as usize + 1);
        assert_eq!(block_on(read_location(reader)).changes.counts.revision, revision);
    }
    drop(first);
    assert_eq!(block_on(messages(&second, "b-1")).len(), 20);
}
