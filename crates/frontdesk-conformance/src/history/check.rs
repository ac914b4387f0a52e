use std::collections::{BTreeMap, HashSet};

use super::anomaly::{Anomaly, AnomalyKind, HistoryReport, MAX_ANOMALIES};
use super::call::{Call, CallIndex, CommitCall, CommitOutcome, NEVER, Operation};
use super::epoch_base::{EpochBase, find_base};
use super::finding::Finding;
use super::forgotten::Forgotten;
use super::location_reads::LocationReads;
use super::names::Name;
use super::order::{Item, Order, Place};
use super::placement::{Placement, place};
use super::reader::History;
use super::slots::Moment;
use super::thread_reads::ThreadReads;
use super::timeline::{Placed, Timeline};

/// Decides for each location whether its history is strictly serializable.
///
/// The [module](super) says what the check requires.
pub fn check(history: &History) -> HistoryReport {
    let mut locations: BTreeMap<&str, (Name, Vec<CallIndex>)> = BTreeMap::new();
    for (call, index) in history.calls.iter().zip(0..) {
        let text = history.names.text(call.location);
        locations.entry(text).or_insert((call.location, Vec::new())).1.push(index);
    }
    let mut report = HistoryReport {
        calls: history.recorded_calls(),
        locations: locations.len(),
        resolved: 0,
        undecided: 0,
        anomalies: Vec::new(),
    };
    for (location, calls) in locations.into_values() {
        let result = LocationCheck::new(history, calls).run();
        report.resolved += result.resolved;
        report.undecided += result.undecided;
        let described = result.findings.iter().map(|finding| finding.describe(history, location));
        report.anomalies.extend(described.collect::<Vec<Anomaly>>());
    }
    report
}

/// The check of one location.
struct LocationCheck<'a> {
    history: &'a History,
    calls: &'a [Call],
    location: Vec<CallIndex>,
    unknown: Vec<CallIndex>,
    result: LocationResult,
}

#[derive(Default)]
struct LocationResult {
    resolved: usize,
    undecided: usize,
    findings: Vec<Finding>,
}

impl<'a> LocationCheck<'a> {
    fn new(history: &'a History, location: Vec<CallIndex>) -> Self {
        let calls = history.calls.as_slice();
        let is_unknown = |index: &CallIndex| {
            calls[*index as usize].commit().is_some_and(CommitCall::may_be_written)
        };
        let unknown = location.iter().copied().filter(is_unknown).collect();
        Self { history, calls, location, unknown, result: LocationResult::default() }
    }

    fn run(mut self) -> LocationResult {
        let epochs = self.epochs();
        self.find_old_epochs(&epochs);
        let mut before: Option<Timeline> = None;
        for epoch in &epochs {
            let base = match &before {
                Some(before) => find_base(self.calls, before, epoch),
                None => EpochBase::default(),
            };
            for lost in &base.lost {
                let kind = AnomalyKind::CommitLostInEpochChange;
                self.result.findings.push(Finding::new(kind, [lost.call, epoch[0]]));
            }
            before = Some(self.check_epoch(epoch, &base));
        }
        self.result.undecided = self.unknown.len();
        self.sort_findings();
        self.result
    }

    /// Returns the answered calls of each epoch, in the order of the epochs' first calls.
    fn epochs(&self) -> Vec<Vec<CallIndex>> {
        let mut epochs: BTreeMap<u64, Vec<CallIndex>> = BTreeMap::new();
        let is_list =
            |index: CallIndex| matches!(self.calls[index as usize].operation, Operation::Newest(_));
        // An answer of `locations` can come from several stores. Its epoch counts for a location
        // only if another answer about the location has the same.
        for lists in [false, true] {
            for &index in self.location.iter().filter(|index| is_list(**index) == lists) {
                let Some(epoch) = self.calls[index as usize].epoch else { continue };
                if let Some(calls) = epochs.get_mut(&epoch) {
                    calls.push(index);
                } else if !lists {
                    epochs.insert(epoch, vec![index]);
                }
            }
        }
        let mut epochs: Vec<Vec<CallIndex>> = epochs.into_values().collect();
        for calls in &mut epochs {
            calls.sort_by_key(|&index| self.calls[index as usize].begin);
        }
        epochs.sort_by_key(|calls| self.calls[calls[0] as usize].begin);
        epochs
    }

    /// Finds calls that began after another call had ended in a later epoch.
    fn find_old_epochs(&mut self, epochs: &[Vec<CallIndex>]) {
        for (old, new) in epochs.iter().zip(epochs.iter().skip(1)) {
            let end = |index: &CallIndex| self.calls[*index as usize].end;
            let Some(&first) = new.iter().min_by_key(|index| end(index)) else { continue };
            let late = old.iter().filter(|index| {
                let call = &self.calls[**index as usize];
                call.begin > end(&first)
            });
            let findings =
                late.take(1).map(|&late| Finding::new(AnomalyKind::OldEpoch, [first, late]));
            self.result.findings.extend(findings);
        }
    }

