use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Config, NoTls};

use crate::connections::Connections;
use crate::layout::Layout;
use crate::limits::{MAX_PARTITIONS, MAX_SHARDS};
use crate::migration::all_migrations;
use crate::open_error::PostgresOpenError;
use crate::schema::Schema;
use crate::store::PostgresStore;

/// The time that a store's own pool waits for a free or a new connection.
const POOL_TIMEOUT: Duration = Duration::from_secs(30);

/// The settings of a [`PostgresStore`].
///
/// ```
/// use frontdesk_postgres::{PostgresBuilder, PostgresStore};
///
/// let settings: PostgresBuilder = PostgresStore::builder()
///     .schema("desk")
///     .partitions(16)
///     .unnamed_statements(true);
/// let url = "postgres://desk:secret@db-1,db-2/hotel?target_session_attrs=read-write";
/// let store = settings.url(url)?;
/// # Ok::<(), frontdesk_postgres::PostgresOpenError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct PostgresBuilder {
    schema: Option<String>,
    layout: Layout,
    unnamed_statements: bool,
}

impl PostgresBuilder {
    /// The highest number of [`partitions`](Self::partitions).
    pub const MAX_PARTITIONS: u16 = MAX_PARTITIONS;

    /// The highest number of shards of a table that [`distributed`](Self::distributed) accepts.
    ///
    /// ```
    /// use frontdesk_postgres::{PostgresBuilder, PostgresOpenError, PostgresStore};
    ///
    /// let too_many = PostgresStore::builder().distributed(PostgresBuilder::MAX_SHARDS + 1);
    /// let error = too_many.migrations().unwrap_err();
    /// assert!(matches!(error, PostgresOpenError::Shards { requested: 129 }));
    /// ```
    pub const MAX_SHARDS: u16 = MAX_SHARDS;

    /// Sets the name of the schema that contains the tables; the default is `frontdesk`.
    /// Several stores can share a database if each has its own schema.
    ///
    /// A name has 1 to 63 bytes and no NUL. It is quoted, so letters keep their case.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// Sets the number of hash partitions by location, 1 to
    /// [`MAX_PARTITIONS`](Self::MAX_PARTITIONS), that the first
    /// [`migrate`](PostgresStore::migrate) creates for each table. By default the tables are
    /// not partitioned.
    ///
    /// The number cannot be changed later: `migrate` returns an error if the tables have
    /// another number. A store without this setting accepts the tables as they are.
    pub fn partitions(mut self, partitions: u16) -> Self {
        self.layout.partitions = Some(partitions);
        self
    }

    /// Distributes the tables by location over the servers of a cluster with the extension Citus.
    /// The first [`migrate`](PostgresStore::migrate) creates this number of shards of each table, 1
    /// to [`MAX_SHARDS`](Self::MAX_SHARDS), and Citus places the shards on its workers. By default
    /// the tables are on one server.
    ///
    /// The URL or the pool must lead to the coordinator. Each commit and each read of one location
    /// runs on the worker that holds the location. Citus can later move shards to other workers and
    /// split them while the store is in use, so `migrate` accepts tables with any number of shards.
    ///
    /// `docs/how-far-it-goes.md` in the repository says when this is useful and what it costs.
    ///
    /// ```
    /// use frontdesk_postgres::PostgresStore;
    ///
    /// let builder = PostgresStore::builder().distributed(32);
    /// let distribution = builder.migrations()?.pop().unwrap_or_default();
    /// assert!(distribution.contains("create_distributed_table('\"frontdesk\".location'"));
    /// # Ok::<(), frontdesk_postgres::PostgresOpenError>(())
    /// ```
    pub fn distributed(mut self, shards: u16) -> Self {
        self.layout.shards = Some(shards);
        self
    }

    /// Sends, with `true`, the text of each statement instead of preparing the statement once
    /// on each connection.
    ///
    /// Use it with a pooler that gives each transaction another connection and does not track
    /// prepared statements, such as `PgBouncer` 1.18 in transaction mode. Without this setting, two
    /// processes would prepare different statements under the same name, and a call could execute
    /// the statement of another process.
    pub fn unnamed_statements(mut self, unnamed: bool) -> Self {
        self.unnamed_statements = unnamed;
        self
    }

