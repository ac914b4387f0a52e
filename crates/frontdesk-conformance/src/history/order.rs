//! The check that the order of revisions agrees with real time.
//!
//! The check goes through the beginnings and ends of all calls in the order of time. It keeps
//! the highest moment that a finished call has shown. A commit that begins later needs a
//! higher revision. A read that begins later takes the first moment from there on at which
//! its answer is right; a later choice would only make the calls after it harder to place.

use std::collections::HashMap;

use super::anomaly::{AnomalyKind, MAX_ANOMALIES};
use super::call::{Call, CallIndex, NEVER, Operation};
use super::finding::Finding;
use super::names::Name;
use super::slots::{Moment, Slots};
use super::timeline::{Placed, Timeline};

/// A call and its place among the revisions.
pub(crate) struct Item {
    pub(crate) call: CallIndex,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Commit(Moment),
    /// The moments at which the answer is right.
    Read(Slots),
}

/// The calls of a location in one epoch.
pub(crate) struct Order<'a> {
    pub(crate) calls: &'a [Call],
    pub(crate) timeline: &'a Timeline,
    pub(crate) epoch: &'a [CallIndex],
}

/// The highest moment that a finished call has shown, and the call.
#[derive(Debug, Clone, Copy)]
struct Floor {
    moment: Moment,
    call: CallIndex,
}

impl Order<'_> {
    /// Checks the order of the calls of an epoch that begins with the commit `base`.
    pub(crate) fn check(&self, items: &[Item], base: Option<Placed>, findings: &mut Vec<Finding>) {
        let mut events = Vec::with_capacity(2 * items.len());
        for (index, item) in items.iter().enumerate() {
            let call = &self.calls[item.call as usize];
            events.push((call.begin, false, index));
            let may_end = !matches!(item.place, Place::Commit(_)) || call.commit_is_acknowledged();
            if call.end != NEVER && may_end {
                events.push((call.end, true, index));
            }
        }
        // Of equal times, beginnings come first: such calls overlap.
        events.sort_unstable();
        let mut floor = base.map_or(Floor { moment: 0, call: CallIndex::MAX }, |base| Floor {
            moment: base.revision,
            call: base.call,
        });
        let mut floors = vec![floor; items.len()];
        let mut old_reads = 0;
        let mut last_of_task: HashMap<(u32, Name), Floor> = HashMap::new();
        for (_, is_end, index) in events {
            let Item { call, place } = &items[index];
            let moment = match place {
                Place::Commit(revision) if is_end => *revision,
                Place::Commit(revision) => {
                    if *revision <= floor.moment {
                        findings.push(self.early_commit(floor, *call));
                    }
                    continue;
                }
                Place::Read(slots) if is_end => {
                    let before = floors[index];
                    match slots.first_from(before.moment) {
                        Some(moment) => moment,
                        // A finding takes a search through all calls.
                        None if old_reads == MAX_ANOMALIES => continue,
                        None => {
                            old_reads += 1;
                            let task = self.task(*call);
                            let previous = last_of_task.get(&task).copied();
                            findings.push(self.old_read(before, previous, *call, slots));
                            continue;
                        }
                    }
                }
                Place::Read(_) => {
                    floors[index] = floor;
                    continue;
                }
            };
            let shown = Floor { moment, call: *call };
            if moment > floor.moment {
                floor = shown;
            }
            last_of_task.insert(self.task(*call), shown);
        }
    }

    fn task(&self, index: CallIndex) -> (u32, Name) {
        let call = &self.calls[index as usize];
        (call.file, call.task)
    }

    fn early_commit(&self, floor: Floor, commit: CallIndex) -> Finding {
        let other = self.calls.get(floor.call as usize);
        let is_commit = other.is_some_and(Call::commit_is_acknowledged);
        let kind =
            if is_commit { AnomalyKind::RevisionOrder } else { AnomalyKind::RevisionSeenBefore };
        Finding::new(kind, [floor.call, commit])
    }

    /// Returns the finding for a read without the moments that calls before it have shown.
    fn old_read(
        &self,
        floor: Floor,
        previous: Option<Floor>,
        read: CallIndex,
        slots: &Slots,
    ) -> Finding {
        let last = slots.last().unwrap_or_default();
        let begin = self.calls[read as usize].begin;
        let stepped_back = previous.filter(|previous| {
            let call = &self.calls[previous.call as usize];
            previous.moment > last && call.end < begin && call.commit().is_none()
        });
        if let Some(previous) = stepped_back {
            return Finding::new(AnomalyKind::ReadStepsBack, [previous.call, read]);
        }
        let missed = self.timeline.commit_after(last);
        let missed = missed.filter(|missed| self.calls[missed.call as usize].end < begin);
        match missed {
            Some(missed) => Finding::new(self.kind_of_missed(missed, read), [missed.call, read]),
            None => Finding::new(AnomalyKind::ReadStepsBack, [floor.call, read]),
        }
    }

    fn kind_of_missed(&self, missed: Placed, read: CallIndex) -> AnomalyKind {
        let commit = self.calls[missed.call as usize].commit();
        let is_erasure = commit.is_some_and(|commit| commit.next.live.is_none());
        if is_erasure && !self.calls[read as usize].messages().is_empty() {
            AnomalyKind::ErasedMessagesBack
        } else if self.is_seen(missed) {
            AnomalyKind::StaleRead
        } else {
            AnomalyKind::CommitLost
        }
    }

    /// Returns `true` if an answer shows a commit or a later one to its thread.
    pub(crate) fn is_seen(&self, commit: Placed) -> bool {
        let Some(written) = self.calls[commit.call as usize].commit() else { return true };
        self.epoch.iter().filter(|index| **index != commit.call).any(|&index| {
            let call = &self.calls[index as usize];
            let is_later = |revision: Moment| revision >= commit.revision;
            let in_heads = call
                .heads()
                .iter()
                .any(|head| head.booking == written.booking && is_later(head.revision));
            let in_messages = call.booking() == Some(written.booking)
                && call.messages().iter().any(|message| is_later(message.revision));
            let in_list = match &call.operation {
                Operation::Threads(page) => {
                    page.threads.contains(&(written.booking, written.next.digest))
                }
                Operation::Commit(other) => {
                    other.booking == written.booking
                        && call.commit_is_acknowledged()
                        && other.expected.is_some_and(is_later)
                }
                _ => false,
            };
            in_heads || in_messages || in_list
        })
    }
}
