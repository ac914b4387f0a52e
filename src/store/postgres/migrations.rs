use tokio_postgres::{IsolationLevel, Row, Transaction};

use super::Inner;
use super::errors::{Failure, PostgresOpenError};
use super::lines::{Patience, discarded};
use super::rows::column;
use super::schema::Schema;
use crate::store::columns::Value;

/// The schema, version by version. A database says in `schema_version` how many of
/// these it has had; what was released is never changed, only added to.
const MIGRATIONS: [&str; 1] = [include_str!("schema_1.sql")];

/// The tables, each of which can be partitioned by location.
const TABLES: [&str; 4] = ["location", "thread", "message", "idempotency_key"];

/// Enough for any number of cores, and one transaction makes them without more locks
/// than a server has by default.
pub(super) const MAX_PARTITIONS: u16 = 128;

/// How often a lost race is run again. All who lose it lose to one who is done.
const RACES: u32 = 20;

/// Room beside a row that every commit writes anew, so that its versions stay on one
/// page and no index is written to.
const ROOM: &str = "(fillfactor = 50)";

/// What a database says of itself.
struct Found {
    /// How many of the migrations it has had.
    version: i32,
    /// 0: plain tables.
    partitions: u16,
}

pub(super) fn known() -> i32 {
    i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX)
}

fn checked(asked: Option<u16>) -> Result<u16, PostgresOpenError> {
    match asked {
        None => Ok(0),
        Some(asked @ 1..=MAX_PARTITIONS) => Ok(asked),
        Some(asked) => Err(PostgresOpenError::Partitions { asked }),
    }
}

/// Before the first migration. One row, of no location: the only table like it.
fn version_table(schema: &Schema) -> String {
    schema.of("CREATE TABLE IF NOT EXISTS schema.schema_version (\n    \
         version integer NOT NULL,\n    partitions integer NOT NULL\n);\n")
}

/// One migration, and the note of it.
fn migration(schema: &Schema, at: usize, partitions: u16) -> String {
    let partitioned = if partitions == 0 { "" } else { " PARTITION BY HASH (location)" };
    let mut parts = vec![MIGRATIONS[at].replace("/* partitioned */", partitioned)];
    if at > 0 {
        parts.push(format!("UPDATE schema.schema_version SET version = {};", at + 1));
        return schema.of(&(parts.join("\n") + "\n"));
    }
    if partitions == 0 {
        parts.push(format!("ALTER TABLE schema.location SET {ROOM};"));
    }
    for table in TABLES {
        let room = if table == "location" { format!(" WITH {ROOM}") } else { String::new() };
        parts.extend((0..partitions).map(|number| {
            format!(
                "CREATE TABLE schema.{table}_{number} PARTITION OF schema.{table} \
                 FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number}){room};"
            )
        }));
    }
    parts.push(format!("INSERT INTO schema.schema_version VALUES (1, {partitions});"));
    schema.of(&(parts.join("\n") + "\n"))
}

/// Every migration as text.
pub(super) fn all(schema: &Schema, asked: Option<u16>) -> Result<Vec<String>, PostgresOpenError> {
    let partitions = checked(asked)?;
    let with_what_is_before_it = |at| {
        let sql = migration(schema, at, partitions);
        match at {
            0 => format!("CREATE SCHEMA IF NOT EXISTS {schema};\n{}\n{sql}", version_table(schema)),
            _ => sql,
        }
    };
    Ok((0..MIGRATIONS.len()).map(with_what_is_before_it).collect())
}

/// Brings a database up to date.
pub(super) async fn run(store: &Inner, asked: Option<u16>) -> Result<(), PostgresOpenError> {
    checked(asked)?;
    let encoding = "SELECT pg_catalog.current_setting('server_encoding')";
    let said = store.lines.ask(encoding, &[]).await?;
    let found = said.first().map_or(Ok(String::new()), |row| column(row, 0))?;
    if found != "UTF8" {
        return Err(PostgresOpenError::Encoding { found });
    }
    let mut patience = Patience::new();
    let mut races = RACES;
    loop {
        match run_once(store, asked, &patience).await {
            Ok(found) => return judged(&found, asked),
            Err(failure) if failure.is_lost_race() && races > 0 => races -= 1,
            Err(failure) if patience.allows(&failure) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
}

fn judged(found: &Found, asked: Option<u16>) -> Result<(), PostgresOpenError> {
    let (version, known, partitions) = (found.version, known(), found.partitions);
    if version > known {
        return Err(PostgresOpenError::Newer { found: version, known });
    }
    match asked {
        Some(asked) if asked != partitions => {
            Err(PostgresOpenError::OtherPartitions { found: partitions, asked })
        }
        _ => Ok(()),
    }
}

/// What there is in the end. Nothing is asked for beyond reading where there is
/// nothing to do, so that a role with no other right can be up to date.
async fn run_once(
    store: &Inner,
    asked: Option<u16>,
    patience: &Patience,
) -> Result<Found, Failure> {
    let schema = &store.schema;
    let there = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname::text = $1), \
         EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
         ON n.oid = c.relnamespace WHERE nspname::text = $1 AND relname::text = $2)";
    let names = [Value::from(schema.name()), Value::from("schema_version")];
    let there = store.lines.send(patience, there, &names).await??;
    let there = there.first().ok_or(Failure::Outrun)?;
    let (has_schema, has_version) = (column::<bool>(there, 0)?, column::<bool>(there, 1)?);
    if has_version {
        let said = store.lines.send(patience, &version_query(schema), &[]).await??;
        if let Some(found) = said.first().map(found).transpose()?
            && found.version >= known()
        {
            return Ok(found);
        }
    }

    let mut line = store.lines.line(patience).await?;
    let begun = line.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let done = match begun.start().await {
        Ok(transaction) => match make(schema, &transaction, asked, has_schema, has_version).await {
            Ok(found) => transaction.commit().await.map(|()| found).map_err(Failure::from),
            Err(failure) => Err(failure),
        },
        Err(error) => Err(error.into()),
    };
    done.map_err(|failure| discarded(line, failure))
}

/// Makes what is missing, in a transaction of its own. It asks only for what text
/// alone can ask, which every pooler lets pass.
async fn make(
    schema: &Schema,
    transaction: &deadpool_postgres::Transaction<'_>,
    asked: Option<u16>,
    has_schema: bool,
    has_version: bool,
) -> Result<Found, Failure> {
    if !has_schema {
        transaction.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
    }
    if !has_version {
        transaction.batch_execute(&version_table(schema)).await?;
    }
    // Only one process at a time goes on from here, and reads what the others did.
    let lock = schema.of("LOCK TABLE schema.schema_version IN ACCESS EXCLUSIVE MODE");
    transaction.batch_execute(&lock).await?;
    let transaction: &Transaction<'_> = transaction;
    let said = transaction.query_typed(&version_query(schema), &[]).await?;
    let mut now = match said.first() {
        Some(row) => found(row)?,
        None => Found { version: 0, partitions: asked.unwrap_or(0) },
    };
    let done = usize::try_from(now.version).unwrap_or(0);
    for at in done..MIGRATIONS.len() {
        transaction.batch_execute(&migration(schema, at, now.partitions)).await?;
        now.version = known();
    }
    Ok(now)
}

fn version_query(schema: &Schema) -> String {
    schema.of("SELECT version, partitions FROM schema.schema_version")
}

fn found(row: &Row) -> Result<Found, Failure> {
    let partitions = u16::try_from(column::<i32>(row, 1)?).map_err(|_| Failure::Column(1))?;
    Ok(Found { version: column(row, 0)?, partitions })
}
