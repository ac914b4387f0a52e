//! A database that exists for one test.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::UNIX_EPOCH;

use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// The number of values for databases that existed before.
static EXISTING: AtomicU32 = AtomicU32::new(0);

/// A database with a role that owns it. When this value is dropped, it removes what it created.
#[derive(Debug)]
pub(crate) struct Database {
    admin: Config,
    name: String,
    /// `false` if the database existed before.
    is_created: bool,
}

impl Database {
    /// Uses a database that exists, as the role of its configuration. When the last value of this
    /// program is dropped, it drops the schemas whose names begin with [`schema_prefix`].
    pub(crate) fn existing(config: Config) -> Self {
        EXISTING.fetch_add(1, Relaxed);
        let name = config.get_dbname().unwrap_or_default().to_owned();
        Self { admin: config, name, is_created: false }
    }

    /// Creates a database as the administrator of a server, and a role that owns it and has no
    /// other rights.
    pub(crate) async fn on(admin: Config) -> Self {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        // Other programs may create databases on the same server.
        let now = UNIX_EPOCH.elapsed().unwrap().as_micros();
        let count = CREATED.fetch_add(1, Relaxed);
        let name = format!("desk_{now}_{}_{count}", std::process::id());
        let client = connect(&admin).await;
        for statement in [
            format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'"),
            format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'"),
        ] {
            client.batch_execute(&statement).await.unwrap();
        }
        Self { admin, name, is_created: true }
    }

    /// Returns the name of the database, which is also the name and the password of its
    /// owner.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the owner's configuration at the server's own address.
    pub(crate) fn config(&self) -> Config {
        self.config_at(self.admin.clone())
    }

    /// Returns the administrator's configuration for this database.
    pub(crate) fn admin_config(&self) -> Config {
        self.admin.clone().dbname(&self.name).clone()
    }

    /// Returns the owner's configuration at another address, such as that of a replica.
    pub(crate) fn config_at(&self, mut address: Config) -> Config {
        address.dbname(&self.name);
        if self.is_created {
            address.user(&self.name).password(&self.name);
        } else {
            if let Some(user) = self.admin.get_user() {
                address.user(user);
            }
            if let Some(password) = self.admin.get_password() {
                address.password(password);
            }
        }
        address
    }

    /// Returns the owner's configuration over TCP, through a port of this machine.
    pub(crate) fn config_on_port(&self, port: u16) -> Config {
        self.config_at(Config::new().host("127.0.0.1").port(port).clone())
    }

    /// Returns the port of a server on this machine.
    pub(crate) fn local_port(&self) -> Option<u16> {
        let is_local = |host: &Host| match host {
            Host::Tcp(name) => ["127.0.0.1", "localhost"].contains(&name.as_str()),
            Host::Unix(_) => true,
        };
        let is_local = self.admin.get_hosts().iter().all(is_local);
        is_local.then(|| self.admin.get_ports().first().copied())?
    }

    /// Opens a connection as the owner.
    pub(crate) async fn connect(&self) -> Client {
        connect(&self.config()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name, is_created) = (self.admin.clone(), self.name.clone(), self.is_created);
        // Another test can use its schema.
        if !is_created && EXISTING.fetch_sub(1, Relaxed) > 1 {
            return;
        }
        // A runtime cannot be entered from another runtime, so this code needs its own thread.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                if is_created {
                    drop_database(&admin, &name).await
                } else {
                    drop_schemas(&admin).await
                }
            })
        });
        // A server that a test started, and its databases, can be gone.
        if let (Ok(Err(error)), false) = (dropping.join(), is_created) {
            println!("a schema of the tests remains: {error}");
        }
    }
}

async fn drop_database(admin: &Config, name: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = admin.connect(NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    client.batch_execute(&format!("DROP ROLE {name}")).await
}

/// Returns the beginning of the names of the schemas that this program creates in a database that
/// existed before.
pub(crate) fn schema_prefix() -> String {
    format!("desk_{}_", std::process::id())
}

async fn drop_schemas(admin: &Config) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = admin.connect(NoTls).await?;
    tokio::spawn(connection);
    let sql = "SELECT quote_ident(nspname) FROM pg_namespace WHERE starts_with(nspname, $1)";
    let mut dropped = Ok(());
    for row in client.query(sql, &[&schema_prefix()]).await? {
        let schema: String = row.get(0);
        // A store whose answer nobody waits for can still lock the tables. The other schemas are
        // dropped nevertheless.
        dropped = client.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.and(dropped);
    }
    dropped
}

/// Opens a connection that the present runtime serves.
pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    // The client's next call returns the connection's error.
    tokio::spawn(connection);
    client
}
