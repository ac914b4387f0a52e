//! Checks of the store and of the dashboards after an import.

use std::collections::HashMap;

use frontdesk::desk::{MAX_PAGE, PageRequest};
use frontdesk::{BookingId, DeskError, Message, OperatorDesk, Role, Thread};
use importer::input::Input;

use crate::location::ImportLocation;
use crate::replay::Replay;
use crate::simulated_dashboard::SimulatedDashboard;
use crate::statistics::Statistics;

/// A statement that must hold, and the number of times that it did not.
pub(crate) struct Check {
    pub(crate) invariant: &'static str,
    pub(crate) violations: u64,
}

/// The import to check.
pub(crate) struct SelfCheck<'a> {
    pub(crate) input: &'a Input,
    pub(crate) locations: &'a [ImportLocation],
    /// The dashboard of each location.
    pub(crate) dashboards: &'a [SimulatedDashboard],
    pub(crate) replays: &'a [Replay<'a>],
    pub(crate) statistics: &'a Statistics,
    pub(crate) page_size: usize,
}

impl SelfCheck<'_> {
    pub(crate) async fn run(&self) -> Result<Vec<Check>, DeskError> {
        let Self { statistics, .. } = self;
        let lost = self.input.turn_count().abs_diff(statistics.accepted + statistics.rejected());
        let (mut wrong_lists, mut wrong_unread, mut gaps, mut wrong_threads) = (0, 0, 0, 0);
        for (index, (location, dashboard)) in self.locations.iter().zip(self.dashboards).enumerate()
        {
            let (threads, unread) = read_list(&location.team, self.page_size).await?;
            wrong_lists += u64::from(!dashboard.list.iter().eq(&threads));
            let unread_rows = threads.iter().filter(|it| it.is_unread_by(Role::Operator)).count();
            let unread_rows = unread_rows as u64;
            let is_right = dashboard.unread_threads == unread_rows && unread == unread_rows;
            wrong_unread += u64::from(!is_right);
            gaps += dashboard.counts.gaps;
            let replays = self.replays.iter().filter(|replay| replay.location == index);
            let is_right = message_counts(&threads) == expected_counts(location, replays);
            wrong_threads += u64::from(!is_right);
        }
        for replay in self.replays {
            let team = &self.locations[replay.location].team;
            wrong_threads += u64::from(!is_complete(team, replay).await?);
        }
        let check = |invariant, violations| Check { invariant, violations };
        Ok(vec![
            check("every turn of the input was accepted or rejected", lost),
            check(
                "every accepted message is in its thread exactly once and in order",
                wrong_threads,
            ),
            check(
                "every answer has the message's number, and a retry gets the same answer",
                statistics.wrong_answers,
            ),
            check("the lists built from polls equal the pages of the store", wrong_lists),
            check("the numbers of unread threads agree with the lists", wrong_unread),
            check("no poll left out a message of the open conversation", gaps),
        ])
    }
}

/// Returns all threads of a location, read page by page, and its number of unread threads.
async fn read_list(team: &OperatorDesk, page_size: usize) -> Result<(Vec<Thread>, u64), DeskError> {
    let mut page = team.inbox(&PageRequest::first(page_size)).await?;
    let mut threads = page.threads;
    while let Some(next) = page.next {
        page = team.inbox(&PageRequest::after(next, page_size)).await?;
        threads.append(&mut page.threads);
    }
    Ok((threads, page.unread))
}

fn message_counts(threads: &[Thread]) -> HashMap<&BookingId, usize> {
    let count = |thread: &Thread| thread.message_count() as usize;
    threads.iter().map(|thread| (&thread.id().booking, count(thread))).collect()
}

/// Returns the number of messages that each thread of a location must have. A thread to which
/// this import wrote has the accepted messages. All other threads have as many as before.
fn expected_counts<'a>(
    location: &'a ImportLocation,
    replays: impl Iterator<Item = &'a Replay<'a>>,
) -> HashMap<&'a BookingId, usize> {
    let before = location.messages_before.iter();
    let before = before.map(|(booking, &messages)| (booking, messages as usize));
    let started = replays.filter(|replay| replay.is_started);
    before.chain(started.map(|replay| (&replay.conversation.id, replay.accepted.len()))).collect()
}

/// Returns `true` if a thread has exactly the accepted turns, in order.
async fn is_complete(team: &OperatorDesk, replay: &Replay<'_>) -> Result<bool, DeskError> {
    let stored = match read_history(team, &replay.conversation.id).await {
        Err(DeskError::NotFound) => return Ok(!replay.is_started),
        stored => stored?,
    };
    let in_order = stored.windows(2).all(|pair| {
        pair[0].number().next() == Some(pair[1].number()) && pair[0].sent_at() <= pair[1].sent_at()
    });
    let turns = replay.accepted.iter().map(|&turn| &replay.conversation.turns[turn]);
    let as_sent = stored.len() == turns.len()
        && stored.iter().zip(turns).all(|(message, turn)| {
            let body = message.body();
            message.role() == turn.from && body.is_some_and(|it| it.matches_input(&turn.text))
        });
    Ok(in_order && as_sent)
}

/// Reads a whole conversation and marks nothing as read.
async fn read_history(team: &OperatorDesk, booking: &BookingId) -> Result<Vec<Message>, DeskError> {
    let mut messages = team.history(booking, None, MAX_PAGE).await?.messages;
    while let Some(first) = messages.first() {
        let mut older = team.history(booking, Some(first.number()), MAX_PAGE).await?.messages;
        if older.is_empty() {
            break;
        }
        older.append(&mut messages);
        messages = older;
    }
    Ok(messages)
}
