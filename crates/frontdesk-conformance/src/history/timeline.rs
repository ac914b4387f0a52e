//! The states of a location, one for each commit.

use std::collections::HashMap;

use super::call::{Call, CallIndex, CommitCall, content_digest};
use super::digest::Digest;
use super::line::{Change, Live, NewMessage};
use super::names::Name;
use super::slots::{LAST, Moment};

/// A commit and its revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Placed {
    pub(crate) revision: Moment,
    pub(crate) call: CallIndex,
}

/// The commits of a location in the order of their revisions, and what they made of each
/// thread.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub(crate) commits: Vec<Placed>,
    pub(crate) threads: HashMap<Name, ThreadTimeline>,
}

/// The states of one thread.
#[derive(Debug, Default)]
pub(crate) struct ThreadTimeline {
    pub(crate) versions: Vec<Version>,
    /// In the order of their numbers.
    pub(crate) messages: Vec<MessageLifespan>,
    /// The ranges of `messages` that one erasure or none ended.
    pub(crate) generations: Vec<Generation>,
    pub(crate) keys: HashMap<(Digest, Digest), Vec<usize>>,
    pub(crate) redactions: Vec<RedactionEvent>,
    /// `true` if the commits contradict each other, so that the messages are not known.
    pub(crate) is_broken: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Version {
    pub(crate) at: Placed,
    pub(crate) digest: Digest,
    pub(crate) live: Option<Live>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Generation {
    pub(crate) first: usize,
    pub(crate) end: usize,
    /// The erasure.
    pub(crate) gone: Placed,
}

/// The end of something that was not removed.
pub(crate) const NOT_GONE: Placed = Placed { revision: LAST, call: CallIndex::MAX };

/// A message from its commit to its erasure.
#[derive(Debug)]
pub(crate) struct MessageLifespan {
    pub(crate) number: u32,
    pub(crate) fixed: Digest,
    pub(crate) born: Placed,
    /// The erasure.
    pub(crate) gone: Placed,
    pub(crate) content: Digest,
    /// The contents after the first, each with its commit.
    pub(crate) later: Vec<(Placed, Digest)>,
    pub(crate) author: Digest,
    pub(crate) sent_at: i64,
    pub(crate) imported: bool,
    name: Option<Digest>,
    text: Option<Digest>,
    redaction: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct RedactionEvent {
    pub(crate) ordinal: u32,
    pub(crate) message: usize,
    pub(crate) at: Placed,
}

impl Timeline {
    /// Makes the states of commits, which are in the order of their revisions.
    pub(crate) fn new(calls: &[Call], commits: Vec<Placed>) -> Self {
        let mut threads: HashMap<Name, ThreadTimeline> = HashMap::new();
        for &at in &commits {
            let Some(commit) = calls[at.call as usize].commit() else { continue };
            threads.entry(commit.booking).or_default().apply(at, commit);
        }
        for thread in threads.values_mut() {
            thread.end_generation(NOT_GONE);
        }
        Self { commits, threads }
    }

    /// Returns the commit with a revision.
    pub(crate) fn commit_at(&self, revision: Moment) -> Option<Placed> {
        let index = self.commits.binary_search_by_key(&revision, |placed| placed.revision).ok()?;
        Some(self.commits[index])
    }

    /// Returns the first commit after a moment.
    pub(crate) fn commit_after(&self, moment: Moment) -> Option<Placed> {
        let index = self.commits.partition_point(|placed| placed.revision <= moment);
        self.commits.get(index).copied()
    }

    /// Returns the last commit up to a moment.
    pub(crate) fn commit_up_to(&self, moment: Moment) -> Option<Placed> {
        let index = self.commits.partition_point(|placed| placed.revision <= moment);
        self.commits[..index].last().copied()
    }
}

impl ThreadTimeline {
    fn apply(&mut self, at: Placed, commit: &CommitCall) {
        let previous = self.versions.last().map(|version| version.at.revision);
        self.is_broken |= previous != commit.expected;
        let (digest, live) = (commit.next.digest, commit.next.live);
        self.versions.push(Version { at, digest, live });
        if live.is_none() {
            self.end_generation(at);
        }
        match &commit.change {
            Change::None => {}
            Change::Messages(new) => new.iter().for_each(|new| self.append(at, new)),
            Change::Redact { number, ordinal } => {
                let is_text = |index: &usize| self.messages[*index].redaction.is_none();
                if let Some(index) = self.current(*number).filter(is_text) {
                    self.redactions.push(RedactionEvent { ordinal: *ordinal, message: index, at });
                    let message = &mut self.messages[index];
                    (message.text, message.redaction) = (None, Some(*ordinal));
                    message.update(at);
                }
            }
            Change::RedactAuthor { author, first, last } => {
                let start = self.messages.partition_point(|message| message.number < *first);
                for message in &mut self.messages[start..] {
                    let is_meant = message.number <= *last && message.author == *author;
                    if is_meant && message.gone == NOT_GONE && message.name.is_some() {
                        message.name = None;
                        message.update(at);
                    }
                }
            }
        }
    }

    fn append(&mut self, born: Placed, new: &NewMessage) {
        let NewMessage { message, author, key, sent_at, imported } = new;
        self.is_broken |= self.messages.last().is_some_and(|last| last.number >= message.number);
        if let Some(key) = key {
            self.keys.entry((*author, *key)).or_default().push(self.messages.len());
        }
        self.messages.push(MessageLifespan {
            number: message.number,
            fixed: message.fixed,
            born,
            gone: NOT_GONE,
            content: content_digest(message.name, message.text, message.redaction),
            later: Vec::new(),
            author: *author,
            sent_at: *sent_at,
            imported: *imported,
            name: message.name,
            text: message.text,
            redaction: message.redaction,
        });
    }

    /// Returns the index of a message that is not erased.
    fn current(&self, number: u32) -> Option<usize> {
        let index = self.messages.binary_search_by_key(&number, |message| message.number).ok()?;
        (self.messages[index].gone == NOT_GONE).then_some(index)
    }

    fn end_generation(&mut self, gone: Placed) {
        let first = self.generations.last().map_or(0, |generation| generation.end);
        let end = self.messages.len();
        if first < end {
            self.messages[first..].iter_mut().for_each(|message| message.gone = gone);
            self.generations.push(Generation { first, end, gone });
        }
    }

    /// Returns the version at a moment.
    pub(crate) fn version_at(&self, moment: Moment) -> Option<&Version> {
        let index = self.versions.partition_point(|version| version.at.revision <= moment);
        self.versions[..index].last()
    }

    /// Returns the first version after a moment.
    pub(crate) fn version_after(&self, moment: Moment) -> Option<&Version> {
        let index = self.versions.partition_point(|version| version.at.revision <= moment);
        self.versions.get(index)
    }
}

impl MessageLifespan {
    fn update(&mut self, at: Placed) {
        let content = content_digest(self.name, self.text, self.redaction);
        self.later.push((at, content));
    }

    /// Returns the commits at which a content begins and ends, or `None` if the message never
    /// had the content.
    pub(crate) fn span_of(&self, content: Digest) -> Option<(Placed, Placed)> {
        let states = std::iter::once((self.born, self.content)).chain(self.later.iter().copied());
        let ends = self.later.iter().map(|(at, _)| *at).chain([self.gone]);
        let mut spans = states.zip(ends).filter(|((_, state), _)| *state == content);
        spans.next().map(|((from, _), end)| (from, end))
    }
}
