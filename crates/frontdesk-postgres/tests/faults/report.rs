//! The events that a process reports on its standard output, one in each line.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, Write};

use frontdesk::store::{StoreError, StoreErrorKind};
use frontdesk::{DeskError, Message, MessageBody, MessageNumber, Role};
use serde::{Deserialize, Serialize};

/// An event. The events of one client are in the order in which they happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Report {
    /// A writer is about to send this message.
    Sending(SentMessage),
    /// The desk acknowledged a message after this number of attempts.
    Acknowledged { text: String, number: u32, attempts: u32 },
    /// A call failed with an error that a caller has to handle.
    Failed(Failure),
    /// A client was shown messages of a thread.
    History(HistorySlice),
    /// A client read the change feed.
    Feed(FeedSlice),
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

/// Consecutive messages of a thread that a client was shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HistorySlice {
    pub(crate) reader: String,
    pub(crate) location: String,
    pub(crate) booking: String,
    /// The highest number that the process knew to be stored before the read. The last
    /// message shown must not be older.
    pub(crate) at_least: u32,
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) fingerprint: u64,
}

/// The changes of a location that a store returned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FeedSlice {
    pub(crate) reader: String,
    pub(crate) location: String,
    pub(crate) since: u64,
    pub(crate) revision: u64,
    pub(crate) unread: u64,
    pub(crate) heads: Vec<Head>,
    /// The bookings and their highest numbers that the process knew to be stored before the
    /// read.
    pub(crate) at_least: Vec<(String, u32)>,
}

/// The part of a thread's head that the checker compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) revision: u64,
    pub(crate) booking: String,
    pub(crate) last: u32,
    pub(crate) unread: u32,
}

/// The content of a dashboard at the end, and counts of its polls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DashboardState {
    pub(crate) reader: String,
    pub(crate) location: String,
    pub(crate) unread: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) polls: u32,
    pub(crate) start_overs: u32,
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

impl HistorySlice {
    /// Makes a slice of messages as operators see them.
    pub(crate) fn of(messages: &[Message]) -> Self {
        Self::new(messages.iter().map(message_identity))
    }

    /// Makes a slice without its reader and thread, which the caller sets.
    pub(crate) fn new<'a>(messages: impl Iterator<Item = MessageIdentity<'a>> + Clone) -> Self {
        let numbers: Vec<u32> = messages.clone().map(|(number, ..)| number.get()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a gap in {numbers:?}");
        Self {
            reader: String::new(),
            location: String::new(),
            booking: String::new(),
            at_least: 0,
            first: numbers.first().copied().unwrap_or(1),
            count: numbers.len().try_into().unwrap(),
            fingerprint: fingerprint(messages),
        }
    }

    pub(crate) fn last(&self) -> u32 {
        self.first + self.count - 1
    }
}

/// The properties of a message that never change: number, role and text.
pub(crate) type MessageIdentity<'a> = (MessageNumber, Role, &'a str);

pub(crate) fn message_identity(message: &Message) -> MessageIdentity<'_> {
    let text = message.body().map_or("", MessageBody::as_str);
    (message.number(), message.role(), text)
}

pub(crate) fn fingerprint<'a>(messages: impl Iterator<Item = MessageIdentity<'a>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    messages.for_each(|message| message.hash(&mut hasher));
    hasher.finish()
}
