//! The events that a worker reports on its standard output, one in each line.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

/// An event of a worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// A message was acknowledged. The texts of a worker are 1, 2, 3 and so on.
    Acknowledged {
        text: u32,
        number: u32,
        /// The time in microseconds since 1970.
        time: u64,
    },
    /// A poll after an acknowledgement has ended.
    Polled {
        /// The last number of the worker's thread in its inbox.
        last: Option<u32>,
        started_over: bool,
    },
    /// The worker sends no more messages.
    Stopped,
    /// The worker's inbox at the end.
    Inbox(Vec<InboxRow>),
}

/// The booking of a thread and its last number.
pub(crate) type InboxRow = (String, u32);

impl Report {
    /// Writes the event to the standard output.
    pub(crate) fn print(&self) {
        let line = serde_json::to_string(self).unwrap() + "\n";
        // An error means that the test has ended and reads no more.
        io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }

    /// Reads the events of a process until it ends.
    pub(crate) fn read_all(output: impl BufRead) -> impl Iterator<Item = Self> {
        output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }
}
