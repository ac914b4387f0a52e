use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use frontdesk::BodyError;
use indicatif::HumanCount;

use crate::dashboard::{Dashboard, Seen};
use crate::import::Played;
use crate::input::Input;
use crate::terminal;

/// What became of the turns.
#[derive(Default)]
pub(crate) struct Tally {
    turns: u64,
    pub(crate) accepted: u64,
    /// How many of these an import before this one had stored.
    stored_before: u64,
    refused: BTreeMap<&'static str, Refused>,
    pub(crate) started_by_team: u64,
    sent_again: u64,
    /// Answers that named another message than they should.
    pub(crate) misnumbered: u64,
}

/// Messages that were refused for one reason.
struct Refused {
    count: u64,
    first: String,
}

impl Tally {
    /// How many turns there are with this one.
    pub(crate) fn one_more_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    pub(crate) fn accept(&mut self, was_stored: bool, is_as_expected: bool) {
        self.accepted += 1;
        self.stored_before += u64::from(was_stored);
        self.misnumbered += u64::from(!is_as_expected);
    }

    pub(crate) fn send_again(&mut self, is_as_expected: bool) {
        self.sent_again += 1;
        self.misnumbered += u64::from(!is_as_expected);
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.values().map(|refused| refused.count).sum()
    }

    pub(crate) fn refuse(&mut self, played: &Played<'_>, error: &BodyError) {
        let reason = match error {
            BodyError::Blank => "blank",
            BodyError::Control { .. } => "with a control character",
            BodyError::TooLong { .. } | BodyError::TooLarge { .. } => "too long",
            _ => "for another reason",
        };
        let first = || {
            let (place, turn) = (&played.conversation.place, played.turn + 1);
            Refused { count: 0, first: format!("{place}, turn {turn}: {error}") }
        };
        self.refused.entry(reason).or_insert_with(first).count += 1;
    }

    pub(crate) fn report(
        &self,
        out: &mut impl Write,
        input: &Input,
        dashboards: &[Dashboard],
        workers: usize,
        took: Duration,
    ) -> io::Result<()> {
        terminal::heading(out, "Imported", &format!("{:.2} seconds", took.as_secs_f64()))?;
        let count = |number: usize| HumanCount(number as u64);
        let mut fact = |name: &str, text: &str| terminal::fact(out, name, text);

        let threads = count(dashboards.iter().map(|dashboard| dashboard.list.len()).sum());
        let by_team = HumanCount(self.started_by_team);
        fact("locations", &count(dashboards.len()).to_string())?;
        fact("workers", &count(workers).to_string())?;
        fact("threads", &format!("{threads}, {by_team} of them started by the team"))?;
        let rate = u128::from(self.accepted) * 1_000_000 / took.as_micros().max(1);
        let rate = HumanCount(u64::try_from(rate).unwrap_or(u64::MAX));
        fact("messages", &format!("{}, {rate} a second", HumanCount(self.accepted)))?;
        fact("stored before", &format!("{} of them", HumanCount(self.stored_before)))?;
        fact("sent again", &format!("{} with the same key", HumanCount(self.sent_again)))?;

        fact("refused", &HumanCount(self.refused()).to_string())?;
        for (reason, Refused { count, first }) in &self.refused {
            fact("", &format!("{} {reason}, first {first}", HumanCount(*count)))?;
        }
        fact("bad lines", &count(input.bad_lines.len()).to_string())?;
        for bad in &input.bad_lines {
            fact("", &format!("{} {}", bad.place, bad.reason))?;
        }
        let renamed: Vec<_> = input.conversations.iter().filter(|one| one.renamed).collect();
        fact("ids repeated", &count(renamed.len()).to_string())?;
        for conversation in renamed {
            let (place, id) = (&conversation.place, conversation.id.as_str());
            fact("", &format!("{place} is a booking of its own, {id}"))?;
        }

        let sum = |of: fn(&Seen) -> u64| {
            HumanCount(dashboards.iter().map(|dashboard| of(&dashboard.seen)).sum())
        };
        let (polls, brought) = (sum(|seen| seen.polls), sum(|seen| seen.brought));
        let started_over = sum(|seen| seen.started_over);
        fact(
            "polls",
            &format!("{polls}, {brought} brought something, {started_over} started over"),
        )?;
        let (opened, messages) = (sum(|seen| seen.opened), sum(|seen| seen.messages));
        fact("opened", &format!("{opened} conversations, {messages} messages came while open"))
    }
}
