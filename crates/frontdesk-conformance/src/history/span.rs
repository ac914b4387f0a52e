//! Moments between two commits.

use super::anomaly::AnomalyKind;
use super::call::CallIndex;
use super::finding::Finding;
use super::slots::{LAST, Slots};
use super::timeline::{NOT_GONE, Placed};

/// The beginning of time.
pub(crate) const START: Placed = Placed { revision: 0, call: CallIndex::MAX };

/// The moments from one commit to before another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) first: Placed,
    /// The first commit after the moments.
    pub(crate) end: Placed,
}

impl Span {
    pub(crate) const ALL: Self = Self { first: START, end: NOT_GONE };

    /// Removes the moments before `first` and from `end` on.
    pub(crate) fn narrow(&mut self, first: Placed, end: Placed) {
        if first.revision > self.first.revision {
            self.first = first;
        }
        if end.revision < self.end.revision {
            self.end = end;
        }
    }

    /// Returns the moments, or a finding if there are none.
    pub(crate) fn slots(self, index: CallIndex) -> Result<Slots, Finding> {
        let Self { first, end } = self;
        if first.revision >= end.revision {
            return Err(Finding::new(AnomalyKind::TornRead, [first.call, end.call, index]));
        }
        let last = if end.revision == LAST { LAST } else { end.revision - 1 };
        Ok(Slots::range(first.revision, last))
    }
}
