//! The dashboard as a program.
#![allow(dead_code, reason = "each test program uses a part of this module")]

pub(crate) mod answer_check;
mod checking_proxy;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use checking_proxy::CheckingProxy;

/// A running dashboard, whose answers conform to `openapi.json`. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    proxy: CheckingProxy,
    /// The address of the team's page.
    pub(crate) team_url: String,
    /// The address of the customer's page of one booking.
    pub(crate) customer_url: String,
}

impl Server {
    /// Starts the program on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_dashboard"))
            .arg("0")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut next_url = || {
            lines.by_ref().find_map(|line| {
                let line = line.unwrap();
                Some(line[line.find("http://")?..].trim().to_owned())
            })
        };
        let (team_url, customer_url) = (next_url().unwrap(), next_url().unwrap());
        // If nothing read the pipe, the program would block once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let port = port_of(&team_url);
        let proxy = CheckingProxy::to(port);
        let [team_url, customer_url] = [team_url, customer_url]
            .map(|url| url.replacen(&format!(":{port}/"), &format!(":{}/", proxy.port), 1));
        Self { process, proxy, team_url, customer_url }
    }

    /// Stops the server and returns the operations of `openapi.json` that succeeded.
    pub(crate) fn stop(mut self) -> BTreeSet<String> {
        self.shut_down();
        self.proxy.operations()
    }

    fn shut_down(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let violations = self.proxy.close();
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "answers differ from openapi.json: {violations:#?}");
        }
    }

    /// Returns the address of the server without a path.
    pub(crate) fn origin(&self) -> &str {
        &self.team_url[..self.team_url.find("/desk/").unwrap()]
    }

    pub(crate) fn port(&self) -> u16 {
        port_of(&self.team_url)
    }

    /// Returns the address of the team's page with this conversation open.
    pub(crate) fn conversation_url(&self, booking: &str) -> String {
        format!("{}#booking={booking}", self.team_url)
    }

    /// Returns one of the addresses with another port, which a proxy forwards to the server.
    pub(crate) fn with_port(&self, port: u16, url: &str) -> String {
        url.replacen(&format!(":{}/", self.port()), &format!(":{port}/"), 1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Returns the port of an address with a path.
fn port_of(url: &str) -> u16 {
    let (_, rest) = url.rsplit_once(':').unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}
