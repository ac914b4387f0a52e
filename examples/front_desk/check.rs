//! Whether everything that was sent is where it belongs.

use std::collections::HashMap;

use frontdesk::desk::{MAX_PAGE, PageRequest};
use frontdesk::{BookingId, DeskError, Message, OperatorDesk, Thread};

use crate::dashboard::Dashboard;
use crate::import::{Played, Site};
use crate::input::Input;
use crate::tally::Tally;

/// A law, and how often it did not hold.
pub(crate) struct Check {
    pub(crate) law: &'static str,
    pub(crate) wrong: u64,
}

/// Checks all laws.
pub(crate) async fn all(
    input: &Input,
    sites: &[Site],
    dashboards: &[Dashboard],
    played: &[Played<'_>],
    tally: &Tally,
    page: usize,
) -> Result<Vec<Check>, DeskError> {
    let lost = input.turns().abs_diff(tally.accepted + tally.refused());
    let (mut lists, mut unread, mut gaps, mut misplaced) = (0, 0, 0, 0);
    for (index, (site, dashboard)) in sites.iter().zip(dashboards).enumerate() {
        let (walked, counted) = walk(&site.team, page).await?;
        lists += u64::from(!dashboard.list.iter().eq(&walked));
        let awaiting = walked.iter().filter(|thread| thread.awaits_operator()).count() as u64;
        unread += u64::from(dashboard.unread != awaiting || counted != awaiting);
        gaps += dashboard.seen.gaps;
        let played = played.iter().filter(|played| played.site == index);
        misplaced += u64::from(counts(&walked) != expected_counts(site, played));
    }
    for played in played {
        misplaced += u64::from(!is_complete(&sites[played.site].team, played).await?);
    }
    Ok(vec![
        Check { law: "every turn of the input was accepted or refused", wrong: lost },
        Check {
            law: "every accepted message is in its thread, in order, exactly once",
            wrong: misplaced,
        },
        Check {
            law: "every answer named the message's number, when sent again the same",
            wrong: tally.misnumbered,
        },
        Check {
            law: "the lists that the polls built are those that the store gives page by page",
            wrong: lists,
        },
        Check { law: "the unread numbers are those of the lists", wrong: unread },
        Check { law: "no message was missing in a conversation that was open", wrong: gaps },
    ])
}

/// All threads of a location, page by page, and its unread number.
async fn walk(team: &OperatorDesk, page: usize) -> Result<(Vec<Thread>, u64), DeskError> {
    let mut found = team.inbox(&PageRequest::first(page)).await?;
    let mut threads = found.threads;
    while let Some(next) = found.next {
        found = team.inbox(&PageRequest::after(next, page)).await?;
        threads.append(&mut found.threads);
    }
    Ok((threads, found.unread))
}

/// How many messages each thread has.
fn counts(threads: &[Thread]) -> HashMap<&BookingId, usize> {
    let count = |thread: &Thread| thread.message_count() as usize;
    threads.iter().map(|thread| (&thread.id().booking, count(thread))).collect()
}

/// What [`counts`] has to be at a site: what was played, and what was there before
/// and is of another import.
fn expected_counts<'a>(
    site: &'a Site,
    played: impl Iterator<Item = &'a Played<'a>>,
) -> HashMap<&'a BookingId, usize> {
    let before = site.before.iter().map(|(booking, &messages)| (booking, messages as usize));
    let started = played.filter(|played| played.started);
    before.chain(started.map(|played| (&played.conversation.id, played.accepted.len()))).collect()
}

/// Whether a thread holds the turns that were accepted and nothing else.
async fn is_complete(team: &OperatorDesk, played: &Played<'_>) -> Result<bool, DeskError> {
    let stored = match history(team, &played.conversation.id).await {
        Err(DeskError::NotFound) => return Ok(!played.started),
        stored => stored?,
    };
    let in_order = stored.windows(2).all(|pair| {
        pair[0].number().next() == Some(pair[1].number()) && pair[0].sent_at() <= pair[1].sent_at()
    });
    let turns = played.accepted.iter().map(|&turn| &played.conversation.turns[turn]);
    let as_sent = stored.len() == turns.len()
        && stored.iter().zip(turns).all(|(message, turn)| {
            message.role() == turn.from && message.body().is_what_was_typed(&turn.text)
        });
    Ok(in_order && as_sent)
}

/// A whole conversation, marking nothing.
async fn history(team: &OperatorDesk, booking: &BookingId) -> Result<Vec<Message>, DeskError> {
    let mut newest = team.history(booking, None, MAX_PAGE).await?.messages;
    while let Some(first) = newest.first() {
        let mut older = team.history(booking, Some(first.number()), MAX_PAGE).await?.messages;
        if older.is_empty() {
            break;
        }
        older.append(&mut newest);
        newest = older;
    }
    Ok(newest)
}
