//! A server that a test program starts for itself. It stops when the program ends, also when
//! the program is killed.

use std::cmp::Reverse;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, iter};

use tokio_postgres::Config;

use super::no_server::NoServer;

/// A shell that runs the commands on its standard input. The input ends when the test program
/// ends or is killed; the shell then stops the server and removes its folder. Without the
/// shell, PostgreSQL would keep running.
///
/// Without fsync a commit survives a crash of the server, but not a crash of the machine. No
/// test crashes the machine.
const SUPERVISOR: &str = r#"
exec 2>>log
trap '' HUP INT TERM PIPE
trap 'kill -QUIT $server; wait; rm -rf "$PWD"' EXIT
start() {
    postgres -c fsync=off $SETTINGS -c listen_addresses="$LISTEN" -c unix_socket_directories="$PWD" &
    server=$!
    until pg_isready -q; do kill -0 $server && sleep 0.02 || return; done
}
stop() { kill "-$1" $server; wait $server; server=; }
while read -r command; do eval "$command"; done
"#;

/// The user that runs the server if root starts the tests. PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;

/// The addresses of a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Listen {
    /// A Unix socket that only the server's user can open, without a password.
    OnSocket,
    /// That socket and a port of 127.0.0.1 with a password. The administrator has no password
    /// and can use only the socket.
    OnPort,
}

/// A server in a temporary folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    supervisor: Child,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts an empty server.
    pub(crate) fn start(listen: Listen) -> Result<Self, NoServer> {
        Self::start_with(listen, "")
    }

    /// Starts an empty server with settings, each as `-c name=value`.
    pub(crate) fn start_with(listen: Listen, settings: &str) -> Result<Self, NoServer> {
        let mut cluster = Self::prepare(listen)?;
        cluster.try_run(&format!("SETTINGS='{settings}'"))?;
        let auth = "--auth-local=trust --auth-host=scram-sha-256";
        cluster.try_run(&format!("initdb -N -U postgres -E UTF8 --locale=C {auth}"))?;
        cluster.try_run("start")?;
        Ok(cluster)
    }

    /// Creates the folder and starts the supervisor, but no server.
    pub(super) fn prepare(listen: Listen) -> Result<Self, NoServer> {
        let Some(programs) = programs() else {
            let reason = "no initdb in FRONTDESK_PG_BIN, /usr/lib/postgresql/*/bin or the PATH";
            return Err(NoServer::Missing(reason.to_owned()));
        };
        let (address, port) = match listen {
            Listen::OnSocket => ("", 5432),
            Listen::OnPort => ("127.0.0.1", free_port()),
        };
        let broken = |error: io::Error| NoServer::Broken(error.to_string());
        let folder = tempfile::Builder::new().prefix("frontdesk-postgres-").tempdir();
        // The supervisor removes the folder.
        let folder = folder.map_err(broken)?.keep();
        let supervisor = supervisor(&folder, &programs)
            .and_then(|mut supervisor| {
                supervisor.env("LISTEN", address).env("PGPORT", port.to_string()).spawn()
            })
            .map_err(broken)?;
        Ok(Self { supervisor, folder, port })
    }

    /// Runs a command of one line in the supervisor's shell. If it fails, the error contains
    /// the log.
    pub(super) fn try_run(&mut self, command: &str) -> Result<(), NoServer> {
        let line = format!("{{ {command}; }} >>log 2>&1 </dev/null; echo $?\n");
        let mut status = String::new();
        let sent = self.supervisor.stdin.as_mut().unwrap().write_all(line.as_bytes());
        let stdout = self.supervisor.stdout.as_mut().unwrap();
        let received = BufReader::new(stdout).read_line(&mut status);
        if sent.and(received).is_ok() && status == "0\n" {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(NoServer::Broken(format!("{command}: {status}{log}")))
    }

    /// Returns the administrator's configuration.
    pub(crate) fn admin(&self) -> Config {
        let mut config = Config::new();
        config.host_path(&self.folder).port(self.port).user("postgres").dbname("postgres");
        config
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Waiting closes the standard input first.
        let _ = self.supervisor.wait();
    }
}

fn supervisor(folder: &Path, programs: &Path) -> io::Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = iter::once(programs.to_owned()).chain(env::split_paths(&path));
    let mut supervisor = shell(SUPERVISOR, folder)?;
    supervisor
        .env("PATH", env::join_paths(path).map_err(io::Error::other)?)
        .env("PGDATA", folder.join("data"))
        .env("PGHOST", folder)
        .env("PGUSER", "postgres")
        .stdout(Stdio::piped());
    Ok(supervisor)
}

/// Makes a shell that runs a script in a folder until its input ends, and not as root.
pub(crate) fn shell(script: &str, folder: &Path) -> io::Result<Command> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        // The caller's PG* variables must not apply.
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        // Signals to the tests' process group, from Ctrl-C to SIGKILL, must not reach it.
        .process_group(0);
    if fs::metadata(folder)?.uid() == 0 {
        chown(folder, Some(NOBODY), Some(NOBODY))?;
        shell.uid(NOBODY).gid(NOBODY);
    }
    Ok(shell)
}

/// Returns the server's client program `psql`.
pub(crate) fn psql() -> Command {
    let mut psql = Command::new(programs().expect("a server is installed").join("psql"));
    // The caller's PG* variables must not apply.
    psql.env_clear().args(["-X", "-v", "ON_ERROR_STOP=1"]);
    psql
}

/// Returns the folder of the server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let has_programs = |folder: &PathBuf| folder.join("initdb").is_file();
    if let Some(named) = env::var_os("FRONTDESK_PG_BIN") {
        return Some(PathBuf::from(named)).filter(has_programs);
    }
    let mut installed: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    installed.sort_by_key(|(version, _)| Reverse(*version));
    let installed = installed.into_iter().map(|(_, folder)| folder.join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    installed.chain(env::split_paths(&path)).find(has_programs)
}

/// Returns a free port below the range that the kernel assigns. So no other program gets the
/// port while a server is down before its restart.
pub(crate) fn free_port() -> u16 {
    iter::repeat_with(|| 16_384 + (RandomState::new().build_hasher().finish() % 16_384) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}
