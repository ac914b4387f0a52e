//! A PostgreSQL server for a test program, and a database of it for each test.
//!
//! `FRONTDESK_POSTGRES_URL` names a server to make the databases on, as a role that
//! may; otherwise one is started, from the programs in `FRONTDESK_PG_BIN`, the
//! newest in `/usr/lib/postgresql` or those on the `PATH`. Where there is none, a
//! test is ignored and says so; with `CI=true` or `FRONTDESK_REQUIRE_POSTGRES=1` it
//! fails.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod bouncer;
pub(crate) mod cluster;
pub(crate) mod faults;
pub(crate) mod tls;

use std::env;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::UNIX_EPOCH;

use libtest_mimic::{Completion, Failed};
use tokio_postgres::{Client, Config, NoTls};

pub(crate) use cluster::{Cluster, Listen};

/// Why there is no server.
#[derive(Debug, Clone)]
pub(crate) enum NoServer {
    /// None is installed.
    Missing(String),
    /// One is installed and does not start.
    Broken(String),
}

impl NoServer {
    /// What a test comes to without a server.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        let is = |name, value| env::var(name).as_deref() == Ok(value);
        match self {
            Self::Missing(why) if !is("CI", "true") && !is("FRONTDESK_REQUIRE_POSTGRES", "1") => {
                Ok(Completion::ignored_with(why))
            }
            Self::Missing(why) | Self::Broken(why) => Err(why.into()),
        }
    }
}

/// A server that tests make databases on.
#[derive(Debug)]
pub(crate) struct Server {
    admin: Config,
    /// Ours, if it is: it stops with this value.
    _cluster: Option<Cluster>,
}

impl Server {
    pub(crate) fn start() -> Result<Self, NoServer> {
        if let Ok(url) = env::var("FRONTDESK_POSTGRES_URL") {
            let wrong = |error| NoServer::Broken(format!("FRONTDESK_POSTGRES_URL: {error}"));
            return Ok(Self { admin: url.parse().map_err(wrong)?, _cluster: None });
        }
        let cluster = Cluster::start(Listen::OnSocket)?;
        Ok(Self { admin: cluster.admin(), _cluster: Some(cluster) })
    }

    /// A new, empty database.
    pub(crate) async fn database(&self) -> Database {
        Database::on(self.admin.clone()).await
    }
}

/// A database with a role that owns it and nothing else. Both go with this value.
#[derive(Debug)]
pub(crate) struct Database {
    admin: Config,
    name: String,
}

impl Database {
    /// Makes one on a server, as its administrator.
    pub(crate) async fn on(admin: Config) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        // Other programs may be making theirs on the same server.
        let now = UNIX_EPOCH.elapsed().unwrap().as_micros();
        let name = format!("desk_{now}_{}_{}", std::process::id(), MADE.fetch_add(1, Relaxed));
        let client = connect(&admin).await;
        for make in [
            format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'"),
            format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'"),
        ] {
            client.batch_execute(&make).await.unwrap();
        }
        Self { admin, name }
    }

    /// Its name, which is also its owner's, and their password.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How its owner reaches it.
    pub(crate) fn config(&self) -> Config {
        self.config_at(self.admin.clone())
    }

    /// How its owner reaches it at another address, for one a copy of the server's.
    pub(crate) fn config_at(&self, mut address: Config) -> Config {
        address.user(&self.name).password(&self.name).dbname(&self.name);
        address
    }

    /// How its owner reaches it over TCP, through a port of this machine.
    pub(crate) fn config_on_port(&self, port: u16) -> Config {
        self.config_at(Config::new().host("127.0.0.1").port(port).clone())
    }

    /// A connection of its owner's.
    pub(crate) async fn connect(&self) -> Client {
        connect(&self.config()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // On a thread of its own, for a runtime cannot be entered from another.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(drop_database(&admin, &name))
        });
        // The server may be gone: then so is the database.
        let _ = dropping.join();
    }
}

async fn drop_database(admin: &Config, name: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = admin.connect(NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    client.batch_execute(&format!("DROP ROLE {name}")).await
}

/// A connection that is served by the runtime it is made on.
pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    // Its error is also that of the client's next call.
    tokio::spawn(connection);
    client
}
