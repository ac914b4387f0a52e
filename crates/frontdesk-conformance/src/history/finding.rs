//! Contradictions as the checks find them, and their texts.

use super::anomaly::{Anomaly, AnomalyCall, AnomalyKind};
use super::call::{Call, CallIndex, CommitCall, CommitOutcome, Operation, SeenHead};
use super::line::{Change, Counts, List};
use super::names::Name;
use super::reader::History;

/// A contradiction between calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: AnomalyKind,
    pub(crate) calls: Vec<CallIndex>,
}

impl Finding {
    /// Makes a contradiction. Calls that are not known, or named twice, are left out.
    pub(crate) fn new(kind: AnomalyKind, calls: impl IntoIterator<Item = CallIndex>) -> Self {
        let mut named = Vec::new();
        for call in calls {
            if call != CallIndex::MAX && !named.contains(&call) {
                named.push(call);
            }
        }
        Self { kind, calls: named }
    }

    pub(crate) fn describe(&self, history: &History, location: Name) -> Anomaly {
        let calls = self.calls.iter().map(|&index| {
            let call = &history.calls[index as usize];
            let source = &history.files[call.file as usize];
            let file = source.path.file_name().unwrap_or_default().to_string_lossy();
            AnomalyCall {
                position: format!("{file}:{}", call.line),
                process: source.process,
                task: history.names.text(call.task).to_owned(),
                description: Description { history, call }.text(),
            }
        });
        let location = history.names.text(location).to_owned();
        Anomaly { kind: self.kind, location, calls: calls.collect() }
    }
}

struct Description<'a> {
    history: &'a History,
    call: &'a Call,
}

impl Description<'_> {
    fn name(&self, name: Name) -> &str {
        self.history.names.text(name)
    }

    fn text(&self) -> String {
        match &self.call.operation {
            Operation::Commit(commit) => self.commit(commit),
            Operation::Thread { booking, found } => {
                format!("read {} and found {}", self.name(*booking), head(found.as_ref()))
            }
            Operation::Heads(call) => {
                let found = call.found.iter().map(|found| {
                    format!("{} at revision {}", self.name(found.booking), found.revision)
                });
                format!("read {} heads and found {}", call.bookings.len(), list(found))
            }
            Operation::Messages(call) => {
                let found = call.found.iter().map(|message| message.number.to_string());
                format!("read messages of {} and found {}", self.name(call.booking), list(found))
            }
            Operation::MessageByKey(call) => {
                let found = match &call.found {
                    Some(message) => format!("message {}", message.number),
                    None => "no message".to_owned(),
                };
                format!("looked for a key in {} and found {found}", self.name(call.booking))
            }
            Operation::Threads(call) => {
                let found = call.threads.iter().map(|(booking, _)| self.name(*booking).to_owned());
                let words = call.list.words();
                format!("read {words} {} and found {}", counts(call.counts), list(found))
            }
            Operation::Changes(call) => {
                let found = call.changed.iter().map(|found| {
                    format!("{} at revision {}", self.name(found.booking), found.revision)
                });
                let (since, counts) = (call.since, counts(call.counts));
                format!("polled since revision {since} {counts} and found {}", list(found))
            }
            Operation::Newest(revision) => {
                format!("read the list of locations and found the revision {revision}")
            }
            Operation::ForgetKeys(call) => match call.answer {
                Some((removed, _)) => format!("forgot {removed} keys"),
                None => "began to forget keys".to_owned(),
            },
        }
    }

    fn commit(&self, commit: &CommitCall) -> String {
        let booking = self.name(commit.booking);
        let action = match &commit.change {
            _ if commit.next.live.is_none() => format!("erased or linked {booking}"),
            Change::None => format!("changed {booking}"),
            Change::Messages(new) => {
                let numbers = list(new.iter().map(|new| new.message.number.to_string()));
                let plural = if new.len() == 1 { "" } else { "s" };
                format!("added message{plural} {numbers} to {booking}")
            }
            Change::Redact { number, .. } => format!("redacted message {number} of {booking}"),
            Change::RedactAuthor { .. } => format!("removed an author's name from {booking}"),
        };
        let expected = match commit.expected {
            Some(revision) => format!("expecting revision {revision}"),
            None => "expecting nothing stored".to_owned(),
        };
        let outcome = match &commit.outcome {
            CommitOutcome::Committed(revision) => format!("committed at revision {revision}"),
            CommitOutcome::Conflict(found) => format!("conflict with {}", head(found.as_ref())),
            CommitOutcome::KeyTaken { index, message } => {
                format!("key {index} is taken by message {}", message.number)
            }
            CommitOutcome::Unknown => "unknown outcome".to_owned(),
            CommitOutcome::Failed => "failed, not written".to_owned(),
        };
        format!("{action}, {expected}: {outcome}")
    }
}

fn head(found: Option<&SeenHead>) -> String {
    match found {
        Some(found) => format!("revision {}", found.revision),
        None => "nothing".to_owned(),
    }
}

fn counts(counts: Counts) -> String {
    let Counts { revision, unread, waiting } = counts;
    format!("at revision {revision} ({unread} unread, {waiting} waiting)")
}

/// Joins up to five entries.
fn list(entries: impl ExactSizeIterator<Item = String>) -> String {
    const MOST: usize = 5;
    let count = entries.len();
    if count == 0 {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = entries.take(MOST).collect();
    let more = if count > MOST { format!(" and {} more", count - MOST) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

impl List {
    fn words(self) -> &'static str {
        match self {
            Self::All => "the threads",
            Self::Unread => "the unread threads",
            Self::Waiting => "the waiting threads",
        }
    }
}
