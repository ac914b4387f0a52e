use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Config, NoTls};

use super::errors::PostgresOpenError;
use super::lines::Lines;
use super::migrations;
use super::schema::Schema;
use super::statements::Statements;
use super::{Inner, PostgresStore};

/// How long a pool of our own waits for a connection, a free one or a new one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Settings of a [`PostgresStore`].
///
/// ```
/// use frontdesk::store::{PostgresBuilder, PostgresStore};
///
/// let settings: PostgresBuilder = PostgresStore::builder()
///     .schema("desk")
///     .partitions(16)
///     .unnamed_statements(true);
/// let store = settings.url("postgres://desk:secret@db-1,db-2/hotel?target_session_attrs=read-write")?;
/// # Ok::<(), frontdesk::store::PostgresOpenError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PostgresBuilder {
    schema: Option<String>,
    partitions: Option<u16>,
    unnamed: bool,
}

impl PostgresBuilder {
    /// How many partitions a table can have.
    pub const MAX_PARTITIONS: u16 = migrations::MAX_PARTITIONS;

    /// The name of the schema that the tables are in; `frontdesk` otherwise. Several
    /// stores can live in one database, each in a schema of its own.
    ///
    /// It has 1 to 63 bytes and no NUL, and is quoted: letters keep their case.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// Has the first [`migrate`](PostgresStore::migrate) make each table with so many
    /// hash partitions by location, 1 to [`MAX_PARTITIONS`](Self::MAX_PARTITIONS);
    /// plain tables otherwise.
    ///
    /// The number cannot be changed later: another one is then an error, and none
    /// takes the tables as they are.
    pub fn partitions(mut self, partitions: u16) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// Sends each statement's text along with it, instead of preparing it once on
    /// each connection. For poolers that give each transaction another connection,
    /// such as `PgBouncer` in transaction mode, and that do not follow prepared
    /// statements: there two processes would prepare different ones by the same name.
    /// Tried with `PgBouncer` 1.18.
    pub fn unnamed_statements(mut self, unnamed: bool) -> Self {
        self.unnamed = unnamed;
        self
    }

    /// A store on a pool of the host's; see [`PostgresStore::new`].
    ///
    /// ```
    /// use deadpool_postgres::{Manager, Pool};
    /// use frontdesk::store::PostgresStore;
    /// use tokio_postgres::NoTls;
    ///
    /// let manager = Manager::new("postgres://db-1/hotel".parse()?, NoTls);
    /// let pool = Pool::builder(manager).build()?;
    /// let store = PostgresStore::builder().schema("desk").pool(pool)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] when the schema's name or the number of partitions is
    /// none.
    pub fn pool(self, pool: Pool) -> Result<PostgresStore, PostgresOpenError> {
        let schema = self.schema_name()?;
        // Said at once, not only when the tables are made.
        migrations::all(&schema, self.partitions)?;
        let statements = Statements::of(&schema);
        let lines = Lines { pool, unnamed: self.unnamed };
        let partitions = self.partitions;
        Ok(PostgresStore { inner: Arc::new(Inner { lines, schema, statements, partitions }) })
    }

    /// A store on a pool of its own; see [`PostgresStore::connect`].
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] when the URL cannot be read, or as for
    /// [`pool`](Self::pool).
    pub fn url(self, url: &str) -> Result<PostgresStore, PostgresOpenError> {
        let config: Config = url.parse().map_err(|_| PostgresOpenError::Url)?;
        // A connection that is lost is noticed without asking the server each time.
        let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, how);
        let pool = Pool::builder(manager)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .build();
        self.pool(pool.map_err(|_| PostgresOpenError::Url)?)
    }

    /// The SQL that [`migrate`](PostgresStore::migrate) runs, for hosts that run
    /// migrations themselves: one text for each version of the schema, the oldest
    /// first. Each is to be run once, in a transaction, in this order; each notes in
    /// the table `schema_version` that it was, so that `migrate` finds nothing to do. The
    /// database is encoded in UTF8.
    ///
    /// The store itself then needs USAGE of the schema, SELECT, INSERT, UPDATE and
    /// DELETE on its tables, and nothing else.
    ///
    /// ```
    /// use frontdesk::store::PostgresStore;
    ///
    /// let migrations = PostgresStore::builder().schema("desk").migrations()?;
    /// assert!(migrations[0].contains("CREATE TABLE \"desk\".thread"));
    /// # Ok::<(), frontdesk::store::PostgresOpenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`pool`](Self::pool).
    pub fn migrations(&self) -> Result<Vec<String>, PostgresOpenError> {
        migrations::all(&self.schema_name()?, self.partitions)
    }

    fn schema_name(&self) -> Result<Schema, PostgresOpenError> {
        self.schema.as_deref().map_or_else(|| Ok(Schema::default()), Schema::new)
    }
}

impl fmt::Debug for PostgresStore {
    /// Without the pool, which knows the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.inner.schema.name())
            .field("unnamed_statements", &self.inner.lines.unnamed)
            .finish_non_exhaustive()
    }
}
