use std::collections::BTreeSet;
use std::time::Duration;

use super::cast::{HERE, MANY, at, booking, customer, operator, place};
use super::ledger::Ledger;
use super::proposal::starting;
use super::report::{Outcome, holds, same};
use super::stage::{Shared, Stage};
use crate::booking::BookingStatus;
use crate::inbox::InboxPosition;
use crate::participant::Role;
use crate::store::{Filter, ThreadPage, ThreadStore as _};
use crate::thread::Thread;
use crate::timestamp::Timestamp;

const FILTERS: [Filter; 2] = [Filter::All, Filter::Unread];

fn bookings(threads: &[Thread]) -> Vec<&str> {
    threads.iter().map(|thread| thread.id().booking.as_str()).collect()
}

/// Bookings whose order is not the same by bytes, by UTF-16, by letter case and
/// by number, all last active at one of three times.
async fn a_mixed_inbox(store: &Shared) -> Outcome<Ledger> {
    let mut ledger = Ledger::new(store, HERE);
    let ids = [
        "b-10", "b-2", "B-2", "a", "A", "_", "~", "é", "e\u{301}", "z", "ß", "ss", "\u{FF5E}",
        "😀", "b", "b-", "0", "00", "İ", "i",
    ];
    for (place, id) in ids.into_iter().enumerate() {
        // Neighbours, mostly, at one time.
        let seconds = [20, 10, 30][place / 7];
        if place % 2 == 0 {
            ledger.start(id, seconds).await?;
        } else {
            // Created at one time, active at another.
            ledger.start(id, 0).await?;
            let author = if place % 4 == 1 { customer("c-1") } else { operator("u-1") };
            ledger.say(id, &author, seconds).await?;
        }
    }
    Ok(ledger)
}

pub(super) async fn inbox_is_newest_first_then_by_the_bytes_of_the_booking(
    stage: &Stage<'_>,
) -> Outcome {
    let ledger = a_mixed_inbox(stage.store()).await?;
    for filter in FILTERS {
        let found = stage.store().threads(&ledger.location, None, MANY, filter).await?;
        let expected = ledger.model.page(&ledger.location, None, MANY, filter);
        let order = |page: &ThreadPage| -> Vec<(Timestamp, String)> {
            let key = |thread: &Thread| (thread.active_at(), thread.id().booking.to_string());
            page.threads.iter().map(key).collect()
        };
        same(&order(&found), &order(&expected), format_args!("the order of {filter:?}"))?;
    }
    Ok(())
}

pub(super) async fn reading_and_rebooking_do_not_move_a_thread(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    for (place, booking) in ["b-1", "b-2", "b-3"].into_iter().enumerate() {
        ledger.say(booking, &customer("c-1"), i64::try_from(place).unwrap_or(0)).await?;
    }
    ledger.read("b-1", Role::Operator).await?;
    let done = booking("b-2").with_status(BookingStatus::Complete);
    ledger.change("b-2", |thread| thread.rebook(&done)).await?;
    let page = stage.store().threads(&ledger.location, None, MANY, Filter::All).await?;
    same(&bookings(&page.threads), &vec!["b-3", "b-2", "b-1"], "the inbox")?;
    ledger.check().await
}

pub(super) async fn inbox_pages_of_every_size_give_the_whole_inbox(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let ledger = a_mixed_inbox(store).await?;
    let here = &ledger.location;
    for filter in FILTERS {
        let whole = ledger.model.page(here, None, MANY, filter);
        for size in 1..=whole.threads.len() + 1 {
            let (mut walked, mut after) = (Vec::new(), None);
            loop {
                let page = store.threads(here, after.as_ref(), size, filter).await?;
                let expected = ledger.model.page(here, after.as_ref(), size, filter);
                let what = format!("{filter:?} in pages of {size} after {after:?}");
                same(&bookings(&page.threads), &bookings(&expected.threads), &what)?;
                same(&page, &expected, &what)?;
                let full = page.threads.len() == size;
                walked.extend(page.threads);
                after = walked.last().map(InboxPosition::of);
                if !full {
                    break;
                }
            }
            let what = format_args!("{filter:?} in pages of {size}");
            same(&bookings(&walked), &bookings(&whole.threads), what)?;
        }
        let none = store.threads(here, None, 0, filter).await?;
        same(&none, &ledger.model.page(here, None, 0, filter), "a page of nothing")?;
    }
    Ok(())
}

pub(super) async fn inbox_pages_neither_skip_nor_repeat_while_threads_move(
    stage: &Stage<'_>,
) -> Outcome {
    for size in [1, 3, 5] {
        walk_while_threads_move(stage.store(), size).await?;
    }
    Ok(())
}

