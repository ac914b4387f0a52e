use frontdesk_sql::Value;
use tokio_postgres::{IsolationLevel, Row, Transaction};

use crate::connections::{Connections, discard_if_broken};
use crate::distribution::{SELECT_DISTRIBUTION, distribution};
use crate::engine::Engine;
use crate::epoch::ON_PRIMARY;
use crate::error::DatabaseError;
use crate::function_migration::FunctionMigration;
use crate::key_lookup::KeyPlaces;
use crate::key_migration::KeyMigration;
use crate::layout::Layout;
use crate::migration::{KEYS_MOVE, create_version_table, migrations, newest_version};
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
    /// The layout that the host requested.
    pub(crate) layout: Layout,
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
    /// Applies the missing migrations and returns the places of the keys.
    pub(crate) async fn run(&self) -> Result<KeyPlaces, PostgresOpenError> {
        self.layout.checked()?;
        let has_citus = self.check_database().await?;
        if has_citus {
            self.check_distribution().await?;
        }
        let found = self.reach(KEYS_MOVE).await?;
        self.check(found)?;
        if found.version == KEYS_MOVE {
            KeyMigration { connections: self.connections, schema: self.schema }.run().await?;
            match self.reach(newest_version()).await {
                Ok(found) => self.check(found)?,
                // The table is empty. Another role has to remove it.
                Err(error) if error.is_missing_privilege() => {
                    return Ok(KeyPlaces::MessagesAndTable);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if has_citus {
            // Another process can have created the tables meanwhile.
            self.check_distribution().await?;
        }
        if self.layout.engine() == Engine::Citus {
            FunctionMigration { connections: self.connections, schema: self.schema }.run().await?;
        }
        Ok(KeyPlaces::Messages)
    }

    /// Applies the migrations up to a version, and all migrations to a new database.
    async fn reach(&self, version: i32) -> Result<SchemaVersion, DatabaseError> {
        let mut budget = RetryBudget::new();
        let mut creation_retries = MAX_CREATION_RETRIES;
        loop {
            match self.attempt(&budget, version).await {
                Ok(version) => return Ok(version),
                Err(error) if error.is_concurrent_creation() && creation_retries > 0 => {
                    creation_retries -= 1;
                }
                Err(error) if budget.allows_retry_after(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Checks the encoding and returns `true` if the database has the extension `citus`, which
    /// distributed tables need.
    async fn check_database(&self) -> Result<bool, PostgresOpenError> {
        let sql = format!(
            "SELECT pg_catalog.current_setting('server_encoding'), \
             pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL WHERE {ON_PRIMARY}"
        );
        let rows = self.connections.query_with_retry(&sql, &[]).await?;
        let mut row = RowReader::new(rows.first().ok_or(DatabaseError::RetriesExhausted)?);
        let (found, has_citus): (String, bool) = (row.read()?, row.read()?);
        if found != "UTF8" {
            return Err(PostgresOpenError::Encoding { found });
        }
        match self.layout.engine() {
            Engine::Citus if !has_citus => Err(PostgresOpenError::CitusMissing),
            Engine::Citus | Engine::Postgres => Ok(has_citus),
        }
    }

    /// Checks that existing tables are distributed if and only if the host requested this.
    async fn check_distribution(&self) -> Result<(), PostgresOpenError> {
        let schema = [Parameter::from(Value::from(self.schema.name()))];
        let rows = self.connections.query_with_retry(SELECT_DISTRIBUTION, &schema).await?;
        let mut row = RowReader::new(rows.first().ok_or(DatabaseError::RetriesExhausted)?);
        let (exist, on_citus): (bool, bool) = (row.read()?, row.read()?);
        let as_requested: bool = row.read()?;
        match self.layout.engine() {
            Engine::Citus if exist && !as_requested => Err(PostgresOpenError::NotDistributed),
            Engine::Postgres if on_citus => Err(PostgresOpenError::Distributed),
            Engine::Citus | Engine::Postgres => Ok(()),
        }
    }

    /// Checks that this version of the crate can use the tables.
    fn check(&self, found: SchemaVersion) -> Result<(), PostgresOpenError> {
        let known = newest_version();
        if found.version > known {
            return Err(PostgresOpenError::Newer { found: found.version, known });
        }
        match self.layout.partitions {
            Some(requested) if requested != found.partitions => {
                Err(PostgresOpenError::PartitionMismatch { found: found.partitions, requested })
            }
            _ => Ok(()),
        }
    }

    /// Applies the missing migrations up to a version and returns the version of the schema. If
    /// nothing is missing, it only reads, so that a role with read access can call it.
    async fn attempt(
        &self,
        budget: &RetryBudget,
        version: i32,
    ) -> Result<SchemaVersion, DatabaseError> {
        let existing = self.existing(budget).await?;
        if existing.version_table {
            let sql = select_version(self.schema);
            let rows = self.connections.query_once(budget, &sql, &[]).await?;
            if let Some(found) = rows.first().map(schema_version).transpose()?
                && found.version >= version
            {
                return Ok(found);
            }
        }
        let mut connection = self.connections.get(budget).await?;
        // The driver's own transaction: a cached statement would not work with every pooler.
        let migrated = self.migrate_in_transaction(&mut connection, existing, version).await;
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
        version: i32,
    ) -> Result<SchemaVersion, DatabaseError> {
        let builder = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
        let transaction = builder.start().await?;
        let found = self.migrate(&transaction, existing, version).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Creates what is missing. It prepares no statement, because some poolers do not
    /// support that.
    async fn migrate(
        &self,
        transaction: &Transaction<'_>,
        existing: Existing,
        version: i32,
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
        let new = SchemaVersion { version: 0, partitions: self.layout.partitions.unwrap_or(0) };
        let (found, version) = match rows.first() {
            Some(row) => (schema_version(row)?, version),
            None => (new, newest_version()),
        };
        for migration in migrations(schema, found.version..version, found.partitions) {
            transaction.batch_execute(&migration).await?;
        }
        // The tables are new and empty.
        if let (0, Some(shards)) = (found.version, self.layout.shards) {
            for statement in distribution(schema, shards) {
                transaction.batch_execute(&statement).await?;
            }
        }
        Ok(SchemaVersion { version: found.version.max(version), ..found })
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
