//! The pooler `PgBouncer` in front of a server, in transaction mode: each transaction runs on
//! any free connection.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use super::cluster::{Cluster, free_port, shell};
use super::no_server::NoServer;

/// The number of connections to the server.
pub(crate) const SERVER_CONNECTIONS: usize = 2;

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A running `PgBouncer`. It stops when the test program ends, also when the program is
/// killed.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    supervisor: Child,
    folder: PathBuf,
    port: u16,
}

impl PgBouncer {
    /// Starts a pooler for all databases of a server. It connects every client as the
    /// administrator.
    pub(crate) fn start(cluster: &Cluster) -> Result<Self, NoServer> {
        let Some(program) = program() else {
            return Err(NoServer::Missing(format!("no pgbouncer in {PROGRAM} or the PATH")));
        };
        let broken = |error: io::Error| NoServer::Broken(error.to_string());
        let folder = tempfile::Builder::new().prefix("frontdesk-pgbouncer-").tempdir();
        // The supervisor removes the folder.
        let folder = folder.map_err(broken)?.keep();
        let port = free_port();
        let supervisor = spawn(&program, &folder, &settings(cluster, port)).map_err(broken)?;
        let mut pooler = Self { supervisor, folder, port };
        pooler.wait_until_ready()?;
        Ok(pooler)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn wait_until_ready(&mut self) -> Result<(), NoServer> {
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let has_ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            if has_ended || start.elapsed() > Duration::from_secs(30) {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(NoServer::Broken(format!("pgbouncer: {log}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Waiting closes the standard input first.
        let _ = self.supervisor.wait();
    }
}

fn settings(cluster: &Cluster, port: u16) -> String {
    let (folder, server) = (cluster.folder().display(), cluster.port());
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
         min_pool_size = {SERVER_CONNECTIONS}\n"
    )
}

fn spawn(program: &Path, folder: &Path, settings: &str) -> io::Result<Child> {
    fs::write(folder.join("pgbouncer.ini"), settings)?;
    let script = format!(
        "trap '' HUP INT TERM PIPE\n\
         trap 'kill -KILL $pooler; wait; rm -rf \"$PWD\"' EXIT\n\
         '{}' pgbouncer.ini >log 2>&1 &\n\
         pooler=$!\n\
         read -r line",
        program.display()
    );
    shell(&script, folder)?.spawn()
}

fn program() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("pgbouncer"));
    [PathBuf::from(PROGRAM)].into_iter().chain(on_path).find(|program| program.is_file())
}
