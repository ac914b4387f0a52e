//! The moments at which an answer has all messages that a query selects.

use super::call::SeenMessage;
use super::line::Selection;
use super::slots::Slots;
use super::span::{START, Span};
use super::timeline::{Generation, ThreadTimeline};

/// A query for numbers and the extent of its answer.
pub(crate) struct NumberRange {
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// `true` if the answer has as many messages as the limit.
    pub(crate) is_full: bool,
    pub(crate) is_descending: bool,
}

impl NumberRange {
    /// Narrows the moments to those at which the messages are all that the query selects.
    /// Returns `None` if there is no such moment. The messages are in ascending order.
    pub(crate) fn narrow(
        &self,
        thread: &ThreadTimeline,
        found: &[(usize, SeenMessage)],
        span: &mut Span,
    ) -> Option<()> {
        let (lowest, highest) = (found.first()?.0, found.last()?.0);
        let is_consecutive = found.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
        let generation = thread.generation_of(lowest)?;
        let number = |message: usize| thread.messages[message].number;
        let is_inside = number(lowest) >= self.first && number(highest) <= self.last;
        if !is_consecutive || !is_inside || highest >= generation.end {
            return None;
        }
        // A message before the lowest one exists at every moment of the lowest one.
        let before = lowest.checked_sub(1).filter(|&before| before >= generation.first);
        let misses_lower = before.is_some_and(|before| number(before) >= self.first);
        if misses_lower && !(self.is_descending && self.is_full) {
            return None;
        }
        let after = Some(highest + 1).filter(|&after| after < generation.end);
        let after = after.filter(|&after| number(after) <= self.last);
        if let Some(after) = after.filter(|_| self.is_descending || !self.is_full) {
            span.narrow(START, thread.messages[after].born);
        }
        Some(())
    }
}

/// Narrows the moments to those at which the messages are all redacted ones after an ordinal.
pub(crate) fn narrow_to_redacted(
    thread: &ThreadTimeline,
    ordinal: u32,
    is_full: bool,
    found: &[(usize, SeenMessage)],
    span: &mut Span,
) -> Option<()> {
    let ordinals: Vec<u32> = found.iter().map(|(_, seen)| seen.redaction).collect();
    let is_sorted = ordinals.windows(2).all(|pair| pair[0] < pair[1]);
    if !is_sorted || ordinals.first().is_some_and(|&first| first <= ordinal) {
        return None;
    }
    let Some(&(message, _)) = found.first() else { return Some(()) };
    let generation = thread.generation_of(message)?;
    for event in &thread.redactions {
        let is_here = (generation.first..generation.end).contains(&event.message);
        let is_after = event.ordinal > ordinal && !ordinals.contains(&event.ordinal);
        let is_cut = is_full && ordinals.last().is_some_and(|&last| event.ordinal > last);
        if is_here && is_after && !is_cut {
            span.narrow(START, event.at);
        }
    }
    Some(())
}

impl ThreadTimeline {
    /// Returns the index of a message.
    pub(crate) fn message(&self, number: u32) -> Option<usize> {
        self.messages.binary_search_by_key(&number, |message| message.number).ok()
    }

    fn generation_of(&self, message: usize) -> Option<&Generation> {
        let index = self.generations.partition_point(|generation| generation.end <= message);
        self.generations.get(index)
    }

    /// Returns the moments without messages in a range of numbers.
    pub(crate) fn without_messages(&self, first: u32, last: u32) -> Slots {
        let mut slots = Slots::all();
        for generation in &self.generations {
            let messages = &self.messages[generation.first..generation.end];
            let start = messages.partition_point(|message| message.number < first);
            if let Some(message) = messages.get(start).filter(|message| message.number <= last) {
                slots = slots.without(message.born.revision, generation.gone.revision);
            }
        }
        slots
    }

    /// Returns the moments without redacted messages after an ordinal.
    pub(crate) fn without_redactions(&self, selection: Selection, limit: u64) -> Slots {
        let mut slots = Slots::all();
        if let Selection::RedactedAfter(ordinal) = selection {
            for event in &self.redactions {
                if event.ordinal > ordinal && limit > 0 {
                    let gone = self.messages[event.message].gone;
                    slots = slots.without(event.at.revision, gone.revision);
                }
            }
        }
        slots
    }
}
