//! The comparison of lists and feeds with the state of their revision.
//!
//! Each of these answers names its revision. So the check goes through the commits once, in
//! the order of revisions, and compares each answer with the state of that moment.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound::{Excluded, Unbounded};

use super::anomaly::{AnomalyKind, MAX_ANOMALIES};
use super::call::{Call, CallIndex, ChangesCall, Operation, SeenHead, ThreadsCall};
use super::digest::Digest;
use super::finding::Finding;
use super::line::{Counts, List};
use super::names::{Name, Names};
use super::slots::{LAST, Moment, Slots};
use super::thread_reads::ThreadReads;
use super::timeline::{Timeline, Version};

/// The answers of one location that name their revision.
pub(crate) struct LocationReads<'a> {
    pub(crate) calls: &'a [Call],
    pub(crate) timeline: &'a Timeline,
    pub(crate) names: &'a Names,
    /// The commits whose outcome is not known.
    pub(crate) undecided: &'a [CallIndex],
    pub(crate) thread_reads: &'a ThreadReads<'a>,
}

impl LocationReads<'_> {
    /// Compares the answers and returns the moments of those that are right.
    pub(crate) fn check(
        &self,
        epoch: &[CallIndex],
        findings: &mut Vec<Finding>,
    ) -> Vec<(CallIndex, Slots)> {
        let mut reads: Vec<(Moment, CallIndex)> = epoch
            .iter()
            .filter_map(|&index| Some((self.calls[index as usize].counts()?.revision, index)))
            .collect();
        reads.sort_unstable();
        let mut state = State::new(self.timeline, self.names);
        let mut commits = self.timeline.commits.iter().peekable();
        let mut right = Vec::with_capacity(reads.len());
        let mut wrong = 0;
        for (moment, index) in reads {
            // A finding takes a search through all calls.
            if wrong == MAX_ANOMALIES {
                break;
            }
            while let Some(commit) = commits.next_if(|commit| commit.revision <= moment) {
                if let Some(written) = self.calls[commit.call as usize].commit() {
                    state.apply(
                        written.booking,
                        Version {
                            at: *commit,
                            digest: written.next.digest,
                            live: written.next.live,
                        },
                    );
                }
            }
            match self.compare(&state, moment, index) {
                Ok(()) => {
                    let next = self.timeline.commit_after(moment);
                    let last = next.map_or(LAST, |next| next.revision - 1);
                    right.push((index, Slots::range(moment, last)));
                }
                Err(finding) => {
                    wrong += 1;
                    findings.push(finding);
                }
            }
        }
        right
    }

    fn compare(&self, state: &State<'_>, moment: Moment, index: CallIndex) -> Result<(), Finding> {
        let uncertain = self.uncertain(state, index);
        if moment > 0 && self.timeline.commit_at(moment).is_none() && uncertain.is_empty() {
            let before = self.timeline.commit_up_to(moment).map(|commit| commit.call);
            let calls = before.into_iter().chain([index]);
            return Err(Finding::new(AnomalyKind::UnknownState, calls));
        }
        match &self.calls[index as usize].operation {
            Operation::Threads(call) => self.threads(state, &uncertain, index, call)?,
            Operation::Changes(call) => self.changes(state, &uncertain, index, call)?,
            _ => {}
        }
        let counts = self.calls[index as usize].counts();
        let tolerance = uncertain.len() as u64;
        let is_right = |counts: Counts| {
            counts.unread.abs_diff(state.unread.len() as u64) <= tolerance
                && counts.waiting.abs_diff(state.waiting.len() as u64) <= tolerance
        };
        if counts.is_some_and(|counts| !is_right(counts)) {
            let at = self.timeline.commit_up_to(moment).map(|commit| commit.call);
            return Err(Finding::new(AnomalyKind::WrongCount, at.into_iter().chain([index])));
        }
        Ok(())
    }

    /// Returns the threads that a commit without a known outcome may have changed, and the
    /// digests that it would have written.
    fn uncertain(&self, state: &State<'_>, index: CallIndex) -> Uncertain {
        let mut uncertain = Uncertain::new();
        let end = self.calls[index as usize].end;
        for &undecided in self.undecided {
            let call = &self.calls[undecided as usize];
            let Some(commit) = call.commit().filter(|_| call.begin <= end) else { continue };
            let current = state.current(commit.booking).map(|version| version.at.revision);
            let can_follow = commit.expected == current
                || commit.expected.is_some_and(|expected| {
                    current.is_none_or(|current| expected > current)
                        && self.timeline.commit_at(expected).is_none()
                });
            if can_follow {
                uncertain.entry(commit.booking).or_default().insert(commit.next.digest);
            }
        }
        uncertain
    }

    fn threads(
        &self,
        state: &State<'_>,
        uncertain: &Uncertain,
        index: CallIndex,
        call: &ThreadsCall,
    ) -> Result<(), Finding> {
        let set = match call.list {
            List::All => &state.inbox,
            List::Unread => &state.unread,
            List::Waiting => &state.waiting,
        };
        let after = call.after.map(|(at, booking)| {
            let at = if call.list == List::Waiting { at } else { -at };
            (at, state.rank_of(booking))
        });
        let expected = set.range((after.map_or(Unbounded, Excluded), Unbounded));
        let mut expected = expected
            .map(|&(_, rank)| state.by_rank(rank))
            .filter(|(booking, _)| !uncertain.contains_key(booking));
        for &(booking, digest) in &call.threads {
            if let Some(digests) = uncertain.get(&booking) {
                let current = state.current(booking).map(|version| version.digest);
                if current != Some(digest) && !digests.contains(&digest) {
                    return Err(self.wrong_entry(state, index, (booking, digest)));
                }
                continue;
            }
            match expected.next() {
                Some((name, version)) if name == booking && version.digest == digest => {}
                Some((name, version)) if name != booking => {
                    let is_current =
                        state.current(booking).is_some_and(|version| version.digest == digest);
                    return Err(if is_current {
                        Self::missing(index, version)
                    } else {
                        self.wrong_entry(state, index, (booking, digest))
                    });
                }
                _ => return Err(self.wrong_entry(state, index, (booking, digest))),
            }
        }
        let has_room = (call.threads.len() as u64) < call.limit;
        match expected.next().filter(|_| has_room) {
            Some((_, version)) => Err(Self::missing(index, version)),
            None if call.threads.len() as u64 > call.limit => {
                Err(Finding::new(AnomalyKind::WrongList, [index]))
            }
            None => Ok(()),
        }
    }

    fn changes(
        &self,
        state: &State<'_>,
        uncertain: &Uncertain,
        index: CallIndex,
        call: &ChangesCall,
    ) -> Result<(), Finding> {
        let expected = state.feed.range((Excluded(call.since), Unbounded));
        let mut expected = expected
            .map(|(_, &rank)| state.by_rank(rank))
            .filter(|(booking, _)| !uncertain.contains_key(booking));
        for found in &call.changed {
            if uncertain.contains_key(&found.booking) {
                let thread = self.timeline.threads.get(&found.booking);
                let written = thread.and_then(|thread| thread.version_at(found.revision));
                let is_written = written.is_some_and(|version| {
                    version.at.revision == found.revision && version.digest == found.digest
                });
                if !is_written {
                    return Err(self.wrong_head(index, found));
                }
                continue;
            }
            let Some((booking, version)) = expected.next() else {
                return Err(self.wrong_head(index, found));
            };
            let is_same = booking == found.booking
                && version.at.revision == found.revision
                && version.digest == found.digest;
            if !is_same {
                let is_later = found.revision > version.at.revision;
                return Err(if is_later && booking != found.booking {
                    Self::missing(index, version)
                } else {
                    self.wrong_head(index, found)
                });
            }
        }
        let has_room = (call.changed.len() as u64) < call.limit;
        match expected.next() {
            Some((_, version)) if has_room => Err(Self::missing(index, version)),
            next => {
                let is_right = call.more == next.is_some() || !uncertain.is_empty();
                let is_right = is_right && call.changed.len() as u64 <= call.limit;
                is_right.then_some(()).ok_or(Finding::new(AnomalyKind::WrongList, [index]))
            }
        }
    }

    /// Returns the finding for an answer without the latest state of a thread.
    fn missing(index: CallIndex, version: &Version) -> Finding {
        Finding::new(AnomalyKind::WrongList, [version.at.call, index])
    }

    /// Returns the finding for an entry of a feed that is not the state of its revision.
    fn wrong_head(&self, index: CallIndex, found: &SeenHead) -> Finding {
        let thread = self.timeline.threads.get(&found.booking);
        let written = thread.and_then(|thread| thread.version_at(found.revision));
        match (thread, written) {
            (Some(thread), Some(version))
                if version.at.revision == found.revision && version.digest == found.digest =>
            {
                let next = thread.version_after(found.revision);
                let other = next.map_or(version.at.call, |next| next.at.call);
                Finding::new(AnomalyKind::TornRead, [other, index])
            }
            _ => self.thread_reads.unknown_state(index, found),
        }
    }

    /// Returns the finding for an entry of a list that is not the thread's state.
    fn wrong_entry(
        &self,
        state: &State<'_>,
        index: CallIndex,
        (booking, digest): (Name, Digest),
    ) -> Finding {
        let thread = self.timeline.threads.get(&booking);
        let found = thread
            .and_then(|thread| thread.versions.iter().find(|version| version.digest == digest));
        match (found, state.current(booking)) {
            (Some(found), Some(current)) if found.at.revision < current.at.revision => {
                Finding::new(AnomalyKind::TornRead, [current.at.call, index])
            }
            (Some(found), current) => {
                let kind = if current.is_some_and(|current| current.at == found.at) {
                    AnomalyKind::WrongList
                } else {
                    AnomalyKind::TornRead
                };
                Finding::new(kind, [found.at.call, index])
            }
            (None, current) => {
                let revision = current.map_or(0, |version| version.at.revision);
                let found = SeenHead { booking, revision, digest };
                self.thread_reads.unknown_state(index, &found)
            }
        }
    }
}

