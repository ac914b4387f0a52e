//! A Citus cluster that already runs.
//!
//! `FRONTDESK_CITUS_URL` names the coordinator and a database with the extension `citus`, to which
//! the workers were added, and a superuser of this database.

use std::env;

use tokio_postgres::Config;

use super::no_server::NoServer;

/// The number of shards of each table.
pub(crate) const SHARDS: u16 = 4;

/// Returns the URL of the coordinator. If there is none, prints that `tests` do not run.
pub(crate) fn url(tests: &str) -> Option<String> {
    let url = env::var("FRONTDESK_CITUS_URL").ok();
    if url.is_none() {
        println!("not run: {tests} on Citus, because FRONTDESK_CITUS_URL is not set");
    }
    url
}

/// Parses the URL of the coordinator.
pub(crate) fn config(url: &str) -> Result<Config, NoServer> {
    url.parse().map_err(|error| NoServer::Broken(format!("FRONTDESK_CITUS_URL: {error}")))
}
