//! A screen for browsers that need one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A running X server that shows nothing. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Display {
    process: Child,
    /// The value of the variable `DISPLAY`.
    pub(crate) name: String,
}

impl Display {
    pub(crate) const PROGRAM: &str = "Xvfb";

    pub(crate) fn start() -> Self {
        let mut process = Command::new(Self::PROGRAM)
            .args(["-displayfd", "1", "-screen", "0", "1600x1400x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, name: format!(":{}", line.trim()) }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
