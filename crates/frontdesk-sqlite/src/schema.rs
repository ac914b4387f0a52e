use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::migration;
use crate::open_error::{OpenError, SqliteOpenError};

/// The application id of the store's files: "fdsk".
const APPLICATION_ID: i32 = 0x6664_736B;

/// The schema as a sequence of migrations. The `user_version` of a file is the number of
/// migrations that were begun in the file. The migration to the third schema continues in steps,
/// which [`migration::run`] takes.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// Checks that a file is empty or belongs to a store of a supported version. The check writes
/// nothing.
pub(super) fn check(connection: &mut Connection) -> Result<(), OpenError> {
    begun_migrations(&connection.transaction()?)?;
    Ok(())
}

/// Brings the schema of a file up to date. The time of each transaction does not depend on the
/// size of the file.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    migration::take_turn(connection, begin)?;
    migration::run(connection)
}

/// Applies the missing migrations in one transaction, without the rows of the tables.
fn begin(connection: &mut Connection) -> Result<(), OpenError> {
    // IMMEDIATE locks the file, so that only one process changes its schema.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let begun = begun_migrations(&transaction)?;
    for migration in &MIGRATIONS[begun..] {
        transaction.execute_batch(migration)?;
    }
    if begun < MIGRATIONS.len() {
        migration::begin(&transaction, begun)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", newest_version())?;
    }
    transaction.commit()?;
    Ok(())
}

fn newest_version() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

/// Returns the number of migrations that were begun in a file. For an empty file this is 0.
fn begun_migrations(transaction: &Transaction<'_>) -> Result<usize, OpenError> {
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let is_empty = application == 0 && version == 0 && tables == 0;
    if !is_empty && application != APPLICATION_ID {
        return Err(SqliteOpenError::Foreign.into());
    }
    let known = newest_version();
    if version > known {
        return Err(SqliteOpenError::Newer { found: version, known }.into());
    }
    usize::try_from(version).map_err(|_| SqliteOpenError::Foreign.into())
}
