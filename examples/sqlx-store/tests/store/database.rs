//! The database of the tests, and its schemas.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx_store::{SCHEMA, SqlxStore};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::case::runtime;
use crate::postgres::{Database, NoServer, Server};
use crate::proxy::Proxy;

/// A database whose stores have one schema each. Its owner has no other rights.
pub(crate) struct SharedDatabase {
    database: Database,
    _server: Server,
}

impl SharedDatabase {
    pub(crate) fn start() -> Result<Self, NoServer> {
        let server = Server::start()?;
        let database = runtime().block_on(server.database());
        Ok(Self { database, _server: server })
    }

    /// Makes a proxy to the server, unless the server is on another machine.
    pub(crate) fn proxy(&self) -> Option<Proxy> {
        self.database.local_port().map(Proxy::to)
    }
}

/// A schema with the tables of a store, and the pools of its stores.
pub(crate) struct Schema {
    config: Config,
    name: String,
    /// A pool that no store uses.
    pub(crate) pool: PgPool,
    pools: Mutex<Vec<PgPool>>,
}

impl Schema {
    pub(crate) async fn create(shared: &SharedDatabase) -> Self {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("desk_{}", CREATED.fetch_add(1, Relaxed));
        let config = shared.database.config();
        let options = connect_options(&config, &name, None);
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let schema = Self { config, name, pool, pools: Mutex::default() };
        schema.run_sql(&format!("CREATE SCHEMA {}; {SCHEMA}", schema.name)).await;
        schema
    }

    /// Runs statements without a store.
    pub(crate) async fn run_sql(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// Returns the options of a connection to this schema.
    pub(crate) fn options(&self, proxy: Option<&Proxy>) -> PgConnectOptions {
        connect_options(&self.config, &self.name, proxy)
    }

    /// Makes a store with a pool of its own.
    pub(crate) fn store(&self) -> SqlxStore {
        self.store_with(PgPoolOptions::new().max_connections(8), self.options(None))
    }

    pub(crate) fn store_with(&self, pool: PgPoolOptions, options: PgConnectOptions) -> SqlxStore {
        let pool = pool.connect_lazy_with(options);
        self.pools.lock().unwrap().push(pool.clone());
        SqlxStore::new(pool)
    }

    /// Returns the pools of the stores.
    pub(crate) fn pools(&self) -> Vec<PgPool> {
        self.pools.lock().unwrap().clone()
    }
}

/// Makes the options of sqlx from those of the driver that creates the database.
fn connect_options(config: &Config, schema: &str, proxy: Option<&Proxy>) -> PgConnectOptions {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let options = PgConnectOptions::new_without_pgpass()
        .port(config.get_ports().first().copied().unwrap_or(5432))
        .username(config.get_user().unwrap())
        .password(&text(config.get_password().unwrap()))
        .database(config.get_dbname().unwrap())
        .ssl_mode(PgSslMode::Disable)
        .application_name(schema)
        // The text of the statements has no name of a schema.
        .options([("search_path", schema)]);
    match (proxy, &config.get_hosts()[0]) {
        (Some(proxy), _) => options.host("127.0.0.1").port(proxy.port()),
        (None, Host::Tcp(name)) => options.host(name),
        (None, Host::Unix(folder)) => options.socket(folder),
    }
}
