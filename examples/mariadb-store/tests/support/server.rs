//! A server that a test program starts for itself. It stops when the program ends, also when
//! the program is killed.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs, iter};

use libtest_mimic::{Completion, Failed};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};

/// A shell that starts a server in its folder. When its standard input ends, because the test
/// program ended or was killed, it kills the server and removes the folder.
///
/// The server writes its log to the disk once a second. A commit survives a crash of the server,
/// but not a crash of the machine. No test crashes the machine.
const SUPERVISOR: &str = r#"
exec 2>>log
trap '' HUP INT TERM PIPE
trap 'kill -9 $server; wait; rm -rf "$PWD"' EXIT
user=$(id -un)
mariadb-install-db --no-defaults --user="$user" --datadir="$PWD/data" --skip-test-db \
    --auth-root-authentication-method=normal >>log 2>&1 || exit
mariadbd --no-defaults --user="$user" --datadir="$PWD/data" --init-file="$PWD/init.sql" \
    --socket="$PWD/socket" --bind-address=127.0.0.1 --port="$PORT" --skip-name-resolve \
    --innodb-flush-log-at-trx-commit=2 --innodb-flush-method=nosync --sync-frm=OFF --innodb-doublewrite=OFF --innodb-buffer-pool-size=64M --innodb-log-file-size=32M \
    --userstat=ON --max-connections=1000 >>log 2>&1 &
server=$!
until [ -S socket ]; do kill -0 $server && sleep 0.02 || exit; done
echo ready
cat >/dev/null
"#;

/// A server in a temporary folder.
#[derive(Debug)]
pub(crate) struct Server {
    supervisor: Child,
    port: u16,
    password: String,
}

/// The reason why there is no server.
#[derive(Debug, Clone)]
pub(crate) enum NoServer {
    /// No server is installed.
    Missing(String),
    /// A server is installed but does not start.
    Broken(String),
}

impl NoServer {
    /// Returns the result of a test that has no server.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        let is_set = |name, value| env::var(name).as_deref() == Ok(value);
        let is_required = is_set("CI", "true") || is_set("FRONTDESK_REQUIRE_MARIADB", "1");
        match self {
            Self::Missing(reason) if !is_required => {
                Ok(Completion::ignored_with(format!("not run: {reason}")))
            }
            Self::Missing(reason) | Self::Broken(reason) => Err(reason.into()),
        }
    }
}

impl Server {
    /// Starts an empty server.
    pub(crate) fn start() -> Result<Self, NoServer> {
        if !["mariadbd", "mariadb-install-db", "my_print_defaults"].into_iter().all(is_installed) {
            let reason = "mariadbd, mariadb-install-db and my_print_defaults are not in the PATH or \
                          in /usr/sbin";
            return Err(NoServer::Missing(reason.to_owned()));
        }
        let folder = tempfile::Builder::new().prefix("frontdesk-mariadb-").tempdir();
        // The supervisor removes the folder.
        let folder = folder.map_err(|error| NoServer::Broken(error.to_string()))?.keep();
        let (port, password) = (free_port(), format!("{:016x}", random()));
        let server = start(&folder, port, &password);
        server.map_err(|error| {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            NoServer::Broken(format!("{error}\n{log}"))
        })
    }

    /// Returns the URL of a database for clients on a port, which can be that of a proxy.
    pub(crate) fn url(&self, port: u16, database: &str) -> String {
        format!("mysql://desk:{}@127.0.0.1:{port}/{database}", self.password)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number that a query selects.
    pub(crate) async fn number(&self, database: &str, query: &str) -> Option<u64> {
        let url = self.url(self.port, database);
        let mut connection = Conn::new(Opts::from_url(&url).unwrap()).await.unwrap();
        let number: Option<Option<u64>> = connection.query_first(query).await.unwrap();
        connection.disconnect().await.unwrap();
        number.flatten()
    }
}

/// Runs statements in the database of a URL, without a store.
pub(crate) async fn run_sql(url: &str, statements: &[&str]) {
    let mut connection = Conn::new(Opts::from_url(url).unwrap()).await.unwrap();
    for statement in statements {
        connection.query_drop(*statement).await.unwrap();
    }
    connection.disconnect().await.unwrap();
}

impl Drop for Server {
    fn drop(&mut self) {
        // Waiting closes the standard input first.
        let _ = self.supervisor.wait();
    }
}

fn start(folder: &Path, port: u16, password: &str) -> std::io::Result<Server> {
    let user = format!(
        "CREATE USER desk@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL ON *.* TO desk@'127.0.0.1';\n"
    );
    fs::write(folder.join("init.sql"), user)?;
    let mut supervisor = Command::new("sh")
        .args(["-c", SUPERVISOR])
        .current_dir(folder)
        .env("PATH", search_path())
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Signals to the tests' process group, from Ctrl-C to SIGKILL, must not reach it.
        .process_group(0)
        .spawn()?;
    let mut line = String::new();
    let output = supervisor.stdout.as_mut().expect("the output is a pipe");
    BufReader::new(output).read_line(&mut line)?;
    if line != "ready\n" {
        return Err(std::io::Error::other("mariadbd does not start"));
    }
    Ok(Server { supervisor, port, password: password.to_owned() })
}

fn search_path() -> String {
    format!("{}:/usr/sbin:/sbin", env::var("PATH").unwrap_or_default())
}

fn is_installed(program: &str) -> bool {
    env::split_paths(&search_path()).any(|folder| folder.join(program).is_file())
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns a free port below the range that the kernel assigns.
fn free_port() -> u16 {
    iter::repeat_with(|| 16_384 + (random() % 16_384) as u16)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a port is free")
}
