//! What opening a file makes, brings up to date and refuses.

use std::error::Error;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{fs, thread};

use frontdesk::store::{Direction, SqliteOpenError, SqliteStore, StoreErrorKind, ThreadStore};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::disk::{Disk, HERE, WHOLE, everything, messages, post, texts};
use crate::support::thread_id;

#[track_caller]
fn refused(disk: &Disk) -> SqliteOpenError {
    SqliteStore::open(disk.path()).expect_err("it should be refused")
}

/// A file with a thread in it, closed.
fn kept() -> Disk {
    let disk = Disk::new();
    let store = disk.store();
    block_on(post(&store, "b-1", "Hello!", None));
    disk
}

/// Another program's file, however it looks, is refused and stays as it is.
#[test]
fn another_programs_file_is_refused_and_not_touched() {
    for theirs in [
        "CREATE TABLE theirs (word TEXT); INSERT INTO theirs VALUES ('kept')",
        "CREATE TABLE thread (location TEXT, booking TEXT)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA journal_mode = WAL; CREATE TABLE theirs (word TEXT)",
        "PRAGMA application_id = 7; PRAGMA user_version = 99; CREATE TABLE theirs (word TEXT)",
    ] {
        let disk = Disk::new();
        disk.change(theirs);
        let before = disk.files();
        let error = refused(&disk);
        assert!(matches!(error, SqliteOpenError::Foreign), "{theirs}: {error:?}");
        assert_eq!(error.to_string(), "the file is another program's database");
        assert!(disk.files() == before, "it was changed: {theirs}");
    }
}

/// What is no file, and would be another database for each of its connections, is
/// refused.
#[test]
fn what_is_no_file_is_refused() {
    for path in ["", ":memory:", "file::memory:", "file:desk?mode=memory"] {
        let error = SqliteStore::open(path).expect_err("it should be refused");
        assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{path}: {error:?}");
    }
}

/// However long it may wait for another process, it opens.
#[test]
fn any_time_to_wait_will_do() {
    for timeout in [Duration::ZERO, Duration::from_secs(30 * 24 * 3600), Duration::MAX] {
        let disk = Disk::new();
        let store = SqliteStore::builder().busy_timeout(timeout).open(disk.path()).unwrap();
        block_on(post(&store, "b-1", "Hello!", None));
    }
}

