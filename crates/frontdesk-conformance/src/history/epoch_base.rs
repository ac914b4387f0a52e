//! The commits that a new epoch begins with.

use super::call::{Call, CallIndex, CommitOutcome, Operation};
use super::names::Name;
use super::slots::{LAST, Moment};
use super::timeline::{Placed, Timeline};

/// The commits of earlier epochs that a new epoch still has.
#[derive(Debug, Default)]
pub(crate) struct EpochBase {
    pub(crate) commits: Vec<Placed>,
    /// The acknowledged commits that the new epoch does not have.
    pub(crate) lost: Vec<Placed>,
}

impl EpochBase {
    /// Returns the revision of the last commit that is still there.
    pub(crate) fn moment(&self) -> Moment {
        self.commits.last().map_or(0, |commit| commit.revision)
    }
}

/// Finds the last commit of the epoch before that the answers of a new epoch allow.
///
/// The commits up to it are there, and those after it are lost: a replica that takes over has
/// a prefix of the commits.
pub(crate) fn find_base(calls: &[Call], before: &Timeline, epoch: &[CallIndex]) -> EpochBase {
    let written = epoch.iter().filter_map(|&index| match calls[index as usize].commit()?.outcome {
        CommitOutcome::Committed(revision) => Some(revision),
        _ => None,
    });
    let mut limits =
        Limits { before, first_new: written.min().unwrap_or(LAST), shown: 0, last: LAST };
    for &index in epoch {
        limits.apply(&calls[index as usize]);
    }
    let last = limits.last.min(limits.first_new.saturating_sub(1)).max(limits.shown);
    let (commits, missing): (Vec<Placed>, Vec<Placed>) =
        before.commits.iter().partition(|commit| commit.revision <= last);
    let is_acknowledged = |commit: &Placed| calls[commit.call as usize].commit_is_acknowledged();
    EpochBase { commits, lost: missing.into_iter().filter(is_acknowledged).collect() }
}

struct Limits<'a> {
    before: &'a Timeline,
    /// The first revision that the new epoch gave out.
    first_new: Moment,
    /// The highest revision of the epoch before that an answer shows.
    shown: Moment,
    /// The highest revision of the epoch before that can be there.
    last: Moment,
}

impl Limits<'_> {
    fn apply(&mut self, call: &Call) {
        for head in call.heads() {
            self.show(head.booking, Some(head.revision));
        }
        let newest = match &call.operation {
            Operation::Newest(revision) => Some(*revision),
            Operation::Commit(commit) => {
                if call.commit_is_acknowledged() {
                    self.show(commit.booking, commit.expected);
                }
                None
            }
            Operation::Thread { booking, found: None } => {
                self.show(*booking, None);
                None
            }
            _ => call.counts().map(|counts| counts.revision),
        };
        if let Some(newest) = newest.filter(|&newest| newest < self.first_new) {
            self.shown = self.shown.max(newest);
            self.last = self.last.min(newest);
        }
    }

    /// Applies an answer that shows a thread at a revision, or no thread.
    fn show(&mut self, booking: Name, revision: Option<Moment>) {
        let Some(thread) = self.before.threads.get(&booking) else { return };
        let moment = revision.unwrap_or(0);
        let is_old = moment < self.first_new
            && (moment == 0 || thread.versions.iter().any(|v| v.at.revision == moment));
        if is_old {
            self.shown = self.shown.max(moment);
            if let Some(next) = thread.version_after(moment) {
                self.last = self.last.min(next.at.revision - 1);
            }
        }
    }
}