    fn check_epoch(&mut self, epoch: &[CallIndex], base: &EpochBase) -> Timeline {
        let placement = place(self.calls, &base.commits, epoch, &self.unknown);
        let Placement { commits, duplicates, undecided } = placement;
        let findings = &mut self.result.findings;
        let duplicates = duplicates
            .into_iter()
            .map(|(first, second)| Finding::new(AnomalyKind::DuplicateRevision, [first, second]));
        findings.extend(duplicates);
        self.result.resolved += self.unknown.len() - undecided.len();
        // A commit whose outcome is unknown can be written in any epoch. A commit with an answer
        // can be written until the end of the epoch in which it was answered.
        let answered_in = self.calls[epoch[0] as usize].epoch;
        let is_open = |&index: &CallIndex| {
            let call = &self.calls[index as usize];
            call.end == NEVER || call.epoch != answered_in
        };
        self.unknown = undecided.into_iter().filter(is_open).collect();
        let undecided = self.unknown.clone();

        let timeline = Timeline::new(self.calls, commits);
        lost_updates(self.calls, &timeline, base.moment(), findings);
        let location = self.location.iter().copied();
        let mut reads = ThreadReads {
            calls: self.calls,
            timeline: &timeline,
            forgotten: Forgotten::new(self.calls, location),
            location: &self.location,
            undecided: &undecided,
        };
        let mut items = Vec::with_capacity(epoch.len());
        let mut wrong_reads = 0;
        for &index in epoch {
            // A finding takes a search through all calls.
            if wrong_reads == MAX_ANOMALIES {
                break;
            }
            let call = &self.calls[index as usize];
            if call.counts().is_some() || matches!(call.operation, Operation::ForgetKeys(_)) {
                continue;
            }
            match reads.slots(index) {
                Err(finding) => {
                    wrong_reads += 1;
                    findings.push(finding);
                }
                Ok(_) if call.commit_is_acknowledged() => {}
                Ok(slots) => items.push(Item { call: index, place: Place::Read(slots) }),
            }
        }
        let location_reads = LocationReads {
            calls: self.calls,
            timeline: &timeline,
            names: &self.history.names,
            undecided: &undecided,
            thread_reads: &reads,
        };
        let right = location_reads.check(epoch, findings);
        let right = right.into_iter().map(|(call, slots)| Item { call, place: Place::Read(slots) });
        items.extend(right);
        findings.extend(reads.forgotten.findings(self.calls, &timeline));

        let new = timeline.commits.iter().filter(|commit| commit.revision > base.moment());
        items.extend(
            new.map(|commit| Item { call: commit.call, place: Place::Commit(commit.revision) }),
        );
        let order = Order { calls: self.calls, timeline: &timeline, epoch };
        order.check(&items, base.commits.last().copied(), findings);
        name_lost_commits(&order, findings);
        timeline
    }

    /// Puts the earliest contradictions first and keeps [`MAX_ANOMALIES`].
    fn sort_findings(&mut self) {
        let time = |finding: &Finding| {
            let begins = finding.calls.iter().map(|&call| self.calls[call as usize].begin);
            begins.max().unwrap_or(NEVER)
        };
        let findings = &mut self.result.findings;
        findings.sort_by_key(|finding| (time(finding), finding.calls.len()));
        let mut last_calls = HashSet::new();
        // A call that contradicts several others is named once.
        findings.retain(|finding| last_calls.insert(finding.calls.last().copied()));
        findings.truncate(MAX_ANOMALIES);
    }
}

/// Finds commits that were not computed from the state before them.
fn lost_updates(calls: &[Call], timeline: &Timeline, base: Moment, findings: &mut Vec<Finding>) {
    for thread in timeline.threads.values() {
        let mut before: Option<Placed> = None;
        for version in &thread.versions {
            let expected = calls[version.at.call as usize].commit().and_then(|c| c.expected);
            let is_next = expected == before.map(|before| before.revision);
            if !is_next && version.at.revision > base {
                let is_known = expected.is_none_or(|expected| {
                    thread.versions.iter().any(|other| other.at.revision == expected)
                });
                let kind =
                    if is_known { AnomalyKind::LostUpdate } else { AnomalyKind::UnknownState };
                let calls = before.map(|before| before.call).into_iter().chain([version.at.call]);
                findings.push(Finding::new(kind, calls));
            }
            before = Some(version.at);
        }
    }
}

/// Changes the kind of findings about an acknowledged commit that no answer shows.
fn name_lost_commits(order: &Order<'_>, findings: &mut [Finding]) {
    let affected = |kind| matches!(kind, AnomalyKind::WrongList | AnomalyKind::TornRead);
    for finding in findings.iter_mut().filter(|finding| affected(finding.kind)) {
        let [first, read] = finding.calls[..] else { continue };
        let call = &order.calls[first as usize];
        if call.end > order.calls[read as usize].begin {
            continue;
        }
        let Some(CommitOutcome::Committed(revision)) = call.commit().map(|c| c.outcome) else {
            continue;
        };
        if !order.is_seen(Placed { revision, call: first }) {
            finding.kind = AnomalyKind::CommitLost;
        }
    }
}
