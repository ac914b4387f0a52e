use std::collections::BTreeSet;
use std::time::Duration;

use frontdesk::inbox::InboxPosition;
use frontdesk::store::{ThreadList, ThreadPage, ThreadQuery};
use frontdesk::{BookingStatus, Role, Thread, Timestamp};

use crate::commit_builders::{Base, start_commit};
use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fixtures::{LOCATION, NO_LIMIT, at, booking, customer, location_id, operator};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

/// The lists in inbox order.
const INBOX_LISTS: [for<'a> fn(Option<&'a InboxPosition>) -> ThreadList<'a>; 2] =
    [|after| ThreadList::All(after), |after| ThreadList::Unread(after)];

fn bookings(threads: &[Thread]) -> Vec<&str> {
    threads.iter().map(|thread| thread.id().booking.as_str()).collect()
}

/// Writes threads that were last active at one of three times. The order of the bookings
/// by bytes differs from their order by UTF-16, by letter case and by number.
async fn write_inbox(store: &StoreHandle) -> CaseResult<TrackedLocation> {
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ids = [
        "b-10", "b-2", "B-2", "a", "A", "_", "~", "é", "e\u{301}", "z", "ß", "ss", "\u{FF5E}",
        "😀", "b", "b-", "0", "00", "İ", "i",
    ];
    for (index, id) in ids.into_iter().enumerate() {
        let seconds = [20, 10, 30][index / 7];
        if index % 2 == 0 {
            tracked.start(id, seconds).await?;
        } else {
            // The thread was last active at another time than it was created.
            tracked.start(id, 0).await?;
            let author = if index % 4 == 1 { customer("c-1") } else { operator("u-1") };
            tracked.post(id, &author, seconds).await?;
        }
    }
    Ok(tracked)
}

pub(super) async fn the_inbox_is_ordered_by_activity_then_booking_bytes(
    harness: &Harness<'_>,
) -> CaseResult {
    let tracked = write_inbox(harness.store()).await?;
    for list in INBOX_LISTS {
        let query = ThreadQuery::new(&tracked.location, list(None), NO_LIMIT);
        let found = harness.store().threads(&query).await?;
        let expected = tracked.model.threads(&query);
        let order = |page: &ThreadPage| -> Vec<(Timestamp, String)> {
            let key = |thread: &Thread| (thread.active_at(), thread.id().booking.to_string());
            page.threads.iter().map(key).collect()
        };
        let operation = format_args!("the order of {:?}", query.list);
        check_eq(&order(&found), &order(&expected), operation)?;
    }
    Ok(())
}

pub(super) async fn marking_and_refreshing_do_not_move_a_thread(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    for (seconds, booking) in (0..).zip(["b-1", "b-2", "b-3"]) {
        tracked.post(booking, &customer("c-1"), seconds).await?;
    }
    tracked.mark_read("b-1", Role::Operator).await?;
    tracked.set_waiting("b-1", Some(at(0))).await?;
    let complete = booking("b-2").with_status(BookingStatus::Complete);
    tracked.update("b-2", |thread| thread.update_booking(&complete.clone().into())).await?;
    let query = ThreadQuery::new(&tracked.location, ThreadList::All(None), NO_LIMIT);
    let page = harness.store().threads(&query).await?;
    check_eq(&bookings(&page.threads), &vec!["b-3", "b-2", "b-1"], "the inbox")?;
    tracked.check().await
}

pub(super) async fn inbox_pages_of_every_size_cover_the_whole_inbox(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let tracked = write_inbox(store).await?;
    for list in INBOX_LISTS {
        let query = ThreadQuery::new(&tracked.location, list(None), NO_LIMIT);
        let all = tracked.model.threads(&query).threads;
        for size in 1..=all.len() + 1 {
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let query = ThreadQuery::new(&tracked.location, list(after.as_ref()), size);
                let found = store.threads(&query).await?;
                let expected = tracked.model.threads(&query);
                let operation = format!("{size} threads of {:?}", query.list);
                check_eq(&bookings(&found.threads), &bookings(&expected.threads), &operation)?;
                check_eq(&found, &expected, &operation)?;
                let full = found.threads.len() == size;
                read.extend(found.threads);
                after = read.last().map(InboxPosition::of);
                if !full {
                    break;
                }
            }
            let operation = format_args!("{:?} in pages of {size}", list(None));
            check_eq(&bookings(&read), &bookings(&all), operation)?;
        }
        let query = ThreadQuery { limit: 0, ..query };
        let none = store.threads(&query).await?;
        check_eq(&none, &tracked.model.threads(&query), "a page with the limit 0")?;
    }
    Ok(())
}

pub(super) async fn inbox_pages_skip_and_repeat_nothing_while_threads_move(
    harness: &Harness<'_>,
) -> CaseResult {
    for size in [1, 3, 5] {
        read_while_threads_move(harness.store(), size).await?;
    }
    Ok(())
}