async fn walk_while_threads_move(store: &Shared, size: usize) -> Outcome {
    const THREADS: i64 = 20;
    let mut ledger = Ledger::new(store, &format!("{HERE}-{size}"));
    let ann = customer("c-1");
    let name = |thread: i64| format!("b-{:02}", thread % THREADS);
    for thread in 0..THREADS {
        // Two of each time.
        ledger.say(&name(thread), &ann, thread / 2).await?;
    }
    let (mut walked, mut after) = (Vec::new(), None);
    let mut stays: BTreeSet<String> = (0..THREADS).map(name).collect();
    for step in 0.. {
        let what = format!("how many pages of {size} there are");
        holds(step <= THREADS, what, format!("at most {THREADS}"), step)?;
        let page = store.threads(&ledger.location, after.as_ref(), size, Filter::All).await?;
        let Some(last) = page.threads.last() else { break };
        after = Some(InboxPosition::of(last));
        let end = last.id().booking.as_str().to_owned();
        walked.extend(page.threads.iter().map(|thread| thread.id().booking.to_string()));

        // The one that the walk goes on from moves, so does one that is somewhere,
        // another is erased and a new one begins.
        ledger.say(&end, &ann, 100 + step).await?;
        ledger.say(&name(step * 7), &ann, 100 + step).await?;
        stays.remove(&name(step * 7));
        let erased = name(step * 11);
        if ledger.found(&erased).is_some_and(|stored| stored.state.live().is_some()) {
            ledger.erase(&erased).await?;
            stays.remove(&erased);
        }
        ledger.start(&format!("n-{step}"), 100 + step).await?;
    }
    let once: BTreeSet<String> = walked.iter().cloned().collect();
    let what = format!("pages of {size} while threads move");
    holds(once.len() == walked.len(), &what, "no thread twice", &walked)?;
    let skipped: Vec<&String> = stays.difference(&once).collect();
    holds(skipped.is_empty(), &what, "each thread that stays", format!("not {skipped:?}"))
}

pub(super) async fn idle_since_gives_what_was_last_active_then_or_earlier(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let micro = Duration::from_micros(1);
    let times = [
        ("min", Timestamp::MIN),
        ("before", at(20).saturating_sub(micro)),
        ("at-1", at(20)),
        ("at-2", at(20)),
        ("after", at(20).saturating_add(micro)),
        ("max", Timestamp::MAX),
    ];
    for (booking, now) in times {
        let commit = starting(&ledger.id(booking), None, now);
        ledger.commit(commit).await?;
    }
    for (since, count) in [
        (Timestamp::MIN, 1),
        (at(20).saturating_sub(micro), 2),
        (at(20), 4),
        (at(20).saturating_add(micro), 5),
        (Timestamp::MAX, 6),
    ] {
        let position = InboxPosition::idle_since(since);
        let all = ["max", "after", "at-1", "at-2", "before", "min"];
        let expected = &all[all.len() - count..];
        for limit in [2, MANY] {
            let page =
                stage.store().threads(&place(HERE), Some(&position), limit, Filter::All).await?;
            let expected = &expected[..expected.len().min(limit)];
            let what = format_args!("{limit} that are idle since {since}");
            same(&*bookings(&page.threads), expected, what)?;
        }
    }
    Ok(())
}

pub(super) async fn unread_counts_threads_with_an_unread_customer_message(
    stage: &Stage<'_>,
) -> Outcome {
    async fn unread(stage: &Stage<'_>, ledger: &Ledger, expected: &[&str]) -> Outcome {
        let (store, here) = (stage.store(), &ledger.location);
        let page = store.threads(here, None, MANY, Filter::Unread).await?;
        same(&*bookings(&page.threads), expected, "the unread threads")?;
        let number = expected.len() as u64;
        let all = store.threads(here, None, 1, Filter::All).await?;
        let feed = store.changes(here, ledger.newest(), 1).await?;
        let numbers = (page.unread, all.unread, feed.unread);
        same(&numbers, &(number, number, number), "the unread number, asked in three ways")
    }
    let mut ledger = Ledger::new(stage.store(), HERE);
    let (ann, team) = (customer("c-1"), operator("u-1"));
    ledger.start("b-1", 0).await?;
    unread(stage, &ledger, &[]).await?;
    let first = ledger.say("b-1", &ann, 1).await?;
    let second = ledger.say("b-1", &ann, 2).await?;
    ledger.say("b-2", &ann, 2).await?;
    ledger.say("b-3", &team, 3).await?;
    unread(stage, &ledger, &["b-1", "b-2"]).await?;
    ledger.read("b-3", Role::Customer).await?;
    ledger.change("b-1", |thread| thread.mark_read(Role::Operator, &first, at(4))).await?;
    unread(stage, &ledger, &["b-1", "b-2"]).await?;
    ledger.change("b-1", |thread| thread.mark_read(Role::Operator, &second, at(5))).await?;
    unread(stage, &ledger, &["b-2"]).await?;
    ledger.change("b-1", |thread| thread.mark_unread(Role::Operator, &second, at(6))).await?;
    unread(stage, &ledger, &["b-1", "b-2"]).await?;
    ledger.say("b-2", &team, 7).await?;
    unread(stage, &ledger, &["b-1"]).await?;
    ledger.say("b-3", &ann, 8).await?;
    unread(stage, &ledger, &["b-3", "b-1"]).await?;
    Ok(())
}
