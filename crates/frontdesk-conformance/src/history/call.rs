//! The calls of a history in memory.

use super::digest::Digest;
use super::line::{Change, Counts, List, NextState, Selection, VersionedMessage};
use super::names::Name;

/// The index of a call in the history.
pub(crate) type CallIndex = u32;

/// The end of a call that did not end.
pub(crate) const NEVER: u64 = u64::MAX;

/// A call and its answer.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) file: u32,
    /// The line of the call's beginning, from 1.
    pub(crate) line: u32,
    pub(crate) task: Name,
    pub(crate) location: Name,
    pub(crate) begin: u64,
    /// [`NEVER`] if the call did not end or its outcome is unknown.
    pub(crate) end: u64,
    /// The epoch of the answer.
    pub(crate) epoch: Option<u64>,
    pub(crate) operation: Operation,
}

/// A method with its arguments and its answer.
#[derive(Debug)]
pub(crate) enum Operation {
    Commit(Box<CommitCall>),
    Thread {
        booking: Name,
        found: Option<SeenHead>,
    },
    Heads(Box<HeadsCall>),
    Messages(Box<MessagesCall>),
    MessageByKey(Box<KeyCall>),
    Threads(Box<ThreadsCall>),
    Changes(Box<ChangesCall>),
    /// The location's entry in an answer of `locations`.
    Newest(u64),
    ForgetKeys(Box<ForgetCall>),
}

#[derive(Debug)]
pub(crate) struct CommitCall {
    pub(crate) booking: Name,
    pub(crate) expected: Option<u64>,
    pub(crate) expected_epoch: Option<u64>,
    pub(crate) next: NextState,
    pub(crate) change: Change,
    pub(crate) outcome: CommitOutcome,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum CommitOutcome {
    Committed(u64),
    Conflict(Option<SeenHead>),
    KeyTaken {
        index: u32,
        message: SeenMessage,
    },
    /// The call did not end, or the store did not know the outcome.
    Unknown,
    /// The store failed and wrote nothing.
    Failed,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenHead {
    pub(crate) booking: Name,
    pub(crate) revision: u64,
    pub(crate) digest: Digest,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenMessage {
    pub(crate) number: u32,
    pub(crate) redaction: u32,
    pub(crate) revision: u64,
    pub(crate) fixed: Digest,
    pub(crate) content: Digest,
}

#[derive(Debug)]
pub(crate) struct HeadsCall {
    pub(crate) bookings: Box<[Name]>,
    pub(crate) found: Box<[SeenHead]>,
}

#[derive(Debug)]
pub(crate) struct MessagesCall {
    pub(crate) booking: Name,
    pub(crate) selection: Selection,
    pub(crate) limit: u64,
    pub(crate) found: Box<[SeenMessage]>,
}

#[derive(Debug)]
pub(crate) struct KeyCall {
    pub(crate) booking: Name,
    pub(crate) author: Digest,
    pub(crate) key: Digest,
    pub(crate) found: Option<SeenMessage>,
}

#[derive(Debug)]
pub(crate) struct ThreadsCall {
    pub(crate) list: List,
    pub(crate) after: Option<(i64, Name)>,
    pub(crate) limit: u64,
    pub(crate) threads: Box<[(Name, Digest)]>,
    pub(crate) counts: Counts,
}

#[derive(Debug)]
pub(crate) struct ChangesCall {
    pub(crate) since: u64,
    pub(crate) limit: u64,
    pub(crate) changed: Box<[SeenHead]>,
    pub(crate) more: bool,
    pub(crate) counts: Counts,
}

#[derive(Debug)]
pub(crate) struct ForgetCall {
    pub(crate) before: i64,
    pub(crate) limit: u64,
    /// The number of removed keys and whether there were more, or `None` if the outcome is
    /// unknown.
    pub(crate) answer: Option<(u64, bool)>,
}

/// Returns the digest of the parts of a message that redactions change.
pub(crate) fn content_digest(
    name: Option<Digest>,
    text: Option<Digest>,
    redaction: Option<u32>,
) -> Digest {
    let part = |digest: Option<Digest>| [u64::from(digest.is_some()), digest.map_or(0, |d| d.0)];
    let ([a, b], [c, d]) = (part(name), part(text));
    Digest::join(&[a, b, c, d, redaction.unwrap_or_default().into()])
}

impl From<VersionedMessage> for SeenMessage {
    fn from(VersionedMessage { revision, message }: VersionedMessage) -> Self {
        Self {
            number: message.number,
            redaction: message.redaction.unwrap_or_default(),
            revision,
            fixed: message.fixed,
            content: content_digest(message.name, message.text, message.redaction),
        }
    }
}

impl Call {
    /// Returns the commit and its arguments.
    pub(crate) fn commit(&self) -> Option<&CommitCall> {
        if let Operation::Commit(commit) = &self.operation { Some(commit) } else { None }
    }

    /// Returns the thread that the call is about.
    pub(crate) fn booking(&self) -> Option<Name> {
        match &self.operation {
            Operation::Commit(commit) => Some(commit.booking),
            Operation::Thread { booking, .. } => Some(*booking),
            Operation::Messages(call) => Some(call.booking),
            Operation::MessageByKey(call) => Some(call.booking),
            _ => None,
        }
    }

    /// Returns the counts of the answer.
    pub(crate) fn counts(&self) -> Option<Counts> {
        match &self.operation {
            Operation::Threads(call) => Some(call.counts),
            Operation::Changes(call) => Some(call.counts),
            _ => None,
        }
    }

    /// Returns the heads of the answer, with their revisions.
    pub(crate) fn heads(&self) -> &[SeenHead] {
        match &self.operation {
            Operation::Thread { found, .. } => found.as_slice(),
            Operation::Heads(call) => &call.found,
            Operation::Changes(call) => &call.changed,
            Operation::Commit(commit) => match &commit.outcome {
                CommitOutcome::Conflict(found) => found.as_slice(),
                _ => &[],
            },
            _ => &[],
        }
    }

    /// Returns the messages of the answer.
    pub(crate) fn messages(&self) -> &[SeenMessage] {
        match &self.operation {
            Operation::Messages(call) => &call.found,
            Operation::MessageByKey(call) => call.found.as_slice(),
            Operation::Commit(commit) => match &commit.outcome {
                CommitOutcome::KeyTaken { message, .. } => std::slice::from_ref(message),
                _ => &[],
            },
            _ => &[],
        }
    }
}

impl Call {
    /// Returns `true` for a commit that was acknowledged.
    pub(crate) fn commit_is_acknowledged(&self) -> bool {
        let outcome = self.commit().map(|commit| commit.outcome);
        matches!(outcome, Some(CommitOutcome::Committed(_)))
    }
}
