//! Times at which idempotency keys can have been forgotten.
//!
//! A call of `forget_keys` has no revision, and its answer does not name the keys. So it can
//! have removed each key that it may remove, from its beginning on. If its answer says that
//! there are no more, it has removed each of them at its end.

use super::anomaly::AnomalyKind;
use super::call::{Call, CallIndex, ForgetCall, Operation};
use super::finding::Finding;
use super::names::Name;
use super::timeline::{MessageLifespan, Timeline};

#[derive(Debug, Default)]
pub(crate) struct Forgotten {
    forgets: Vec<Forget>,
    absences: Vec<Sighting>,
    presences: Vec<Sighting>,
}

#[derive(Debug, Clone, Copy)]
struct Forget {
    before: i64,
    limit: u64,
    begin: u64,
    end: u64,
    removed: u64,
    is_complete: bool,
    call: CallIndex,
}

/// An answer that shows that a key is there, or that it is not.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    booking: Name,
    message: usize,
    call: CallIndex,
}

impl Forgotten {
    /// Collects the calls of `forget_keys` from the calls of a location.
    pub(crate) fn new(calls: &[Call], location: impl Iterator<Item = CallIndex>) -> Self {
        let forgets = location.filter_map(|index| {
            let call = &calls[index as usize];
            let Operation::ForgetKeys(forget) = &call.operation else { return None };
            let ForgetCall { before, limit, answer } = **forget;
            let (removed, more) = answer.unwrap_or((u64::MAX, true));
            let (begin, end) = (call.begin, call.end);
            let is_complete = !more;
            Some(Forget { before, limit, begin, end, removed, is_complete, call: index })
        });
        Self { forgets: forgets.collect(), ..Self::default() }
    }

    /// Returns `true` if a message's key can have been forgotten at the end of a call.
    pub(crate) fn can_be_gone(&self, message: &MessageLifespan, call: &Call) -> bool {
        !message.imported
            && self.forgets.iter().any(|forget| {
                forget.removed > 0 && message.sent_at < forget.before && forget.begin <= call.end
            })
    }

    /// Returns the call that certainly removed a message's key before another call began.
    pub(crate) fn remover(
        &self,
        calls: &[Call],
        message: &MessageLifespan,
        call: &Call,
    ) -> Option<CallIndex> {
        let committed = calls[message.born.call as usize].end;
        let forget = self.forgets.iter().find(|forget| {
            forget.is_complete
                && !message.imported
                && message.sent_at < forget.before
                && committed < forget.begin
                && forget.end < call.begin
        });
        forget.map(|forget| forget.call)
    }

    /// Records that a key of a committed message was not found.
    pub(crate) fn add_absence(&mut self, booking: Name, message: usize, call: CallIndex) {
        self.absences.push(Sighting { booking, message, call });
    }

    /// Records that a key was found.
    pub(crate) fn add_presence(&mut self, booking: Name, message: usize, call: CallIndex) {
        if !self.forgets.is_empty() {
            self.presences.push(Sighting { booking, message, call });
        }
    }

    /// Returns the contradictions between all answers about keys.
    pub(crate) fn findings(mut self, calls: &[Call], timeline: &Timeline) -> Vec<Finding> {
        let mut findings = Vec::new();
        let end = |sighting: &Sighting| calls[sighting.call as usize].end;
        let key = |sighting: &Sighting| (sighting.booking, sighting.message);
        self.absences.sort_by_key(|absence| (key(absence), end(absence)));
        self.absences.dedup_by_key(|absence| key(absence));
        for presence in &self.presences {
            let Ok(index) = self.absences.binary_search_by_key(&key(presence), key) else {
                continue;
            };
            let absence = self.absences[index];
            if end(&absence) < calls[presence.call as usize].begin {
                let kind = AnomalyKind::KeyReturned;
                findings.push(Finding::new(kind, [absence.call, presence.call]));
            }
        }
        findings.extend(self.too_many(calls, timeline));
        findings
    }

    /// Returns the first answer that brings the number of removed keys above that of all
    /// keys that can have been removed.
    fn too_many(&mut self, calls: &[Call], timeline: &Timeline) -> Option<Finding> {
        self.forgets.retain(|forget| forget.removed > 0 && forget.removed < u64::MAX);
        self.forgets.sort_by_key(|forget| forget.end);
        let mut removed = 0;
        let mut before = i64::MIN;
        for forget in &self.forgets {
            if forget.removed > forget.limit {
                return Some(Finding::new(AnomalyKind::WrongForgottenKeys, [forget.call]));
            }
            removed += forget.removed;
            before = before.max(forget.before);
            let messages = timeline.threads.values().flat_map(|thread| {
                thread.keys.values().flatten().map(|&message| &thread.messages[message])
            });
            let possible = messages.filter(|message| {
                !message.imported
                    && message.sent_at < before
                    && calls[message.born.call as usize].begin < forget.end
            });
            if possible.count() as u64 <= removed.saturating_sub(1) {
                return Some(Finding::new(AnomalyKind::WrongForgottenKeys, [forget.call]));
            }
        }
        None
    }
}
