//! Pgpool-II in front of a primary and a standby, in its default mode: it sends reads to either
//! server and everything else to the primary.

use super::cluster::{Cluster, free_port};
use super::no_server::NoServer;
use super::pooler::{Launch, Pooler};

const LAUNCH: Launch<'_> =
    Launch { program: "pgpool", file: "pgpool.conf", arguments: "-n -f pgpool.conf", stop: "INT" };

/// Starts Pgpool-II. The servers must trust it.
pub(crate) fn start(primary: &Cluster, standby: &Cluster) -> Result<Pooler, NoServer> {
    Pooler::start(&LAUNCH, |port, folder| {
        let folder = folder.display();
        let backends = [primary, standby].into_iter().enumerate().map(|(number, server)| {
            format!(
                "backend_hostname{number} = '{}'\n\
                 backend_port{number} = {}\n\
                 backend_weight{number} = 1\n\
                 backend_flag{number} = 'DISALLOW_TO_FAILOVER'\n",
                server.folder().display(),
                server.port()
            )
        });
        // Each client needs a child process. The setting of the socket's folder has one name
        // up to version 4.3 and another since 4.4; unknown names are ignored.
        format!(
            "{}\
             backend_clustering_mode = 'streaming_replication'\n\
             listen_addresses = '127.0.0.1'\n\
             port = {port}\n\
             pcp_port = {}\n\
             socket_dir = '{folder}'\n\
             unix_socket_directories = '{folder}'\n\
             pcp_socket_dir = '{folder}'\n\
             wd_ipc_socket_dir = '{folder}'\n\
             pid_file_name = '{folder}/pgpool.pid'\n\
             logdir = '{folder}'\n\
             num_init_children = 64\n\
             sr_check_user = 'postgres'\n\
             sr_check_database = 'postgres'\n",
            backends.collect::<String>(),
            free_port()
        )
    })
}
