//! The pooler `PgBouncer` in front of a server, in transaction mode: each transaction runs on
//! any free connection.

use std::env;

use super::cluster::Cluster;
use super::no_server::NoServer;
use super::pooler::{Launch, Pooler};

/// The number of connections to the server.
pub(crate) const SERVER_CONNECTIONS: usize = 2;

/// Starts `PgBouncer` for all databases of a server. It connects every client as the
/// administrator.
pub(crate) fn start(cluster: &Cluster) -> Result<Pooler, NoServer> {
    launch("pgbouncer", cluster, "")
}

/// Starts a `PgBouncer` that tracks prepared statements, as 1.21 and later can. The variable
/// `FRONTDESK_PGBOUNCER` names the program.
pub(crate) fn start_with_prepared_statements(cluster: &Cluster) -> Result<Pooler, NoServer> {
    let Ok(program) = env::var("FRONTDESK_PGBOUNCER") else {
        let reason = "FRONTDESK_PGBOUNCER does not name a PgBouncer 1.21 or later";
        return Err(NoServer::Missing(reason.to_owned()));
    };
    launch(&program, cluster, "max_prepared_statements = 200\n")
}

fn launch(program: &str, cluster: &Cluster, settings: &str) -> Result<Pooler, NoServer> {
    let (folder, server) = (cluster.folder().display(), cluster.port());
    let launch =
        Launch { program, file: "pgbouncer.ini", arguments: "pgbouncer.ini", stop: "KILL" };
    Pooler::start(&launch, |port, _| {
        format!(
            "[databases]\n\
             * = host={folder} port={server} user=postgres\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\n\
             listen_port = {port}\n\
             unix_socket_dir =\n\
             auth_type = any\n\
             pool_mode = transaction\n\
             default_pool_size = {SERVER_CONNECTIONS}\n\
             min_pool_size = {SERVER_CONNECTIONS}\n\
             {settings}"
        )
    })
}
