use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::errors::{NotOpened, SqliteOpenError};

/// What tells our files from others': "fdsk".
const APPLICATION_ID: i32 = 0x6664_736B;

/// The schema, version by version. A file says in `user_version` how many of
/// these it has had; what was released is never changed, only added to.
const MIGRATIONS: [&str; 1] = [include_str!("schema_1.sql")];

/// Whether it is a file of ours, or an empty one; changes nothing.
pub(super) fn check(connection: &mut Connection) -> Result<(), NotOpened> {
    version(&connection.transaction()?)?;
    Ok(())
}

/// Makes the schema in an empty file, or brings an older one up to date.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), NotOpened> {
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
fn version(transaction: &Transaction<'_>) -> Result<usize, NotOpened> {
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    let is_new = application == 0 && version == 0 && tables == 0;
    if !is_new && application != APPLICATION_ID {
        return Err(SqliteOpenError::Foreign.into());
    }
    let known = known();
    if version > known {
        return Err(SqliteOpenError::Newer { found: version, known }.into());
    }
    usize::try_from(version).map_err(|_| SqliteOpenError::Foreign.into())
}
