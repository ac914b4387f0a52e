//! Interrupted and failed migrations of a file with the first schema.

use std::fs;

use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use futures::executor::block_on;
use rusqlite::Connection;

use crate::first_schema::{assert_content, first_schema_content, first_schema_file};
use crate::fixtures::StoreFile;

/// The migration from the first schema.
const MIGRATION: &str = include_str!("../../src/schema_2.sql");

fn schema_version(connection: &Connection) -> i32 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

/// Returns the statements that create the tables and indexes of a file.
fn schema(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Asserts that the file still has the first schema, and that opening the file migrates it
/// without loss.
#[track_caller]
fn assert_first_schema_is_usable(file: &StoreFile) {
    let connection = file.connect();
    assert_eq!(schema_version(&connection), 1);
    let original = first_schema_file();
    assert_eq!(schema(&connection), schema(&original.connect()));
    let integrity: String =
        connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    drop(connection);

    block_on(assert_content(&file.open(), &first_schema_content()));
    assert_eq!(schema_version(&file.connect()), 2);
}

/// A migrated file and a new file have the same columns and indexes.
#[test]
fn a_migrated_file_has_the_schema_of_a_new_file() {
    let (migrated, new) = (first_schema_file(), StoreFile::new());
    drop((migrated.open(), new.open()));
    assert_eq!(schema(&migrated.connect()), schema(&new.connect()));
}

/// If a process ends during the migration, after any of its statements, the file keeps the first
/// schema.
#[test]
fn an_interrupted_migration_leaves_the_first_schema() {
    let statements: Vec<&str> = MIGRATION.split_inclusive(";\n").collect();
    assert!(statements.len() > 8, "the statements were not found");
    for count in 1..=statements.len() {
        let file = first_schema_file();
        let connection = file.connect();
        // With a small cache, SQLite writes pages to the log before the transaction ends.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA cache_size = 1").unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for statement in &statements[..count] {
            connection.execute_batch(statement).unwrap();
        }
        connection.execute_batch("PRAGMA user_version = 2").unwrap();

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

/// A migration that fails is undone, and the file can be opened once the cause is removed.
#[test]
fn a_failed_migration_leaves_the_first_schema() {
    let file = first_schema_file();
    // The last statement of the migration creates an index with this name.
    file.run_sql("CREATE TABLE message_redaction (x)");
    let error = SqliteStore::open(file.path()).expect_err("the name of the index is taken");
    assert!(matches!(error, SqliteOpenError::Unavailable(_)), "{error:?}");
    file.run_sql("DROP TABLE message_redaction");
    assert_first_schema_is_usable(&file);
}