async fn read_while_threads_move(store: &StoreHandle, size: usize) -> CaseResult {
    const THREADS: i64 = 20;
    let mut tracked = TrackedLocation::new(store, &format!("{LOCATION}-{size}"));
    let ann = customer("c-1");
    let name = |thread: i64| format!("b-{:02}", thread % THREADS);
    for thread in 0..THREADS {
        // Two threads share each time.
        tracked.post(&name(thread), &ann, thread / 2).await?;
    }
    let (mut read, mut after) = (Vec::new(), None);
    let mut unmoved: BTreeSet<String> = (0..THREADS).map(name).collect();
    for step in 0.. {
        check(step <= THREADS, || {
            let operation = format!("reading the inbox in pages of {size}");
            Failure::new(operation, format_args!("at most {THREADS} pages"), step)
        })?;
        let query = ThreadQuery::new(&tracked.location, ThreadList::All(after.as_ref()), size);
        let page = store.threads(&query).await?;
        let Some(last) = page.threads.last() else { break };
        after = Some(InboxPosition::of(last));
        let last = last.id().booking.as_str().to_owned();
        read.extend(page.threads.iter().map(|thread| thread.id().booking.to_string()));

        // The last thread of the page moves to the top, and so does another thread. A
        // third thread is erased, and a new thread starts.
        tracked.post(&last, &ann, 100 + step).await?;
        tracked.post(&name(step * 7), &ann, 100 + step).await?;
        unmoved.remove(&name(step * 7));
        let erased = name(step * 11);
        if tracked.stored(&erased).is_some_and(|stored| stored.state.live().is_some()) {
            tracked.erase(&erased).await?;
            unmoved.remove(&erased);
        }
        tracked.start(&format!("n-{step}"), 100 + step).await?;
    }
    let operation = format!("reading the inbox in pages of {size} while threads move");
    let distinct: BTreeSet<String> = read.iter().cloned().collect();
    check(distinct.len() == read.len(), || {
        Failure::new(&operation, "no thread twice", format!("{read:?}"))
    })?;
    let skipped: Vec<&String> = unmoved.difference(&distinct).collect();
    check(skipped.is_empty(), || {
        let expected = "each thread that did not move";
        Failure::new(&operation, expected, format_args!("a list without {skipped:?}"))
    })
}

pub(super) async fn idle_since_lists_threads_last_active_then_or_earlier(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
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
        let id = tracked.id(booking);
        tracked.commit(start_commit(Base::new(&id, None), now)).await?;
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
        for limit in [2, NO_LIMIT] {
            let (location, list) = (location_id(LOCATION), ThreadList::All(Some(&position)));
            let query = ThreadQuery::new(&location, list, limit);
            let page = harness.store().threads(&query).await?;
            let expected = &expected[..expected.len().min(limit)];
            let operation = format_args!("{limit} threads that are idle since {since}");
            check_eq(&*bookings(&page.threads), expected, operation)?;
        }
    }
    Ok(())
}

pub(super) async fn the_unread_number_counts_threads_with_unread_customer_messages(
    harness: &Harness<'_>,
) -> CaseResult {
    async fn check_unread(
        harness: &Harness<'_>,
        tracked: &TrackedLocation,
        expected: &[&str],
    ) -> CaseResult {
        let (store, location) = (harness.store(), &tracked.location);
        let query = ThreadQuery::new(location, ThreadList::Unread(None), NO_LIMIT);
        let unread = store.threads(&query).await?;
        check_eq(&*bookings(&unread.threads), expected, "the unread threads")?;
        let query = ThreadQuery::new(location, ThreadList::All(None), 1);
        let all = store.threads(&query).await?;
        let feed = store.changes(location, tracked.newest(), 1).await?;
        let counts = [unread.counts.unread, all.counts.unread, feed.counts.unread];
        let expected = [expected.len() as u64; 3];
        check_eq(&counts, &expected, "the unread number of two lists and the feed")
    }
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let (ann, team) = (customer("c-1"), operator("u-1"));
    tracked.start("b-1", 0).await?;
    check_unread(harness, &tracked, &[]).await?;
    let first = tracked.post("b-1", &ann, 1).await?.message;
    let second = tracked.post("b-1", &ann, 2).await?.message;
    tracked.post("b-2", &ann, 2).await?;
    tracked.post("b-3", &team, 3).await?;
    check_unread(harness, &tracked, &["b-1", "b-2"]).await?;
    tracked.mark_read("b-3", Role::Customer).await?;
    tracked.update("b-1", |thread| thread.mark_read(Role::Operator, &first, at(4))).await?;
    check_unread(harness, &tracked, &["b-1", "b-2"]).await?;
    tracked.update("b-1", |thread| thread.mark_read(Role::Operator, &second, at(5))).await?;
    check_unread(harness, &tracked, &["b-2"]).await?;
    tracked.update("b-1", |thread| thread.mark_unread(Role::Operator, &second, at(6))).await?;
    check_unread(harness, &tracked, &["b-1", "b-2"]).await?;
    tracked.post("b-2", &team, 7).await?;
    check_unread(harness, &tracked, &["b-1"]).await?;
    tracked.post("b-3", &ann, 8).await?;
    check_unread(harness, &tracked, &["b-3", "b-1"]).await
}
