//! The messages that answers show, as evidence for or against commits with an unknown outcome.
//!
//! Commits can write the same state and different messages: two redactions from one revision
//! differ only by the message that they redact. So the state alone does not tell which of them
//! was written.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::call::{Call, CallIndex, CommitCall, CommitOutcome, Operation, content_digest};
use super::digest::Digest;
use super::line::{Change, NewMessage};
use super::names::Name;
use super::slots::Moment;

/// The statement of all answers of an epoch about a commit at a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Support {
    /// An answer shows a message as it was not after the commit.
    Contradicted,
    /// No answer depends on the commit.
    Possible,
    /// The commit redacted a message that was redacted before, so it changed no message.
    Unchanged,
    /// An answer shows a message as the commit made it.
    Shown,
}

/// The messages of the threads that commits with an unknown outcome may have changed.
#[derive(Debug, Default)]
pub(crate) struct ShownMessages {
    threads: HashMap<Name, BTreeMap<u32, Vec<ShownMessage>>>,
    /// The lowest ordinal of each message that a written commit redacts.
    redacted: HashMap<(Name, u32), u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ShownMessage {
    /// The revision at which the message was added.
    revision: Moment,
    fixed: Digest,
    content: Digest,
    redaction: u32,
    /// The author and the key, if the answer names the key.
    key: Option<(Digest, Digest)>,
    /// The author, if a commit that adds the message was recorded.
    author: Option<Digest>,
    has_name: bool,
    /// A moment that is not after that of the answer.
    floor: Moment,
}

impl ShownMessages {
    /// Collects the messages that the calls of an epoch show, of the threads of `unknown`.
    pub(crate) fn new(calls: &[Call], epoch: &[CallIndex], unknown: &[CallIndex]) -> Self {
        let mut shown = Self::default();
        for &index in unknown {
            shown.threads.extend(calls[index as usize].booking().map(|it| (it, BTreeMap::new())));
        }
        if shown.threads.is_empty() {
            return shown;
        }
        let added = shown.added(calls, epoch.iter().chain(unknown));
        let floors = Floors::new(calls, epoch);
        for call in epoch.iter().map(|&index| &calls[index as usize]) {
            if let Some(commit) = call.commit().filter(|_| call.commit_is_acknowledged()) {
                shown.add_written(commit);
            }
        }
        for &index in epoch {
            let call = &calls[index as usize];
            let Some(booking) = call.booking() else { continue };
            let Some(thread) = shown.threads.get_mut(&booking) else { continue };
            let floor = call.messages().iter().map(|message| message.revision).max();
            let Some(floor) = floor.map(|floor| floor.max(floors.before(call))) else { continue };
            for seen in call.messages() {
                let new = added.get(&(booking, seen.number, seen.fixed));
                let new = new.map_or(&[][..], Vec::as_slice);
                let is_nameless =
                    |new: &&NewMessage| content(new, None, seen.redaction) == seen.content;
                let message = ShownMessage {
                    revision: seen.revision,
                    fixed: seen.fixed,
                    content: seen.content,
                    redaction: seen.redaction,
                    key: call.key(),
                    author: new.first().map(|new| new.author),
                    has_name: !new.iter().any(is_nameless),
                    floor,
                };
                let messages = thread.entry(seen.number).or_default();
                let is_same =
                    |other: &&mut ShownMessage| ShownMessage { floor, ..**other } == message;
                match messages.iter_mut().find(is_same) {
                    Some(other) => other.floor = other.floor.max(floor),
                    None => messages.push(message),
                }
            }
        }
        shown
    }