type Uncertain = HashMap<Name, HashSet<Digest>>;
type Rank = u32;

/// The lists of a location at one moment.
struct State<'a> {
    names: &'a Names,
    /// The bookings of the location in the order of their bytes.
    bookings: Vec<Name>,
    ranks: HashMap<Name, Rank>,
    versions: Vec<Option<Version>>,
    inbox: BTreeSet<(i64, Rank)>,
    unread: BTreeSet<(i64, Rank)>,
    waiting: BTreeSet<(i64, Rank)>,
    feed: BTreeMap<Moment, Rank>,
}

impl<'a> State<'a> {
    fn new(timeline: &Timeline, names: &'a Names) -> Self {
        let mut bookings: Vec<Name> = timeline.threads.keys().copied().collect();
        bookings.sort_unstable_by_key(|booking| names.text(*booking));
        // Even ranks lie between bookings, for positions of bookings without a thread.
        let ranks = bookings.iter().zip(0..).map(|(booking, rank)| (*booking, 2 * rank + 1));
        Self {
            names,
            ranks: ranks.collect(),
            versions: vec![None; bookings.len()],
            bookings,
            inbox: BTreeSet::new(),
            unread: BTreeSet::new(),
            waiting: BTreeSet::new(),
            feed: BTreeMap::new(),
        }
    }

