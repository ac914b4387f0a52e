//! The revisions of commits whose outcome is unknown.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::call::{Call, CallIndex, CommitCall, CommitOutcome, NEVER, Operation};
use super::digest::Digest;
use super::line::{Change, NewMessage};
use super::names::Name;
use super::shown_messages::{ShownMessages, Support};
use super::slots::Moment;
use super::timeline::Placed;

/// The commits of a location in one epoch.
#[derive(Debug, Default)]
pub(crate) struct Placement {
    /// The commits that were written, in the order of their revisions.
    pub(crate) commits: Vec<Placed>,
    /// Acknowledged commits with the revision of another commit. The other one comes first.
    pub(crate) duplicates: Vec<(CallIndex, CallIndex)>,
    /// The commits whose outcome no answer shows.
    pub(crate) undecided: Vec<CallIndex>,
}

/// The properties of a commit that answers show.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    booking: Option<Name>,
    digest: Option<Digest>,
    message: Option<(u32, Digest)>,
    /// The end of the first call that shows the commit.
    seen: u64,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { booking: None, digest: None, message: None, seen: NEVER }
    }
}

impl Evidence {
    fn shows_content(&self) -> bool {
        self.digest.is_some() || self.message.is_some()
    }

    fn add(&mut self, other: Self) {
        self.booking = self.booking.or(other.booking);
        self.digest = self.digest.or(other.digest);
        self.message = self.message.or(other.message);
        self.seen = self.seen.min(other.seen);
    }
}

/// Finds the revision of each commit that was written.
///
/// `base` are the commits of earlier epochs that are still there, `epoch` are the calls that
/// were answered in this epoch, and `unknown` are the commits of the location whose outcome
/// is unknown.
pub(crate) fn place(
    calls: &[Call],
    base: &[Placed],
    epoch: &[CallIndex],
    unknown: &[CallIndex],
) -> Placement {
    let mut revisions: BTreeMap<Moment, CallIndex> =
        base.iter().map(|placed| (placed.revision, placed.call)).collect();
    let mut duplicates = Vec::new();
    for &index in epoch {
        let outcome = calls[index as usize].commit().map(|commit| commit.outcome);
        let Some(CommitOutcome::Committed(revision)) = outcome else { continue };
        match revisions.get(&revision) {
            Some(&other) if are_equal(&calls[other as usize], &calls[index as usize]) => {}
            Some(&other) => duplicates.push((other, index)),
            None => _ = revisions.insert(revision, index),
        }
    }
    let messages = ShownMessages::new(calls, epoch, unknown);
    let mut resolver = Resolver {
        calls,
        revisions,
        messages,
        unknown: HashMap::new(),
        admitted: Admitted::Likely,
    };
    for &index in unknown {
        if let Some(commit) = calls[index as usize].commit() {
            resolver.unknown.entry(commit.booking).or_default().push(index);
        }
    }
    if !unknown.is_empty() {
        resolver.resolve(epoch);
    }
    let mut undecided: Vec<CallIndex> = resolver.unknown.into_values().flatten().collect();
    undecided.sort_unstable();
    let commits = resolver.revisions.into_iter();
    let commits = commits.map(|(revision, call)| Placed { revision, call }).collect();
    Placement { commits, duplicates, undecided }
}

struct Resolver<'a> {
    calls: &'a [Call],
    revisions: BTreeMap<Moment, CallIndex>,
    messages: ShownMessages,
    /// The commits that may have been written, by thread, in the order of their beginnings.
    unknown: HashMap<Name, Vec<CallIndex>>,
    admitted: Admitted,
}

/// The commits that may have been written. Only what no commit explains that is admitted first
/// is the work of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Admitted {
    /// The commits that no shown message contradicts.
    Likely,
    All,
}

