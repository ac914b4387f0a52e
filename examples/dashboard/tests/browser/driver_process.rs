//! The program between a test and its browser.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Maximum time that a driver gets to start.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A running driver of one browser. Those of Firefox and `WebKit` start only one. It stops when this
/// value is dropped.
#[derive(Debug)]
pub(crate) struct DriverProcess {
    process: Child,
    port: u16,
}

impl DriverProcess {
    /// Starts the driver and waits until it answers.
    pub(crate) async fn start(mut command: Command) -> Self {
        let port = free_port();
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0);
        let driver = Self { process: command.spawn().unwrap(), port };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(start.elapsed() < START_TIMEOUT, "{command:?} does not answer");
            sleep(Duration::from_millis(20)).await;
        }
        driver
    }

    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Returns a port that no program uses.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        // A driver that is killed leaves its browser running. The group has both.
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        // Some machines have no program `kill`.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