    fn rank_of(&self, booking: Name) -> Rank {
        self.ranks.get(&booking).copied().unwrap_or_else(|| {
            let text = self.names.text(booking);
            let before = self.bookings.partition_point(|other| self.names.text(*other) < text);
            2 * Rank::try_from(before).unwrap_or(Rank::MAX / 2)
        })
    }

    fn by_rank(&self, rank: Rank) -> (Name, &Version) {
        let index = rank as usize / 2;
        let version = self.versions[index].as_ref();
        (self.bookings[index], version.expect("a listed thread has a version"))
    }

    fn current(&self, booking: Name) -> Option<&Version> {
        let rank = self.ranks.get(&booking)?;
        self.versions[*rank as usize / 2].as_ref()
    }

    fn apply(&mut self, booking: Name, version: Version) {
        let rank = self.rank_of(booking);
        let slot = &mut self.versions[rank as usize / 2];
        if let Some(before) = slot.replace(version) {
            self.feed.remove(&before.at.revision);
            if let Some(live) = before.live {
                self.inbox.remove(&(-live.active_at, rank));
                self.unread.remove(&(-live.active_at, rank));
                live.waiting_since.map(|since| self.waiting.remove(&(since, rank)));
            }
        }
        self.feed.insert(version.at.revision, rank);
        if let Some(live) = version.live {
            self.inbox.insert((-live.active_at, rank));
            if live.unread {
                self.unread.insert((-live.active_at, rank));
            }
            live.waiting_since.map(|since| self.waiting.insert((since, rank)));
        }
    }
}