/// A newer version's file is refused with both versions, and stays as it is.
#[test]
fn a_newer_schema_is_refused_with_both_versions() {
    let disk = kept();
    let version = |sql: &Connection| -> i32 {
        sql.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let current = version(&disk.sql());
    disk.change(&format!("PRAGMA user_version = {}", current + 1));
    let before = disk.files();

    let error = refused(&disk);
    assert!(
        matches!(error, SqliteOpenError::Newer { found, known } if (found, known) == (current + 1, current)),
        "{error:?}"
    );
    let told = format!("the file has schema version {}, newer than {current}", current + 1);
    assert_eq!(error.to_string(), told);
    assert!(disk.files() == before, "it was changed");

    disk.change(&format!("PRAGMA user_version = {current}"));
    assert_eq!(block_on(texts(&disk.store(), "b-1")), ["Hello!"]);
}

/// What is no database is refused, with the cause, and stays as it is.
#[test]
fn what_is_no_database_is_refused_and_not_touched() {
    let noise: Vec<u8> =
        (0..65_536_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for bytes in
        [&b"Dear Sir or Madam, I am a letter.\n".repeat(100)[..], &noise, b"SQLite format 3"]
    {
        let disk = Disk::new();
        disk.write(bytes);
        let error = refused(&disk);
        assert!(matches!(error, SqliteOpenError::Damaged(_)), "{error:?}");
        assert!(error.source().is_some());
        assert_eq!(error.to_string(), "the file is not a database, or is damaged");
        assert_eq!(fs::read(disk.path()).unwrap(), bytes, "it was changed");
    }
}

/// A store's file whose header was overwritten is refused; with the header back,
/// everything is there.
#[test]
fn a_damaged_header_is_refused_and_harms_nothing() {
    let disk = kept();
    let whole = fs::read(disk.path()).unwrap();
    // The magic word, the page size, the schema's format number.
    for (from, to) in [(0, 16), (16, 18), (0, 100)] {
        let mut damaged = whole.clone();
        damaged[from..to].fill(0xA5);
        disk.write(&damaged);
        let error = refused(&disk);
        assert!(matches!(error, SqliteOpenError::Damaged(_)), "{from}..{to}: {error:?}");
        disk.write(&whole);
        assert_eq!(block_on(texts(&disk.store(), "b-1")), ["Hello!"]);
    }
}

/// A file that was cut off is refused on opening or on reading, as what it is;
/// what can still be read is whole.
#[test]
fn a_truncated_file_is_damaged() {
    let disk = kept();
    let (whole, id) = (fs::read(disk.path()).unwrap(), thread_id(HERE, "b-1"));
    let mut damaged = 0;
    // A single byte is an empty file to SQLite, whatever it is.
    for length in (2..whole.len()).step_by(509) {
        disk.write(&whole[..length]);
        match SqliteStore::open(disk.path()) {
            Err(SqliteOpenError::Damaged(_)) => damaged += 1,
            Err(other) => panic!("{length} bytes: {other:?}"),
            Ok(store) => match block_on(store.messages(&id, WHOLE, 9, Direction::OldestFirst)) {
                Ok(said) => assert_eq!(said.len(), 1, "{length} bytes"),
                Err(error) => {
                    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{length} bytes");
                    damaged += 1;
                }
            },
        }
    }
    println!("{damaged} of {} were damaged", whole.len() / 509);
    assert!(damaged > whole.len() / 509 / 2);
}

/// Where no file can be, the cause says so.
#[test]
fn a_place_where_no_file_can_be_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing").join("desk.sqlite"), folder.path().to_owned()] {
        let error = SqliteStore::open(&path).expect_err("there is no file");
        assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
        assert_eq!(error.to_string(), "the file cannot be opened");
        assert!(error.source().is_some());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something was made");
}

/// A file that somebody else keeps locked is unavailable once the builder's
/// timeout is over.
#[test]
fn a_file_that_stays_busy_is_unavailable() {
    let disk = kept();
    let lock = disk.lock();
    let open = || SqliteStore::builder().busy_timeout(Duration::from_millis(50)).open(disk.path());
    let start = Instant::now();
    let error = open().expect_err("it is locked");
    assert!(start.elapsed() < Duration::from_secs(3), "it waited longer than it was told");
    assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
    drop(lock);
    open().unwrap();
}

/// Somebody who reads or writes a file that is not yet a store delays the opening
/// and does not stop it.
#[test]
fn opening_waits_for_others() {
    for busy_with in ["BEGIN; SELECT count(*) FROM sqlite_schema", "BEGIN IMMEDIATE"] {
        let disk = Disk::new();
        disk.write(b"");
        let other = disk.sql();
        other.execute_batch(busy_with).unwrap();
        thread::scope(|scope| {
            let opening = scope.spawn(|| disk.store());
            thread::sleep(Duration::from_millis(200));
            assert!(!opening.is_finished(), "it did not matter: {busy_with}");
            drop(other);
            block_on(post(&opening.join().unwrap(), "b-1", "Hello!", None));
        });
    }
}

/// An empty file, and a file of ours from before its first table, become stores.
#[test]
fn an_older_file_without_tables_is_brought_up_to_date() {
    let empty = Disk::new();
    empty.write(b"");
    let older = Disk::new();
    let application: i32 =
        kept().sql().pragma_query_value(None, "application_id", |row| row.get(0)).unwrap();
    older.change(&format!("PRAGMA application_id = {application}"));
    for disk in [empty, older] {
        let store = disk.store();
        block_on(post(&store, "b-1", "Hello!", None));
        drop(store);
        assert_eq!(block_on(texts(&disk.store(), "b-1")), ["Hello!"]);
    }
}

/// Opening what is up to date changes nothing.
#[test]
fn opening_again_changes_nothing() {
    let disk = kept();
    let before = disk.files();
    for _ in 0..3 {
        drop(disk.store());
    }
    assert!(disk.files() == before);
}

/// However many open a new file at once, each gets the same store.
#[test]
fn many_open_a_new_file_at_once() {
    const MANY: usize = 8;
    for _ in 0..10 {
        let (disk, start) = (Disk::new(), Barrier::new(MANY));
        thread::scope(|scope| {
            for number in 0..MANY {
                let (disk, start) = (&disk, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = SqliteStore::builder().readers(1).open(disk.path()).unwrap();
                    block_on(post(&store, &format!("b-{number}"), "Hello!", None));
                });
            }
        });
        let all = block_on(everything(&disk.store()));
        assert_eq!((all.feed.changed.len(), all.feed.unread), (MANY, MANY as u64));
    }
}

/// Two handles on one file in one process see each other's commits at once.
#[test]
fn two_handles_on_one_file_are_one_store() {
    let disk = Disk::new();
    let (one, other) = (disk.store(), disk.store());
    for number in 0..20_u32 {
        let (writer, reader) =
            if number.is_multiple_of(2) { (&one, &other) } else { (&other, &one) };
        let revision = block_on(post(writer, "b-1", &format!("message {number}"), None));
        assert_eq!(block_on(messages(reader, "b-1")).len(), number as usize + 1);
        assert_eq!(block_on(everything(reader)).feed.revision, revision);
    }
    drop(one);
    assert_eq!(block_on(messages(&other, "b-1")).len(), 20);
}
