//! The example as a program of its own, for each test.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use crate::example;

/// The running example, and where it is to be reached.
#[derive(Debug)]
pub(crate) struct Host {
    process: Child,
    /// The operators' page.
    pub(crate) operators: String,
    /// The page of one customer's booking.
    pub(crate) customers: String,
}

impl Host {
    /// Starts it on a free port, with polls so many milliseconds apart.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        static BUILT: OnceLock<PathBuf> = OnceLock::new();
        let mut process = Command::new(BUILT.get_or_init(|| example::build("dashboard")))
            .arg("0")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut address = || {
            said.by_ref().find_map(|line| {
                let line = line.unwrap();
                Some(line[line.find("http://")?..].trim().to_owned())
            })
        };
        let (operators, customers) = (address().unwrap(), address().unwrap());
        // Read on, or it would wait for room in the pipe.
        std::thread::spawn(move || said.for_each(drop));
        Self { process, operators, customers }
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        let (_, rest) = self.operators.rsplit_once(':').unwrap();
        rest.split('/').next().unwrap().parse().unwrap()
    }

    /// One of its addresses, by way of another port that leads to it.
    pub(crate) fn through(&self, port: u16, address: &str) -> String {
        address.replacen(&format!(":{}/", self.port()), &format!(":{port}/"), 1)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