    /// Makes a store on a pool of the host; see [`PostgresStore::new`].
    ///
    /// ```
    /// use deadpool_postgres::{Manager, Pool};
    /// use frontdesk_postgres::PostgresStore;
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
    /// [`PostgresOpenError`] if the name of the schema, or the number of partitions or shards is
    /// invalid.
    pub fn pool(self, pool: Pool) -> Result<PostgresStore, PostgresOpenError> {
        let schema = self.schema_name()?;
        let layout = self.layout.checked()?;
        let connections = Connections::new(pool, self.unnamed_statements);
        Ok(PostgresStore::from_parts(connections, schema, layout))
    }

    /// Makes a store on a pool of its own; see [`PostgresStore::connect`].
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] if the URL is invalid, or for a reason given at [`pool`](Self::pool).
    pub fn url(self, url: &str) -> Result<PostgresStore, PostgresOpenError> {
        let config: Config = url.parse().map_err(|_| PostgresOpenError::Url)?;
        // This method sends no statement to check a connection.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, NoTls, recycling);
        let pool = Pool::builder(manager)
            .wait_timeout(Some(POOL_TIMEOUT))
            .create_timeout(Some(POOL_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .build();
        self.pool(pool.map_err(|_| PostgresOpenError::Url)?)
    }

    /// Returns the SQL that [`migrate`](PostgresStore::migrate) runs, for hosts that run
    /// migrations themselves: one text for each version of the schema, the oldest first.
    ///
    /// Run each text once, in this order, each in a transaction, in a database whose encoding
    /// is UTF8. Each records its version in the table `schema_version`, so `migrate` then
    /// finds nothing to do. The store's role needs `USAGE` on the schema and `SELECT`,
    /// `INSERT`, `UPDATE` and `DELETE` on its tables. The text of version 4 replaces the table
    /// `message` if the table is empty, so grant these rights after it.
    ///
    /// The text of version 5 moves the idempotency keys of an older database in one
    /// transaction. If [`migrate`](PostgresStore::migrate) is called at version 4, it moves them in
    /// small steps before, and no other call has to wait for that.
    ///
    /// With [`distributed`](Self::distributed) there is one more text, which distributes the tables
    /// and creates functions. Run it once, after the others. If the tables have rows, Citus copies
    /// the rows to the workers, and calls of stores wait until the end. Then all clients start over
    /// once (P7). The store's role also needs `EXECUTE` on the functions, which everybody has by
    /// default. No text creates the functions of a newer version of this crate in tables that are
    /// distributed already. For this, call [`migrate`](PostgresStore::migrate) once with the role that
    /// owns the tables.
    ///
    /// ```
    /// use frontdesk_postgres::PostgresStore;
    ///
    /// let migrations = PostgresStore::builder().schema("desk").migrations()?;
    /// assert!(migrations[0].contains("CREATE TABLE \"desk\".thread"));
    /// # Ok::<(), frontdesk_postgres::PostgresOpenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] for the same reasons as [`pool`](Self::pool).
    pub fn migrations(&self) -> Result<Vec<String>, PostgresOpenError> {
        Ok(all_migrations(&self.schema_name()?, self.layout.checked()?))
    }

    fn schema_name(&self) -> Result<Schema, PostgresOpenError> {
        self.schema.as_deref().map_or_else(|| Ok(Schema::default()), Schema::new)
    }
}

// These constructors are here because the builder imports the store.
impl PostgresStore {
    /// Makes a store on a pool of its own, in the schema `frontdesk` of the database that a
    /// URL names, without TLS. It connects at the first call.
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError::Url`] if the URL is invalid.
    pub fn connect(url: &str) -> Result<Self, PostgresOpenError> {
        Self::builder().url(url)
    }

    /// Returns a builder with the default settings: the schema `frontdesk`, tables without
    /// partitions, prepared statements.
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }
}
