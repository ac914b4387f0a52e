use frontdesk_sql::Value;
use tokio_postgres::{IsolationLevel, Row, Transaction};

use crate::connections::{Connections, discard_if_broken};
use crate::epoch::ON_PRIMARY;
use crate::error::DatabaseError;
use crate::migration::{
    checked_partitions, create_version_table, migrations_after, newest_version,
};
use crate::open_error::PostgresOpenError;
use crate::parameters::Parameter;
use crate::retry::RetryBudget;
use crate::row_reader::RowReader;
use crate::schema::Schema;

/// The highest number of retries after another process created the same object. The next
/// attempt finds that object, so a call needs few retries.
const MAX_CREATION_RETRIES: u32 = 20;

/// The procedure that creates the tables or applies the missing migrations.
pub(crate) struct Migrator<'a> {
    pub(crate) connections: &'a Connections,
    pub(crate) schema: &'a Schema,
    /// The number of partitions that the host requested.
    pub(crate) partitions: Option<u16>,
}

/// The row of the table `schema_version`.
#[derive(Clone, Copy)]
struct SchemaVersion {
    version: i32,
    /// The number of partitions of each table; 0 if the tables are not partitioned.
    partitions: u16,
}

/// The objects that exist before a migration.
#[derive(Clone, Copy)]
struct Existing {
    schema: bool,
    version_table: bool,
}

impl Migrator<'_> {
    pub(crate) async fn run(&self) -> Result<(), PostgresOpenError> {
        checked_partitions(self.partitions)?;
        self.check_encoding().await?;
        let mut budget = RetryBudget::new();
        let mut creation_retries = MAX_CREATION_RETRIES;
        loop {
            match self.attempt(&budget).await {
                Ok(version) => return self.check(version),
                Err(error) if error.is_concurrent_creation() && creation_retries > 0 => {
                    creation_retries -= 1;
                }
                Err(error) if budget.allows_retry_after(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn check_encoding(&self) -> Result<(), PostgresOpenError> {
        let sql =
            format!("SELECT pg_catalog.current_setting('server_encoding') WHERE {ON_PRIMARY}");
        let rows = self.connections.query_with_retry(&sql, &[]).await?;
        let found: String = match rows.first() {
            Some(row) => RowReader::new(row).read()?,
            None => String::new(),
        };
        if found == "UTF8" { Ok(()) } else { Err(PostgresOpenError::Encoding { found }) }
    }

    /// Checks that this version of the crate can use the tables.
    fn check(&self, found: SchemaVersion) -> Result<(), PostgresOpenError> {
        let known = newest_version();
        if found.version > known {
            return Err(PostgresOpenError::Newer { found: found.version, known });
        }
        match self.partitions {
            Some(requested) if requested != found.partitions => {
                Err(PostgresOpenError::PartitionMismatch { found: found.partitions, requested })
            }
            _ => Ok(()),
        }
    }

    /// Applies the missing migrations and returns the version of the schema. If
    /// nothing is missing, it only reads, so that a role with read access can call it.
    async fn attempt(&self, budget: &RetryBudget) -> Result<SchemaVersion, DatabaseError> {
        let existing = self.existing(budget).await?;
        if existing.version_table {
            let sql = select_version(self.schema);
            let rows = self.connections.query_once(budget, &sql, &[]).await?;
            if let Some(found) = rows.first().map(schema_version).transpose()?
                && found.version >= newest_version()
            {
                return Ok(found);
            }
        }
        let mut connection = self.connections.get(budget).await?;
        // The driver's own transaction: a cached statement would not work with every pooler.
        let migrated = self.migrate_in_transaction(&mut connection, existing).await;
        if let Err(error) = &migrated {
            discard_if_broken(connection, error);
        }
        migrated
    }

    async fn existing(&self, budget: &RetryBudget) -> Result<Existing, DatabaseError> {
        let sql = format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname::text = $1), \
             EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
             ON n.oid = c.relnamespace WHERE nspname::text = $1 AND relname::text = $2) \
             WHERE {ON_PRIMARY}"
        );
        let names =
            [self.schema.name(), "schema_version"].map(|name| Parameter::from(Value::from(name)));
        let rows = self.connections.query_once(budget, &sql, &names).await?;
        let mut reader = RowReader::new(rows.first().ok_or(DatabaseError::RetriesExhausted)?);
        Ok(Existing { schema: reader.read()?, version_table: reader.read()? })
    }

    async fn migrate_in_transaction(
        &self,
        client: &mut tokio_postgres::Client,
        existing: Existing,
    ) -> Result<SchemaVersion, DatabaseError> {
        let builder = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
        let transaction = builder.start().await?;
        let version = self.migrate(&transaction, existing).await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Creates what is missing. It prepares no statement, because some poolers do not
    /// support that.
    async fn migrate(
        &self,
        transaction: &Transaction<'_>,
        existing: Existing,
    ) -> Result<SchemaVersion, DatabaseError> {
        let schema = self.schema;
        if !existing.schema {
            transaction.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        }
        if !existing.version_table {
            transaction.batch_execute(&create_version_table(schema)).await?;
        }
        // Only one process at a time holds the lock. It then reads what the processes
        // before it have created.
        let lock = schema.qualify("LOCK TABLE schema.schema_version IN ACCESS EXCLUSIVE MODE");
        transaction.batch_execute(&lock).await?;
        let rows = transaction.query_typed(&select_version(schema), &[]).await?;
        let found = match rows.first() {
            Some(row) => schema_version(row)?,
            None => SchemaVersion { version: 0, partitions: self.partitions.unwrap_or(0) },
        };
        for migration in migrations_after(schema, found.version, found.partitions) {
            transaction.batch_execute(&migration).await?;
        }
        Ok(SchemaVersion { version: found.version.max(newest_version()), ..found })
    }
}

fn select_version(schema: &Schema) -> String {
    let select = "SELECT version, partitions FROM schema.schema_version WHERE";
    schema.qualify(&format!("{select} {ON_PRIMARY}"))
}

fn schema_version(row: &Row) -> Result<SchemaVersion, DatabaseError> {
    let mut reader = RowReader::new(row);
    let version = reader.read()?;
    let partitions = u16::try_from(reader.read::<i32>()?);
    let partitions = partitions.map_err(|_| DatabaseError::ColumnType { column: 1 })?;
    Ok(SchemaVersion { version, partitions })
}
