//! The lines of a history's files.
//!
//! Each line is one of three JSON objects: a header, the beginning of a call or the end of a
//! call. Times are nanoseconds of the machine's monotonic clock, and timestamps of messages
//! are microseconds since 1970.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// The version of the format, which the header of each file names.
pub(crate) const VERSION: u32 = 1;

/// A line of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Line<'a> {
    /// The first line.
    History(Header),
    /// The beginning of a call.
    #[serde(borrow)]
    Begin(Begin<'a>),
    /// The end of a call.
    #[serde(borrow)]
    End(End<'a>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) process: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Begin<'a> {
    /// The number of the call in its file.
    pub(crate) call: u64,
    pub(crate) at: u64,
    #[serde(borrow)]
    pub(crate) task: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) arguments: Arguments<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct End<'a> {
    pub(crate) call: u64,
    pub(crate) at: u64,
    #[serde(borrow)]
    pub(crate) outcome: CallResult<'a>,
}

/// The result of a call.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CallResult<'a> {
    Answer {
        epoch: u64,
        #[serde(borrow)]
        value: Value<'a>,
    },
    Error(ErrorKind),
}

/// The kind of a store's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ErrorKind {
    Unavailable,
    OutcomeUnknown,
    Corrupt,
    Other,
}

/// A method and its arguments.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Arguments<'a> {
    #[serde(borrow)]
    Thread(ThreadArgument<'a>),
    Heads {
        #[serde(borrow)]
        location: Cow<'a, str>,
        bookings: Vec<Cow<'a, str>>,
    },
    #[serde(borrow)]
    Commit(CommitArgument<'a>),
    Messages {
        #[serde(borrow)]
        thread: ThreadArgument<'a>,
        selection: Selection,
        limit: u64,
    },
    MessageByKey {
        #[serde(borrow)]
        thread: ThreadArgument<'a>,
        author: Digest,
        key: Digest,
    },
    Threads {
        #[serde(borrow)]
        location: Cow<'a, str>,
        list: List,
        #[serde(borrow)]
        after: Option<Position<'a>>,
        limit: u64,
    },
    Changes {
        #[serde(borrow)]
        location: Cow<'a, str>,
        since: u64,
        limit: u64,
    },
    Locations {
        #[serde(borrow)]
        after: Option<Cow<'a, str>>,
        limit: u64,
    },
    ForgetKeys {
        #[serde(borrow)]
        location: Cow<'a, str>,
        before: i64,
        limit: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadArgument<'a> {
    #[serde(borrow)]
    pub(crate) location: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) booking: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommitArgument<'a> {
    #[serde(borrow)]
    pub(crate) thread: ThreadArgument<'a>,
    pub(crate) expected: Option<u64>,
    /// The epoch in which the commit was computed.
    #[serde(default)]
    pub(crate) expected_epoch: Option<u64>,
    pub(crate) next: NextState,
    pub(crate) change: Change,
}

/// The state that a commit writes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NextState {
    /// The digest of the whole state.
    pub(crate) digest: Digest,
    /// The parts by which lists and counts are made; `None` for a link and a tombstone.
    pub(crate) live: Option<Live>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Live {
    pub(crate) active_at: i64,
    pub(crate) unread: bool,
    pub(crate) waiting_since: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Change {
    None,
    Messages(Vec<NewMessage>),
    Redact { number: u32, ordinal: u32 },
    RedactAuthor { author: Digest, first: u32, last: u32 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewMessage {
    pub(crate) message: MessageContent,
    /// The digest of the author's role and id.
    pub(crate) author: Digest,
    pub(crate) key: Option<Digest>,
    pub(crate) sent_at: i64,
    pub(crate) imported: bool,
}

/// The content of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageContent {
    pub(crate) number: u32,
    /// The digest of everything that never changes.
    pub(crate) fixed: Digest,
    /// The digest of the author's name.
    pub(crate) name: Option<Digest>,
    /// The digest of the text; `None` once the message is redacted.
    pub(crate) text: Option<Digest>,
    pub(crate) redaction: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionedMessage {
    pub(crate) revision: u64,
    pub(crate) message: MessageContent,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Selection {
    OldestFirst { first: u32, last: u32 },
    NewestFirst { first: u32, last: u32 },
    RedactedAfter(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum List {
    All,
    Unread,
    Waiting,
}

/// A position in a list: the time by which the list is ordered, and a booking.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Position<'a> {
    pub(crate) at: i64,
    #[serde(borrow)]
    pub(crate) booking: Cow<'a, str>,
}

/// The value of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Value<'a> {
    #[serde(borrow)]
    Thread(Option<Head<'a>>),
    #[serde(borrow)]
    Heads(Vec<Head<'a>>),
    Committed(u64),
    #[serde(borrow)]
    Conflict(Option<Head<'a>>),
    KeyTaken {
        index: u32,
        message: VersionedMessage,
    },
    Messages(Vec<VersionedMessage>),
    MessageByKey(Option<VersionedMessage>),
    Threads {
        #[serde(borrow)]
        threads: Vec<ListedThread<'a>>,
        counts: Counts,
    },
    Changes {
        #[serde(borrow)]
        changed: Vec<Head<'a>>,
        more: bool,
        counts: Counts,
    },
    #[serde(borrow)]
    Locations(Vec<LocationRevision<'a>>),
    ForgottenKeys {
        removed: u64,
        more: bool,
    },
}

/// The state of a thread's id, as a digest, and its revision.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head<'a> {
    #[serde(borrow)]
    pub(crate) booking: Cow<'a, str>,
    pub(crate) revision: u64,
    pub(crate) digest: Digest,
}

/// An entry of a list of threads.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedThread<'a> {
    #[serde(borrow)]
    pub(crate) booking: Cow<'a, str>,
    pub(crate) digest: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LocationRevision<'a> {
    #[serde(borrow)]
    pub(crate) location: Cow<'a, str>,
    pub(crate) revision: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    pub(crate) revision: u64,
    pub(crate) unread: u64,
    pub(crate) waiting: u64,
}
