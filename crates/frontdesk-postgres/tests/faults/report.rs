//! The events that a process reports on its standard output, one in each line.

use std::io::{BufRead, Write};

use frontdesk::store::{StoreError, StoreErrorKind};
use frontdesk::{DeskError, Role};
use serde::{Deserialize, Serialize};

/// An event. The events of one client are in the order in which they happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Report {
    /// A writer is about to send this message.
    SendStarted(SentMessage),
    /// The desk acknowledged a message after this number of attempts.
    Acknowledged { text: String, number: u32, attempts: u32 },
    /// A call failed with an error that a caller has to handle.
    Failed(Failure),
    /// The poll of a reader started over (P7).
    StartedOver { reader: String },
    /// The final state of a dashboard.
    Dashboard(DashboardState),
    /// The process has stopped writing.
    Stopped,
}

/// A message that a writer sends. Its text is unique, and so is its key, which consists of
/// the author and a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SentMessage {
    pub(crate) location: String,
    pub(crate) booking: String,
    pub(crate) role: Role,
    pub(crate) author: String,
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

/// An error that the faults can cause.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Failure {
    Busy,
    Unavailable,
    OutcomeUnknown,
}

/// The content of a dashboard at the end, and the number of its polls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DashboardState {
    pub(crate) reader: String,
    pub(crate) location: String,
    pub(crate) unread: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) polls: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) booking: String,
    pub(crate) last: u32,
    pub(crate) unread: u32,
}

impl Report {
    /// Writes the event to the standard output.
    pub(crate) fn print(&self) {
        let line = serde_json::to_string(self).unwrap() + "\n";
        let mut out = std::io::stdout().lock();
        // An error means that the test has failed and reads no more.
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
    }

    /// Reads the events of a process until it ends.
    pub(crate) fn read_all(output: impl BufRead) -> impl Iterator<Item = Self> {
        output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }
}

impl Failure {
    /// Reports the error of a desk.
    #[track_caller]
    pub(crate) fn report(error: &DeskError) -> Self {
        match error {
            DeskError::Busy => Self::Busy.print(),
            DeskError::Store(error) => Self::report_of_store(error),
            other => panic!("{other:?}"),
        }
    }

    /// Reports the error of a store.
    #[track_caller]
    pub(crate) fn report_of_store(error: &StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Unavailable => Self::Unavailable.print(),
            StoreErrorKind::OutcomeUnknown => Self::OutcomeUnknown.print(),
            _ => panic!("{error:?}"),
        }
    }

    fn print(self) -> Self {
        Report::Failed(self).print();
        self
    }
}
