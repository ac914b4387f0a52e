//! Time zones for tests.

use std::time::Duration;

use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, TimeZone};
use time::UtcOffset;
use time::macros::offset;

use crate::at;

/// A zone that is a list of transitions. `span_at` returns exact spans, which end at transitions.
#[derive(Debug, Clone)]
pub(crate) struct TransitionZone {
    /// The offset before the first transition.
    before: UtcOffset,
    /// Each transition with the offset after it, in ascending order.
    pub(crate) transitions: Vec<(Timestamp, UtcOffset)>,
}

impl TransitionZone {
    pub(crate) fn new(before: UtcOffset, mut transitions: Vec<(Timestamp, UtcOffset)>) -> Self {
        transitions.sort_by_key(|(at, _)| *at);
        transitions.dedup_by_key(|(at, _)| *at);
        Self { before, transitions }
    }
}

impl TimeZone for TransitionZone {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.span_at(at).offset
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let mut span =
            OffsetSpan { offset: self.before, from: Timestamp::MIN, until: Timestamp::MAX };
        for &(transition, offset) in &self.transitions {
            if transition <= at {
                (span.offset, span.from) = (offset, transition);
            } else {
                span.until = transition;
                break;
            }
        }
        span
    }
}

/// A zone with the default implementation of `span_at`, which returns empty spans.
pub(crate) struct DefaultSpans<'a>(pub(crate) &'a TransitionZone);

impl TimeZone for DefaultSpans<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }
}

/// A zone whose spans reach at most the given duration before and after the queried timestamp.
pub(crate) struct ShortSpans<'a>(pub(crate) &'a TransitionZone, pub(crate) Duration);

impl TimeZone for ShortSpans<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.0.offset_at(at)
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        let OffsetSpan { offset, from, until } = self.0.span_at(at);
        let from = from.max(at.saturating_sub(self.1));
        let until = until.min(at.saturating_add(self.1));
        OffsetSpan { offset, from, until }
    }
}

/// Returns an artificial zone with all kinds of difficult transitions in the year 2027. The
/// comments describe how the local time changes.
pub(crate) fn artificial_zone() -> TransitionZone {
    let transitions = [
        // From 23:59 to 0:29, over midnight.
        ("2027-01-10T13:59:00Z", offset!(+10:30)),
        // Half an hour forward, at midnight.
        ("2027-03-28T13:30:00Z", offset!(+11)),
        // A whole day back: June 30 occurs twice.
        ("2027-06-30T13:00:00Z", offset!(-13)),
        // More than a day forward: September 12 is skipped.
        ("2027-09-12T10:00:00Z", offset!(+14)),
        // From 1:00 to 0:30.
        ("2027-10-31T11:00:00Z", offset!(+13:30)),
        // From 0:15 to 23:15: November 1 occurs again after November 2.
        ("2027-11-01T10:45:00Z", offset!(+12:30)),
        // To an offset with seconds.
        ("2027-12-31T11:29:59Z", offset!(+0:19:32)),
    ];
    let transitions = transitions.iter().map(|(text, offset)| (at(text), *offset)).collect();
    TransitionZone::new(offset!(+10), transitions)
}
