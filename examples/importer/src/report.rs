use std::io::{self, Write};
use std::time::Duration;

use guide::terminal;
use importer::input::Input;
use indicatif::HumanCount;

use crate::simulated_dashboard::{PollCounts, SimulatedDashboard};
use crate::statistics::{Rejection, Statistics};

/// The statistics of a finished import.
pub(crate) struct Report<'a> {
    pub(crate) input: &'a Input,
    pub(crate) statistics: &'a Statistics,
    pub(crate) dashboards: &'a [SimulatedDashboard],
    pub(crate) workers: usize,
    pub(crate) elapsed: Duration,
}

impl Report<'_> {
    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let seconds = format!("{:.2} seconds", self.elapsed.as_secs_f64());
        terminal::print_heading(out, "Imported", &seconds)?;
        self.print_messages(out)?;
        print_input(self.input, out)?;
        self.print_polls(out)
    }

    fn print_messages(&self, out: &mut impl Write) -> io::Result<()> {
        let statistics = self.statistics;
        let mut field = |name: &str, text: &str| terminal::print_field(out, name, text);
        field("locations", &count(self.dashboards.len()).to_string())?;
        field("workers", &count(self.workers).to_string())?;
        let threads = count(self.dashboards.iter().map(|dashboard| dashboard.list.len()).sum());
        let by_team = HumanCount(statistics.started_by_team);
        field("threads", &format!("{threads}, {by_team} of them started by the team"))?;
        let micros = self.elapsed.as_micros().max(1);
        let rate = u128::from(statistics.accepted) * 1_000_000 / micros;
        let rate = HumanCount(u64::try_from(rate).unwrap_or(u64::MAX));
        let accepted = HumanCount(statistics.accepted);
        field("messages", &format!("{accepted}, {rate} per second"))?;
        let already_stored = HumanCount(statistics.already_stored);
        field("already stored", &format!("{already_stored} of them"))?;
        field("retried", &format!("{} with the same key", HumanCount(statistics.retried)))?;
        field("rejected", &HumanCount(statistics.rejected()).to_string())?;
        for (reason, Rejection { count, first }) in &statistics.rejections {
            field("", &format!("{} {reason}, first {first}", HumanCount(*count)))?;
        }
        Ok(())
    }

    fn print_polls(&self, out: &mut impl Write) -> io::Result<()> {
        let sum = |of: fn(&PollCounts) -> u64| {
            HumanCount(self.dashboards.iter().map(|dashboard| of(&dashboard.counts)).sum())
        };
        let (polls, changes) = (sum(|it| it.polls), sum(|it| it.polls_with_changes));
        let start_overs = sum(|it| it.start_overs);
        let polls = format!("{polls}, {changes} with changes, {start_overs} started over");
        terminal::print_field(out, "polls", &polls)?;
        let opened = sum(|it| it.opened_conversations);
        let messages = sum(|it| it.polled_messages);
        let opened = format!("{opened} conversations, which received {messages} messages by polls");
        terminal::print_field(out, "opened", &opened)
    }
}

/// Prints the invalid lines and the repeated ids of files in the importer's own form.
pub(crate) fn print_input(input: &Input, out: &mut impl Write) -> io::Result<()> {
    let mut field = |name: &str, text: &str| terminal::print_field(out, name, text);
    field("invalid lines", &count(input.invalid_lines.len()).to_string())?;
    for line in &input.invalid_lines {
        field("", &format!("{} {}", line.place, line.reason))?;
    }
    let conversations = input.conversations.iter();
    let duplicates: Vec<_> = conversations.filter(|it| it.is_duplicate).collect();
    field("duplicate ids", &count(duplicates.len()).to_string())?;
    for conversation in duplicates {
        let (place, id) = (&conversation.place, conversation.id.as_str());
        field("", &format!("{place} was imported as booking {id}"))?;
    }
    Ok(())
}

fn count(number: usize) -> HumanCount {
    HumanCount(number as u64)
}