    /// Returns the messages that commits add to the threads.
    fn added<'a>(
        &self,
        calls: &'a [Call],
        commits: impl Iterator<Item = &'a CallIndex>,
    ) -> HashMap<(Name, u32, Digest), Vec<&'a NewMessage>> {
        let commits = commits.filter_map(|&index| calls[index as usize].commit());
        let commits = commits.filter(|commit| self.threads.contains_key(&commit.booking));
        let mut added: HashMap<_, Vec<_>> = HashMap::new();
        for commit in commits {
            let Change::Messages(messages) = &commit.change else { continue };
            for new in messages {
                let key = (commit.booking, new.message.number, new.message.fixed);
                added.entry(key).or_default().push(new);
            }
        }
        added
    }

    /// Adds a commit that was written.
    pub(crate) fn add_written(&mut self, commit: &CommitCall) {
        let Change::Redact { number, ordinal } = commit.change else { return };
        if self.threads.contains_key(&commit.booking) {
            let lowest = self.redacted.entry((commit.booking, number)).or_insert(ordinal);
            *lowest = ordinal.min(*lowest);
        }
    }

    /// Returns the statement of the answers about a commit, at `revision` if it is known.
    pub(crate) fn support(&self, commit: &CommitCall, revision: Option<Moment>) -> Support {
        let Some(thread) = self.threads.get(&commit.booking) else { return Support::Possible };
        let mut support = Support::Possible;
        let mut add = |other| match support {
            Support::Contradicted => {}
            _ if other == Support::Contradicted => support = other,
            _ => support = support.max(other),
        };
        let is_after = |shown: &ShownMessage| {
            revision.is_some_and(|at| shown.floor >= at && shown.revision < at)
        };
        match &commit.change {
            Change::None => {}
            Change::Messages(new) => {
                for new in new {
                    let shown = thread.get(&new.message.number).into_iter().flatten();
                    shown.for_each(|shown| add(shown.added_by(new, revision)));
                }
            }
            Change::Redact { number, ordinal } => {
                let redacted = self.redacted.get(&(commit.booking, *number));
                if redacted.is_some_and(|redacted| redacted < ordinal) {
                    return Support::Unchanged;
                }
                for shown in thread.get(number).into_iter().flatten() {
                    let is_late = is_after(shown) && shown.redaction == 0;
                    add(match shown.redaction.cmp(ordinal) {
                        _ if is_late => Support::Contradicted,
                        Ordering::Equal => Support::Shown,
                        Ordering::Greater => Support::Contradicted,
                        Ordering::Less if shown.redaction > 0 => Support::Unchanged,
                        Ordering::Less => Support::Possible,
                    });
                }
            }
            Change::RedactAuthor { author, first, last } => {
                let shown = thread.range(first..=last).flat_map(|(_, shown)| shown);
                for shown in shown.filter(|shown| shown.author == Some(*author)) {
                    add(match shown.has_name {
                        true if is_after(shown) => Support::Contradicted,
                        true => Support::Possible,
                        false => Support::Shown,
                    });
                }
            }
        }
        support
    }
}

impl ShownMessage {
    /// Returns the statement about a commit that adds a message, at `revision` if it is known.
    fn added_by(&self, new: &NewMessage, revision: Option<Moment>) -> Support {
        let NewMessage { message, author, key, .. } = new;
        let contents = [message.name, None].map(|name| content(new, name, self.redaction));
        let is_same = self.fixed == message.fixed
            && contents.contains(&self.content)
            && revision.is_none_or(|revision| revision == self.revision)
            && self.key.is_none_or(|shown| Some(shown) == key.map(|key| (*author, key)));
        if is_same { Support::Shown } else { Support::Contradicted }
    }
}

/// Returns the digest of a message with a name, after a redaction unless `redaction` is 0.
fn content(new: &NewMessage, name: Option<Digest>, redaction: u32) -> Digest {
    let before = new.message.redaction.unwrap_or_default();
    let text = new.message.text.filter(|_| redaction == before);
    content_digest(name, text, (redaction > 0).then_some(redaction))
}

/// The highest revision that finished calls have shown, at each time.
struct Floors(Vec<(u64, Moment)>);

impl Floors {
    fn new(calls: &[Call], epoch: &[CallIndex]) -> Self {
        let ended = epoch.iter().map(|&index| &calls[index as usize]);
        let mut floors: Vec<_> = ended.map(|call| (call.end, call.shown())).collect();
        floors.sort_unstable();
        let mut highest = 0;
        for (_, floor) in &mut floors {
            highest = highest.max(*floor);
            *floor = highest;
        }
        Self(floors)
    }

    /// Returns the highest revision that was shown before a call began.
    fn before(&self, call: &Call) -> Moment {
        let index = self.0.partition_point(|(end, _)| *end < call.begin);
        self.0[..index].last().map_or(0, |(_, floor)| *floor)
    }
}

impl Call {
    /// Returns the highest revision that the answer shows.
    fn shown(&self) -> Moment {
        let heads = self.heads().iter().map(|head| head.revision);
        let messages = self.messages().iter().map(|message| message.revision);
        let counts = self.counts().map(|counts| counts.revision);
        let other = match &self.operation {
            Operation::Newest(revision) => Some(*revision),
            Operation::Commit(commit) => match commit.outcome {
                CommitOutcome::Committed(revision) => Some(revision),
                _ => None,
            },
            _ => None,
        };
        heads.chain(messages).chain(counts).chain(other).max().unwrap_or_default()
    }

    /// Returns the author and the key of the message that the answer shows.
    fn key(&self) -> Option<(Digest, Digest)> {
        match &self.operation {
            Operation::MessageByKey(query) => Some((query.author, query.key)),
            Operation::Commit(commit) => match (&commit.outcome, &commit.change) {
                (CommitOutcome::KeyTaken { index, .. }, Change::Messages(new)) => {
                    let new = new.get(*index as usize)?;
                    Some((new.author, new.key?))
                }
                _ => None,
            },
            _ => None,
        }
    }
}