impl Resolver<'_> {
    fn resolve(&mut self, epoch: &[CallIndex]) {
        for candidates in self.unknown.values_mut() {
            candidates.sort_by_key(|&index| self.calls[index as usize].begin);
        }
        let mut evidence = self.evidence(epoch);
        for admitted in [Admitted::Likely, Admitted::All] {
            self.admitted = admitted;
            // The most certain evidence comes first. A placed commit shows the revision that it
            // expected, so the steps are repeated.
            loop {
                let open = self.unknown.values().map(Vec::len).sum::<usize>();
                self.place_with(&mut evidence, Evidence::shows_content);
                self.place_listed(epoch, &mut evidence);
                self.place_with(&mut evidence, |shown| shown.booking.is_some());
                if open == self.unknown.values().map(Vec::len).sum::<usize>() {
                    break;
                }
            }
        }
        self.place_with(&mut evidence, |_| true);
    }

    /// Collects what answers show about revisions that no acknowledged commit has.
    fn evidence(&self, epoch: &[CallIndex]) -> BTreeMap<Moment, Evidence> {
        let mut found: BTreeMap<Moment, Evidence> = BTreeMap::new();
        for &index in epoch {
            let call = &self.calls[index as usize];
            let mut add = |revision: Moment, evidence: Evidence| {
                if revision > 0 && !self.revisions.contains_key(&revision) {
                    found.entry(revision).or_default().add(evidence);
                }
            };
            let seen = call.end;
            for head in call.heads() {
                let (booking, digest) = (Some(head.booking), Some(head.digest));
                add(head.revision, Evidence { booking, digest, message: None, seen });
            }
            for message in call.messages() {
                let (booking, message_digest) = (call.booking(), (message.number, message.fixed));
                let message_digest = Some(message_digest);
                let evidence = Evidence { booking, digest: None, message: message_digest, seen };
                add(message.revision, evidence);
            }
            let nothing = Evidence { seen, ..Evidence::default() };
            if let Some(counts) = call.counts() {
                add(counts.revision, nothing);
            }
            match &call.operation {
                Operation::Newest(revision) => add(*revision, nothing),
                Operation::Commit(commit) if call.commit_is_acknowledged() => {
                    let booking = Some(commit.booking);
                    add(commit.expected.unwrap_or(0), Evidence { booking, ..nothing });
                }
                _ => {}
            }
        }
        found
    }

    /// Places a commit for each piece of evidence that has `kind`.
    fn place_with(
        &mut self,
        evidence: &mut BTreeMap<Moment, Evidence>,
        kind: impl Fn(&Evidence) -> bool,
    ) {
        let revisions: Vec<Moment> = evidence.keys().copied().collect();
        for revision in revisions {
            if !kind(&evidence[&revision]) {
                continue;
            }
            if let Some(call) = self.candidate(revision, evidence) {
                self.take(revision, call, evidence);
            }
        }
    }

    /// Returns the commit with the properties of the evidence at a revision.
    ///
    /// If the evidence names no thread, returns a commit only if no other one is possible.
    fn candidate(&self, revision: Moment, all: &BTreeMap<Moment, Evidence>) -> Option<CallIndex> {
        let evidence = &all[&revision];
        let fits = |&index: &CallIndex| {
            let call = &self.calls[index as usize];
            let support = self.support(index, Some(revision));
            call.begin <= evidence.seen
                && self.admits(support)
                && call.commit().is_some_and(|commit| {
                    commit.expected.is_none_or(|expected| expected < revision)
                        && evidence.digest.is_none_or(|digest| commit.next.digest == digest)
                        && evidence.message.is_none_or(|message| commit.adds(message))
                })
        };
        if let Some(booking) = evidence.booking {
            let candidates = self.unknown.get(&booking)?;
            let fitting = candidates.iter().copied().filter(fits);
            // Commits with equal states can have been computed from different revisions. The
            // state before this revision is the newest one that is known.
            let before = self.version_before(booking, revision);
            let follows = |index: CallIndex| {
                let expected = self.calls[index as usize].commit()?.expected;
                let is_shown = || {
                    let shown = all.get(&expected.unwrap_or(0));
                    shown.is_some_and(|shown| shown.booking.is_none_or(|other| other == booking))
                };
                (expected == before || (expected > before && is_shown())).then_some(expected)
            };
            // Commits with equal states can have changed different messages.
            let rank = |index: CallIndex| {
                let support = self.support(index, Some(revision));
                (support != Support::Contradicted, follows(index), support)
            };
            // `rev`, because the last of several highest commits would be taken.
            return fitting.rev().max_by_key(|&index| rank(index));
        }
        let unknown = self.unknown.values().flatten().copied();
        let mut fitting = unknown.filter(fits).filter(|&index| {
            let commit = self.calls[index as usize].commit();
            commit.is_some_and(|commit| {
                commit.expected == self.version_before(commit.booking, revision)
            })
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// Returns the statement of the shown messages about a commit.
    fn support(&self, call: CallIndex, revision: Option<Moment>) -> Support {
        let commit = self.calls[call as usize].commit();
        commit.map_or(Support::Contradicted, |commit| self.messages.support(commit, revision))
    }

    fn admits(&self, support: Support) -> bool {
        support != Support::Contradicted || self.admitted == Admitted::All
    }

    fn version_before(&self, booking: Name, revision: Moment) -> Option<Moment> {
        let mut before = self.revisions.range(..revision).rev();
        let is_of = |call: &CallIndex| {
            self.calls[*call as usize].commit().is_some_and(|commit| commit.booking == booking)
        };
        before.find(|(_, call)| is_of(call)).map(|(revision, _)| *revision)
    }

    /// Gives a revision to a commit.
    fn take(
        &mut self,
        revision: Moment,
        call: CallIndex,
        evidence: &mut BTreeMap<Moment, Evidence>,
    ) {
        self.revisions.insert(revision, call);
        let shown = evidence.remove(&revision);
        let Some(commit) = self.calls[call as usize].commit() else { return };
        self.messages.add_written(commit);
        let candidates = self.unknown.entry(commit.booking).or_default();
        candidates.retain(|&other| other != call);
        let expected = commit.expected.filter(|at| !self.revisions.contains_key(at));
        if let Some(expected) = expected {
            let seen = shown.map_or(NEVER, |shown| shown.seen);
            let booking = Some(commit.booking);
            let shown = Evidence { booking, seen, ..Evidence::default() };
            evidence.entry(expected).or_default().add(shown);
        }
    }

    /// Places the commits whose state a list shows. A list has no revisions of threads, so the
    /// commit gets the last free revision that the list allows.
    fn place_listed(&mut self, epoch: &[CallIndex], evidence: &mut BTreeMap<Moment, Evidence>) {
        let mut by_digest: HashMap<(Name, Digest), CallIndex> = HashMap::new();
        for &index in self.unknown.values().flatten() {
            let commit = self.calls[index as usize].commit();
            let support = self.support(index, None);
            if let Some(commit) = commit.filter(|_| self.admits(support)) {
                // Of equal commits of a thread, the first began first.
                let chosen = by_digest.entry((commit.booking, commit.next.digest));
                let chosen = chosen.or_insert(index);
                if support > self.support(*chosen, None) {
                    *chosen = index;
                }
            }
        }
        if by_digest.is_empty() {
            return;
        }
        let known: HashSet<(Name, Digest)> = self
            .revisions
            .values()
            .filter_map(|&call| self.calls[call as usize].commit())
            .map(|commit| (commit.booking, commit.next.digest))
            .collect();
        let mut listed: HashMap<CallIndex, Moment> = HashMap::new();
        for &index in epoch {
            let Operation::Threads(call) = &self.calls[index as usize].operation else { continue };
            for entry in call.threads.iter().filter(|entry| !known.contains(entry)) {
                if let Some(&commit) = by_digest.get(entry) {
                    let last = listed.entry(commit).or_insert(call.counts.revision);
                    *last = call.counts.revision.min(*last);
                }
            }
        }
        let mut listed: Vec<_> = listed.into_iter().map(|(call, last)| (last, call)).collect();
        listed.sort_unstable();
        while let Some((last, call)) = listed.pop() {
            let Some(commit) = self.calls[call as usize].commit() else { continue };
            let first = commit.expected.unwrap_or(0) + 1;
            let is_possible = |other: Option<Name>| other.is_none_or(|it| it == commit.booking);
            let shown = evidence.range(first..last.saturating_add(1).max(first)).rev();
            let shown = shown.filter(|(_, shown)| is_possible(shown.booking)).map(|(at, _)| *at);
            let shown = shown.max();
            let free = (first..=last)
                .rev()
                .find(|at| !self.revisions.contains_key(at) && !evidence.contains_key(at));
            if let Some(revision) = shown.or(free) {
                self.take(revision, call, evidence);
            }
        }
    }
}

/// Returns `true` if two commits without a change of messages wrote the same state from the
/// same revision. A store that lost a connection cannot tell which of them it wrote.
fn are_equal(a: &Call, b: &Call) -> bool {
    let parts = |call: &Call| {
        let commit = call.commit().filter(|commit| matches!(commit.change, Change::None))?;
        Some((commit.booking, commit.expected, commit.next.digest))
    };
    parts(a).is_some() && parts(a) == parts(b)
}

impl CommitCall {
    /// Returns `true` if the outcome does not say if the commit was written.
    ///
    /// A store can send a commit again after it lost a connection. It then finds the key taken
    /// by the commit's own message.
    pub(crate) fn may_be_written(&self) -> bool {
        match &self.outcome {
            CommitOutcome::Unknown => true,
            CommitOutcome::KeyTaken { message, .. } => self.adds((message.number, message.fixed)),
            _ => false,
        }
    }

    /// Returns `true` if the commit adds a message with a number and a digest.
    pub(crate) fn adds(&self, (number, fixed): (u32, Digest)) -> bool {
        let is_same = |new: &NewMessage| new.message.number == number && new.message.fixed == fixed;
        matches!(&self.change, Change::Messages(new) if new.iter().any(is_same))
    }
}
