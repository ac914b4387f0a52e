use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::errors::SqliteOpenError;

/// What tells our files from others': "fdsk".
const APPLICATION_ID: i32 = 0x6664_736B;

/// The schema, version by version. A file says in `user_version` how many of
/// these it has had; what was released is never changed, only added to.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE location (
        location TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL,
        unread   INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- A head, or a tombstone: then every column after last_number is NULL.
    CREATE TABLE thread (
        location     TEXT NOT NULL,
        booking      TEXT NOT NULL,
        revision     INTEGER NOT NULL,
        last_number  INTEGER NOT NULL,
        -- The negative time of activity, so that one index goes one way.
        newest_first INTEGER,
        awaits       INTEGER,
        created_at   INTEGER,
        first_number INTEGER,
        by_customer  INTEGER,
        by_operator  INTEGER,
        last_role    INTEGER,
        last_at      INTEGER,
        preview      TEXT,
        preview_cut  INTEGER,
        customer_number INTEGER, customer_covered INTEGER,
        customer_furthest INTEGER, customer_set_at INTEGER,
        operator_number INTEGER, operator_covered INTEGER,
        operator_furthest INTEGER, operator_set_at INTEGER,
        code          TEXT,
        activity      TEXT,
        starts_at     INTEGER,
        duration_secs INTEGER,
        status        TEXT,
        customer_name TEXT,
        profile       TEXT,
        -- Replaces its own row alone, never one that has the same revision.
        PRIMARY KEY (location, booking) ON CONFLICT REPLACE
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX thread_feed ON thread (location, revision);
    CREATE INDEX thread_inbox ON thread (location, newest_first, booking)
        WHERE newest_first IS NOT NULL;
    CREATE INDEX thread_unread ON thread (location, newest_first, booking)
        WHERE awaits = 1;

    CREATE TABLE message (
        location TEXT NOT NULL,
        booking  TEXT NOT NULL,
        number   INTEGER NOT NULL,
        ordinal  INTEGER NOT NULL,
        role     INTEGER NOT NULL,
        author   TEXT NOT NULL,
        name     TEXT,
        body     TEXT NOT NULL,
        sent_at  INTEGER NOT NULL,
        PRIMARY KEY (location, booking, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE idempotency_key (
        location TEXT NOT NULL,
        booking  TEXT NOT NULL,
        role     INTEGER NOT NULL,
        author   TEXT NOT NULL,
        key      TEXT NOT NULL,
        number   INTEGER NOT NULL,
        PRIMARY KEY (location, booking, role, author, key)
    ) STRICT, WITHOUT ROWID;
"];

/// Whether it is a file of ours, or an empty one; changes nothing.
pub(super) fn check(connection: &mut Connection) -> Result<(), SqliteOpenError> {
    version(&connection.transaction()?)?;
    Ok(())
}

/// Makes the schema in an empty file, or brings an older one up to date.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), SqliteOpenError> {
    // Only one process at a time goes on from here.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    for migration in &MIGRATIONS[done..] {
        transaction.execute_batch(migration)?;
    }
    if done < MIGRATIONS.len() {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", known())?;
    }
    transaction.commit()?;
    Ok(())
}

fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// How many of the migrations a file has had: none, an empty one.
fn version(transaction: &Transaction<'_>) -> Result<usize, SqliteOpenError> {
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let is_new = application == 0 && version == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(SqliteOpenError::Foreign);
    }
    let known = known();
    if version > known {
        return Err(SqliteOpenError::Newer { found: version, known });
    }
    usize::try_from(version).map_err(|_| SqliteOpenError::Foreign)
}
