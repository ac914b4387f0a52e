use std::collections::BTreeMap;

use frontdesk::BodyError;
use importer::input::Place;

/// The results of sending the turns.
#[derive(Default)]
pub(crate) struct Statistics {
    turns: u64,
    pub(crate) accepted: u64,
    /// Accepted messages that an earlier import had stored.
    pub(crate) already_stored: u64,
    /// Rejected messages by reason.
    pub(crate) rejections: BTreeMap<&'static str, Rejection>,
    pub(crate) started_by_team: u64,
    /// Messages that were sent a second time with the same key.
    pub(crate) retried: u64,
    /// Answers with a wrong message number or a wrong "replayed" flag.
    pub(crate) wrong_answers: u64,
}

/// The messages that were rejected for one reason.
pub(crate) struct Rejection {
    pub(crate) count: u64,
    /// The position and the error of the first of these messages.
    pub(crate) first: String,
}

impl Statistics {
    /// Counts a turn and returns the number of turns so far.
    pub(crate) fn count_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    pub(crate) fn count_accepted(&mut self, was_stored: bool, is_expected: bool) {
        self.accepted += 1;
        self.already_stored += u64::from(was_stored);
        self.wrong_answers += u64::from(!is_expected);
    }

    pub(crate) fn count_retry(&mut self, is_expected: bool) {
        self.retried += 1;
        self.wrong_answers += u64::from(!is_expected);
    }

    pub(crate) fn count_rejected(&mut self, place: &Place, turn: usize, error: &BodyError) {
        let reason = match error {
            BodyError::Blank => "blank",
            BodyError::Control { .. } => "with a control character",
            BodyError::TooLong { .. } | BodyError::TooLarge { .. } => "too long",
            _ => "for another reason",
        };
        let first = || Rejection { count: 0, first: format!("{place}, turn {turn}: {error}") };
        self.rejections.entry(reason).or_insert_with(first).count += 1;
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejections.values().map(|rejection| rejection.count).sum()
    }
}
