//! A pooler in front of a server: `PgBouncer`, which gives each transaction whichever
//! connection is free.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use super::cluster::{free_port, shell};
use super::{Cluster, NoServer};

/// How many connections it has to the server.
pub(crate) const LINES: usize = 2;

const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A pooler that goes when the tests go, however they go.
#[derive(Debug)]
pub(crate) struct Bouncer {
    keeper: Child,
    folder: PathBuf,
    port: u16,
}

impl Bouncer {
    /// One that leads to the databases of a server, everybody as its administrator.
    pub(crate) fn before(cluster: &Cluster) -> Result<Self, NoServer> {
        let Some(program) = program() else {
            let why = format!("no pgbouncer in {PROGRAM} or the PATH");
            return Err(NoServer::Missing(why));
        };
        let broken = |error: io::Error| NoServer::Broken(error.to_string());
        let folder = tempfile::Builder::new().prefix("frontdesk-pgbouncer-").tempdir();
        // The keeper removes it.
        let folder = folder.map_err(broken)?.keep();
        let port = free_port();
        let keeper = start(&program, &folder, &settings(cluster, port));
        let mut bouncer = Self { keeper: keeper.map_err(broken)?, folder, port };
        bouncer.wait()?;
        Ok(bouncer)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Until it listens.
    fn wait(&mut self) -> Result<(), NoServer> {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let has_ended = self.keeper.try_wait().is_ok_and(|ended| ended.is_some());
            if has_ended || begun.elapsed() > Duration::from_secs(30) {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(NoServer::Broken(format!("pgbouncer: {log}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        // Closes its input first.
        let _ = self.keeper.wait();
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
         default_pool_size = {LINES}\n\
         min_pool_size = {LINES}\n"
    )
}

fn start(program: &Path, folder: &Path, settings: &str) -> io::Result<Child> {
    fs::write(folder.join("pgbouncer.ini"), settings)?;
    let script = format!(
        "trap '' HUP INT TERM PIPE\n\
         trap 'kill -KILL $bouncer; wait; rm -rf \"$PWD\"' EXIT\n\
         '{}' pgbouncer.ini >log 2>&1 &\n\
         bouncer=$!\n\
         read -r line",
        program.display()
    );
    shell(&script, folder)?.spawn()
}

fn program() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let named = env::split_paths(&path).map(|folder| folder.join("pgbouncer"));
    [PathBuf::from(PROGRAM)].into_iter().chain(named).find(|program| program.is_file())
}
