//! The server of a test program: a server that already runs, or a server of its own.

use std::env;

use tokio_postgres::Config;

use super::cluster::{Cluster, Listen};
use super::database::Database;
use super::no_server::NoServer;

/// A server on which tests create databases.
#[derive(Debug)]
pub(crate) struct Server {
    admin: Config,
    /// The server that the program started itself, which stops when this value is dropped.
    _cluster: Option<Cluster>,
}

impl Server {
    pub(crate) fn start() -> Result<Self, NoServer> {
        if let Ok(url) = env::var("FRONTDESK_POSTGRES_URL") {
            let invalid = |error| NoServer::Broken(format!("FRONTDESK_POSTGRES_URL: {error}"));
            return Ok(Self { admin: url.parse().map_err(invalid)?, _cluster: None });
        }
        let cluster = Cluster::start(Listen::OnPort)?;
        Ok(Self { admin: cluster.admin(), _cluster: Some(cluster) })
    }

    /// Creates an empty database.
    pub(crate) async fn database(&self) -> Database {
        Database::on(self.admin.clone()).await
    }
}
