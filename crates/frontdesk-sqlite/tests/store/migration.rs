//! Migrations of files with older schemas: interrupted, failed, by several stores at once, and of many
//! messages.

use std::error::Error;
use std::sync::Barrier;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use frontdesk::Role;
use frontdesk::store::{KeyQuery, MessageQuery, ThreadStore};
use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::first_schema::{assert_content, first_schema_content, first_schema_file};
use crate::fixtures::{ALL_NUMBERS, LOCATION, StoreFile, text};
use crate::second_schema::{Content, second_schema_file};
use crate::support::{key, participant_id, thread_id};
use crate::third_schema::third_schema_file;

const SCHEMA_1: &str = include_str!("../../src/schema_1.sql");
const SCHEMA_2: &str = include_str!("../../src/schema_2.sql");
const SCHEMA_3: &str = include_str!("../../src/schema_3.sql");
const SCHEMA_4: &str = include_str!("../../src/schema_4.sql");

fn schema_version(connection: &Connection) -> i32 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, (), |row| row.get(0)).unwrap()
}

/// Returns the statements that create the tables and indexes of a file.
fn schema(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[track_caller]
fn assert_intact(connection: &Connection) {
    let integrity: String =
        connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
}

/// Asserts that the file still has the first schema, and that opening the file migrates it
/// without loss.
#[track_caller]
fn assert_first_schema_is_usable(file: &StoreFile) {
    let connection = file.connect();
    assert_eq!(schema_version(&connection), 1);
    let original = first_schema_file();
    assert_eq!(schema(&connection), schema(&original.connect()));
    assert_intact(&connection);
    drop(connection);

    block_on(assert_content(&file.open(), &first_schema_content()));
    assert_eq!(schema_version(&file.connect()), 4);
}

/// A migrated file and a new file have the same columns and indexes.
#[test]
fn a_migrated_file_has_the_schema_of_a_new_file() {
    let new = StoreFile::new();
    drop(new.open());
    for migrated in [first_schema_file(), second_schema_file(), third_schema_file()] {
        drop(migrated.open());
        assert_eq!(schema(&migrated.connect()), schema(&new.connect()));
    }
}

/// If a process ends while it begins the migration, after any of its statements, the file keeps the
/// first schema.
#[test]
fn an_interrupted_beginning_leaves_the_first_schema() {
    let schemas = [SCHEMA_2, SCHEMA_3, SCHEMA_4].into_iter();
    let statements: Vec<&str> = schemas.flat_map(|sql| sql.split_inclusive(";\n")).collect();
    assert!(statements.len() > 20, "the statements were not found");
    for count in 1..=statements.len() {
        let file = first_schema_file();
        let connection = file.connect();
        // With a small cache, SQLite writes pages to the log before the transaction ends.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA cache_size = 1").unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for statement in &statements[..count] {
            connection.execute_batch(statement).unwrap();
        }
        connection.execute_batch("PRAGMA user_version = 4").unwrap();

        // Copy the files as a killed process leaves them.
        let killed = StoreFile::new();
        for (name, bytes) in file.read_folder() {
            if !name.ends_with("-shm") {
                fs::write(killed.path().with_file_name(name), bytes).unwrap();
            }
        }
        assert_first_schema_is_usable(&killed);
    }
}

/// A migration continues in a file that a killed process left, whatever it had written. No state
/// between two steps loses or changes anything.
#[test]
fn an_interrupted_migration_continues() {
    let expected = Content::expected();
    let unfinished = continue_after_each_write(&second_schema_file(), |store| {
        assert_eq!(block_on(Content::read(store)), expected);
    });
    for table in ["head", "moved_key", "message"] {
        assert!(unfinished.contains(table), "{unfinished}");
    }
    let expected = first_schema_content();
    continue_after_each_write(&first_schema_file(), |store| {
        block_on(assert_content(store, &expected));
    });
}

