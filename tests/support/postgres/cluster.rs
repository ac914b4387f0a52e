//! A server of the tests' own, which goes when they go, however they go.

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

use super::NoServer;

/// A shell that does as it is told on its standard input. When that ends, because
/// the tests are over or because their process was killed, it stops the server and
/// removes the folder that it stands in. PostgreSQL by itself would run on.
///
/// Without fsync a commit survives every crash but the machine's own, and there is
/// none of those here.
const KEEPER: &str = r#"
exec 2>>log
trap '' HUP INT TERM PIPE
trap 'kill -QUIT $server; wait; rm -rf "$PWD"' EXIT
start() {
    postgres -c fsync=off $SETTINGS -c listen_addresses="$LISTEN" -c unix_socket_directories="$PWD" &
    server=$!
    until pg_isready -q; do kill -0 $server && sleep 0.02 || return; done
}
stop() { kill "-$1" $server; wait $server; server=; }
while read -r order; do eval "$order"; done
"#;

/// Who runs a server that root starts: it refuses to run as root.
const NOBODY: u32 = 65_534;

/// Where a server is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Listen {
    /// On a Unix socket that only its own user can open, with trust.
    OnSocket,
    /// There, and on a port of 127.0.0.1 with a password, which the administrator
    /// has none of.
    OnPort,
}

/// A server of our own, in a temporary folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    keeper: Child,
    pub(super) folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes one, with nothing in it.
    pub(crate) fn start(listen: Listen) -> Result<Self, NoServer> {
        Self::start_with(listen, "")
    }

    /// Makes one with settings of its own, `-c name=value` each.
    pub(crate) fn start_with(listen: Listen, settings: &str) -> Result<Self, NoServer> {
        let mut cluster = Self::prepare(listen)?;
        cluster.tell(&format!("SETTINGS='{settings}'"))?;
        let auth = "--auth-local=trust --auth-host=scram-sha-256";
        cluster.tell(&format!("initdb -N -U postgres -E UTF8 --locale=C {auth}"))?;
        cluster.tell("start")?;
        Ok(cluster)
    }

    /// The folder and its keeper, before there is a server in it.
    pub(super) fn prepare(listen: Listen) -> Result<Self, NoServer> {
        let Some(programs) = programs() else {
            let why = "no initdb in FRONTDESK_PG_BIN, /usr/lib/postgresql/*/bin or the PATH";
            return Err(NoServer::Missing(why.to_owned()));
        };
        let (address, port) = match listen {
            Listen::OnSocket => ("", 5432),
            Listen::OnPort => ("127.0.0.1", free_port()),
        };
        let broken = |error: io::Error| NoServer::Broken(error.to_string());
        let folder = tempfile::Builder::new().prefix("frontdesk-postgres-").tempdir();
        // The keeper removes it.
        let folder = folder.map_err(broken)?.keep();
        let keeper = keeper(&folder, &programs)
            .and_then(|mut keeper| {
                keeper.env("LISTEN", address).env("PGPORT", port.to_string()).spawn()
            })
            .map_err(broken)?;
        Ok(Self { keeper, folder, port })
    }

    /// Has the keeper run a command of one line, and gives the log if it fails.
    pub(super) fn tell(&mut self, command: &str) -> Result<(), NoServer> {
        let order = format!("{{ {command}; }} >>log 2>&1 </dev/null; echo $?\n");
        let mut answer = String::new();
        let told = self.keeper.stdin.as_mut().unwrap().write_all(order.as_bytes());
        let said = BufReader::new(self.keeper.stdout.as_mut().unwrap()).read_line(&mut answer);
        if told.and(said).is_ok() && answer == "0\n" {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(NoServer::Broken(format!("{command}: {answer}{log}")))
    }

    /// How the administrator reaches it.
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
        // Closes its input first.
        let _ = self.keeper.wait();
    }
}

fn keeper(folder: &Path, programs: &Path) -> io::Result<Command> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = iter::once(programs.to_owned()).chain(env::split_paths(&path));
    let mut keeper = shell(KEEPER, folder)?;
    keeper
        .env("PATH", env::join_paths(path).map_err(io::Error::other)?)
        .env("PGDATA", folder.join("data"))
        .env("PGHOST", folder)
        .env("PGUSER", "postgres")
        .stdout(Stdio::piped());
    Ok(keeper)
}

/// A script that runs in a folder of its own until its input ends; not as root.
pub(super) fn shell(script: &str, folder: &Path) -> io::Result<Command> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        // Without whatever PG* the caller has.
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        // What is sent to the tests' group, from Ctrl-C to SIGKILL, is not for it.
        .process_group(0);
    if fs::metadata(folder)?.uid() == 0 {
        chown(folder, Some(NOBODY), Some(NOBODY))?;
        shell.uid(NOBODY).gid(NOBODY);
    }
    Ok(shell)
}

/// The client program that comes with a server, without whatever PG* the caller has.
pub(crate) fn psql() -> Command {
    let mut psql = Command::new(programs().expect("a server's").join("psql"));
    psql.env_clear().args(["-X", "-v", "ON_ERROR_STOP=1"]);
    psql
}

/// The folder that has the server's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let has_them = |folder: &PathBuf| folder.join("initdb").is_file();
    if let Some(named) = env::var_os("FRONTDESK_PG_BIN") {
        return Some(PathBuf::from(named)).filter(has_them);
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
    installed.chain(env::split_paths(&path)).find(has_them)
}

/// A port below those that the kernel gives away: nobody else is given it while a
/// server that is to come back is down.
pub(super) fn free_port() -> u16 {
    iter::repeat_with(|| 16_384 + (RandomState::new().build_hasher().finish() % 16_384) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}
