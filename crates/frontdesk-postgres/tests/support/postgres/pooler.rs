//! A program between the store and its servers. It stops when the test program ends, also when
//! the test program is killed.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use super::cluster::{free_port, shell};
use super::no_server::NoServer;

/// A running program that accepts connections at a port of 127.0.0.1.
#[derive(Debug)]
pub(crate) struct Pooler {
    supervisor: Child,
    folder: PathBuf,
    port: u16,
}

/// The program, its settings and how it runs.
pub(super) struct Launch<'a> {
    /// The name of the program, which `/usr/sbin` or the `PATH` contains, or its path.
    pub(super) program: &'a str,
    /// The name of the settings' file.
    pub(super) file: &'a str,
    /// The arguments.
    pub(super) arguments: &'a str,
    /// The signal that stops the program and its children.
    pub(super) stop: &'a str,
}

impl Pooler {
    /// Starts a program. `settings` makes its settings from its port and its folder.
    pub(super) fn start(
        launch: &Launch<'_>,
        settings: impl FnOnce(u16, &Path) -> String,
    ) -> Result<Self, NoServer> {
        let Some(program) = find(launch.program) else {
            let reason = format!("no {} in /usr/sbin or the PATH", launch.program);
            return Err(NoServer::Missing(reason));
        };
        let broken = |error: io::Error| NoServer::Broken(error.to_string());
        let folder = tempfile::Builder::new().prefix("frontdesk-pooler-").tempdir();
        // The supervisor removes the folder.
        let folder = folder.map_err(broken)?.keep();
        let port = free_port();
        fs::write(folder.join(launch.file), settings(port, &folder)).map_err(broken)?;
        let script = format!(
            "trap '' HUP INT TERM PIPE\n\
             trap 'kill -{} $pooler; wait; rm -rf \"$PWD\"' EXIT\n\
             (trap - INT TERM; exec '{}' {}) >log 2>&1 &\n\
             pooler=$!\n\
             read -r line",
            launch.stop,
            program.display(),
            launch.arguments
        );
        let supervisor = shell(&script, &folder).and_then(|mut shell| shell.spawn());
        let mut pooler = Self { supervisor: supervisor.map_err(broken)?, folder, port };
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
                return Err(NoServer::Broken(log));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // Waiting closes the standard input first.
        let _ = self.supervisor.wait();
    }
}

fn find(program: &str) -> Option<PathBuf> {
    // A path replaces the folder.
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [PathBuf::from("/usr/sbin")].into_iter().chain(env::split_paths(&path));
    folders.map(|folder| folder.join(program)).find(|program| program.is_file())
}