/// A store continues the migration that a store of the third schema began.
#[test]
fn a_migration_of_a_store_of_the_third_schema_continues() {
    let file = second_schema_file();
    file.run_sql(&format!(
        "BEGIN; {SCHEMA_3}
         CREATE TABLE migration (from_version INTEGER NOT NULL) STRICT;
         CREATE TABLE moved_key (id INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT;
         INSERT INTO migration VALUES (2);
         PRAGMA user_version = 3; COMMIT;"
    ));
    assert_eq!(block_on(Content::read(&file.open())), Content::expected());
    let new = StoreFile::new();
    drop(new.open());
    assert_eq!(schema(&file.connect()), schema(&new.connect()));
}

/// Migrates a file, and then copies the file with each number of the pages that the migration
/// wrote. Returns the tables that have rows while the migration is not finished.
fn continue_after_each_write(file: &StoreFile, assert_content: impl Fn(&SqliteStore)) -> String {
    let store = file.open();
    let files = file.read_folder();
    drop(store);
    let (database, log) = (&files["desk.sqlite"], &files["desk.sqlite-wal"]);
    let page = 24 + u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
    let mut filled = String::new();
    for end in (32..=log.len()).step_by(page) {
        let killed = StoreFile::new();
        killed.write(database);
        fs::write(killed.path().with_extension("sqlite-wal"), &log[..end]).unwrap();
        let connection = killed.connect();
        if schema(&connection).iter().any(|sql| sql.contains("migration")) {
            for table in ["head", "moved_key", "message"] {
                if count(&connection, &format!("SELECT count(*) FROM {table}")) > 0 {
                    filled.push_str(table);
                }
            }
        }
        drop(connection);
        assert_content(&killed.open());
        assert_intact(&killed.connect());
    }
    filled
}

/// A migration that fails is undone, and the file can be opened once the cause is removed.
#[test]
fn a_failed_migration_leaves_the_first_schema() {
    let file = first_schema_file();
    // The migration creates an index with this name.
    file.run_sql("CREATE TABLE message_redacted (x)");
    let error = SqliteStore::open(file.path()).expect_err("the name of the index is taken");
    assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
    file.run_sql("DROP TABLE message_redacted");
    assert_first_schema_is_usable(&file);
}

/// A message or a key without its thread cannot be moved. The rows stay in the file.
#[test]
fn a_row_without_its_thread_is_damage_and_is_not_lost() {
    for (damage, missing) in [
        ("UPDATE message SET booking = 'unknown' WHERE booking = 'plain'", "the head of a message"),
        (
            "UPDATE idempotency_key SET booking = 'unknown' WHERE booking = 'plain'",
            "the head of a key",
        ),
        ("DELETE FROM message WHERE booking = 'plain'", "the message of a key"),
    ] {
        let file = second_schema_file();
        file.run_sql(damage);
        let rows = count(&file.connect(), "SELECT count(*) FROM message");
        let error = SqliteStore::open(file.path()).expect_err(damage);
        assert!(matches!(error, SqliteOpenError::Damaged(_)), "{damage}: {error:?}");
        assert_eq!(error.source().unwrap().to_string(), format!("{missing} is missing"));
        let sql = "SELECT (SELECT count(*) FROM message) + count(*) FROM message_2";
        assert_eq!(count(&file.connect(), sql), rows);
    }
}

/// The statements of stores of older schemas, which may still be open, fail in a migrated file.
#[test]
fn statements_of_older_stores_fail() {
    let file = second_schema_file();
    drop(file.open());
    for sql in [
        "INSERT INTO message (id, bits, participant_no, digest, body, sent_after, revision) \
         VALUES (1, 0, 0, NULL, 'text', 0, 1)",
        "SELECT body FROM message WHERE digest = x'00'",
        "SELECT revision FROM thread",
        "INSERT INTO thread (location, booking, revision, last_number) VALUES ('l', 'b', 1, 0)",
        "SELECT number FROM message WHERE location = 'harbour'",
        "INSERT INTO message (location, booking, number) VALUES ('l', 'b', 1)",
        "SELECT booking FROM idempotency_key",
    ] {
        file.connect().execute_batch(sql).expect_err(sql);
    }
}

/// The number of messages of a thread in [`large_file`].
const MESSAGES_PER_THREAD: i64 = 20;

/// Writes a file of the second schema with about `messages` messages. One thread has a tenth of
/// them, and the others have [`MESSAGES_PER_THREAD`] messages. Half of the messages have keys.
fn large_file(messages: i64) -> StoreFile {
    let file = StoreFile::new();
    let connection = file.connect();
    let application_id = count(&second_schema_file().connect(), "PRAGMA application_id");
    let threads = messages * 9 / 10 / MESSAGES_PER_THREAD;
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; BEGIN; {SCHEMA_1} {SCHEMA_2}
         CREATE TEMP TABLE size AS
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {threads})
         SELECT printf('b-%06d', i) AS booking, i,
                iif(i = 0, {messages} / 10, {MESSAGES_PER_THREAD}) AS messages FROM n;
         INSERT INTO location (location, revision, unread, waiting)
         VALUES ('{LOCATION}', {threads} + 1, 0, 0);
         INSERT INTO thread (location, booking, revision, last_number, newest_first, unread,
             created_at, first_number, customer_messages, operator_messages, last_role, last_at,
             preview, preview_cut, customer_number, customer_covered, customer_furthest,
             operator_number, operator_covered, operator_furthest, operator_set_at, code,
             activity, duration_secs, status)
         SELECT '{LOCATION}', booking, i + 1, messages, 0, 0, 0, 1, messages, 0, 0, 0, 'text', 0,
                0, 0, 0, messages, messages, messages, 0, 'code', 'activity', 0, 'confirmed'
         FROM size;
         CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
         WITH RECURSIVE n(i) AS
             (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages} / 10)
         INSERT INTO temp.n SELECT i FROM n;
         INSERT INTO message (location, booking, number, ordinal, role, author, name, body,
             sent_at, revision)
         SELECT '{LOCATION}', booking, n.i, n.i, 0, 'author-' || (n.i % 3),
                iif(n.i % 2, 'Ann', NULL), printf('%052d', n.i), 0, 1
         FROM size CROSS JOIN temp.n ON n.i <= size.messages;
         INSERT INTO idempotency_key
         SELECT location, booking, role, author, printf('key-%032d', number), number
         FROM message WHERE number % 2;
         PRAGMA application_id = {application_id}; PRAGMA user_version = 2; COMMIT;"
        ))
        .unwrap();
    file
}

/// Asserts that each message and each key of [`large_file`] is in the migrated file.
fn assert_large_content(file: &StoreFile, messages: i64) {
    let connection = file.connect();
    let moved = "SELECT count(*) FROM message JOIN participant USING (thread_no, participant_no)
                 WHERE body = printf('%052d', number) AND author = 'author-' || (number % 3)
                 AND name IS iif(number % 2, 'Ann', NULL)";
    let expected = messages / 10 + messages * 9 / 10 / MESSAGES_PER_THREAD * MESSAGES_PER_THREAD;
    assert_eq!(count(&connection, moved), expected);
    assert_eq!(count(&connection, "SELECT count(key_digest) FROM message"), expected / 2);
    assert_intact(&connection);
    drop(connection);

    let (store, long) = (file.open(), thread_id(LOCATION, "b-000000"));
    let query = MessageQuery::oldest_first(&long, ALL_NUMBERS, usize::MAX);
    let stored = block_on(store.messages(&query)).unwrap().value;
    assert_eq!(stored.len(), usize::try_from(messages / 10).unwrap());
    for number in [5, messages / 10 - 1] {
        let author = &participant_id(&format!("author-{}", number % 3));
        let (role, key) = (Role::Customer, &key(&format!("key-{number:032}")));
        let found = block_on(store.message_by_key(&KeyQuery { thread: &long, role, author, key }));
        assert_eq!(text(&found.unwrap().value.unwrap()), format!("{number:052}"));
    }
}

/// The migration of many messages needs many steps. `FRONTDESK_MIGRATED_MESSAGES` sets the number
/// of messages.
#[test]
fn a_large_file_is_migrated_in_steps() {
    let messages = env::var("FRONTDESK_MIGRATED_MESSAGES");
    let messages = messages.map_or(20_000, |messages| messages.parse().unwrap());
    let file = large_file(messages);
    let size = fs::metadata(file.path()).unwrap().len();
    let start = Instant::now();
    drop(file.open());
    let (time, migrated) = (start.elapsed(), fs::metadata(file.path()).unwrap().len());
    println!("{messages} messages were migrated in {time:.1?}; {size} bytes became {migrated}");
    assert!(migrated < size * 3 / 2, "the pages of the old tables were not used again");
    assert_large_content(&file, messages);
}

/// A store opens also if another process commits during the whole busy timeout, as a process that
/// migrates the file does.
#[test]
fn a_store_opens_while_another_process_commits() {
    let file = StoreFile::new();
    drop(file.open());
    let other = file.connect();
    other.execute_batch("INSERT INTO location VALUES ('other', 1, 0, 0)").unwrap();
    let begin = || {
        let write = "BEGIN IMMEDIATE; UPDATE location SET revision = revision + 1";
        other.execute_batch(write).unwrap();
    };
    begin();
    thread::scope(|scope| {
        let opened = scope.spawn(|| {
            let builder = SqliteStore::builder().busy_timeout(Duration::from_millis(200));
            builder.open(file.path()).map(drop)
        });
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(1) {
            thread::sleep(Duration::from_millis(20));
            other.execute_batch("COMMIT").unwrap();
            begin();
        }
        other.execute_batch("COMMIT").unwrap();
        opened.join().unwrap().unwrap();
    });
}

/// Several stores that open a file at once take turns to migrate it.
#[test]
fn several_stores_migrate_a_file_at_once() {
    const STORES: usize = 4;
    let (file, start) = (large_file(20_000), Barrier::new(STORES));
    thread::scope(|scope| {
        for _ in 0..STORES {
            scope.spawn(|| {
                start.wait();
                let store = file.open();
                let long = thread_id(LOCATION, "b-000000");
                let query = MessageQuery::newest_first(&long, ALL_NUMBERS, usize::MAX);
                assert_eq!(block_on(store.messages(&query)).unwrap().value.len(), 2_000);
            });
        }
    });
    assert_large_content(&file, 20_000);
}
