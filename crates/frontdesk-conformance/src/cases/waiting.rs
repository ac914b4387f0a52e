use frontdesk::inbox::WaitingPosition;
use frontdesk::store::{ThreadList, ThreadQuery};
use frontdesk::{Thread, Timestamp};

use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LISTS, LOCATION, NO_LIMIT, at, booking_id, customer, operator};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

fn order(threads: &[Thread]) -> Vec<(Option<Timestamp>, &str)> {
    threads.iter().map(|thread| (thread.waiting_since(), thread.id().booking.as_str())).collect()
}

/// Writes threads that have waited since one of three times, and threads that do not wait. The
/// order of the bookings by bytes differs from their order by UTF-16, by letter case and by
/// number.
async fn write_waiting_threads(store: &StoreHandle) -> CaseResult<TrackedLocation> {
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let bookings = [
        "b-10", "b-2", "B-2", "a", "A", "_", "~", "é", "e\u{301}", "ß", "ss", "\u{FF5E}", "😀",
        "b", "b-", "0", "00", "İ",
    ];
    for (index, booking) in bookings.into_iter().enumerate() {
        // The inbox order differs from the order of the waiting list.
        tracked.post(booking, &customer("c-1"), i64::from(index % 4 == 0)).await?;
        let since = (index % 5 != 4).then(|| at([20, 10, 30][index / 6]));
        tracked.set_waiting(booking, since).await?;
    }
    Ok(tracked)
}

pub(super) async fn the_waiting_list_is_ordered_by_time_then_booking_bytes(
    harness: &Harness<'_>,
) -> CaseResult {
    let tracked = write_waiting_threads(harness.store()).await?;
    let query = ThreadQuery::new(&tracked.location, ThreadList::Waiting(None), NO_LIMIT);
    let page = harness.store().threads(&query).await?;
    let expected = tracked.model.threads(&query);
    check_eq(&order(&page.threads), &order(&expected.threads), "the order of the waiting list")?;
    check_eq(&page, &expected, "the waiting list")
}

pub(super) async fn waiting_pages_of_every_size_cover_the_whole_list(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let tracked = write_waiting_threads(store).await?;
    let query = ThreadQuery::new(&tracked.location, ThreadList::Waiting(None), NO_LIMIT);
    let all = tracked.model.threads(&query).threads;
    for size in 1..=all.len() + 1 {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let list = ThreadList::Waiting(after.as_ref());
            let query = ThreadQuery::new(&tracked.location, list, size);
            let page = store.threads(&query).await?;
            let operation = format!("{size} waiting threads after {after:?}");
            check_eq(&page, &tracked.model.threads(&query), operation)?;
            let full = page.threads.len() == size;
            read.extend(page.threads);
            after = read.last().and_then(WaitingPosition::of);
            if !full {
                break;
            }
        }
        check_eq(&order(&read), &order(&all), format_args!("the waiting list in pages of {size}"))?;
    }
    // A position may belong to no thread.
    for (since, booking) in [(at(10), "!"), (at(10), "zzz"), (at(15), "b"), (at(99), "b")] {
        let after = WaitingPosition::new(since, booking_id(booking));
        for limit in [0, 2, NO_LIMIT] {
            let list = ThreadList::Waiting(Some(&after));
            let query = ThreadQuery::new(&tracked.location, list, limit);
            let page = store.threads(&query).await?;
            let operation = format!("{limit} waiting threads after {after:?}");
            check_eq(&page, &tracked.model.threads(&query), operation)?;
        }
    }
    Ok(())
}

pub(super) async fn the_waiting_number_counts_the_waiting_threads(
    harness: &Harness<'_>,
) -> CaseResult {
    async fn check_waiting(
        harness: &Harness<'_>,
        tracked: &TrackedLocation,
        expected: &[&str],
    ) -> CaseResult {
        let store = harness.store();
        let mut counts = Vec::new();
        for list in LISTS {
            let page = store.threads(&ThreadQuery::new(&tracked.location, list, 1)).await?;
            counts.push(page.counts.waiting);
        }
        for since in [tracked.newest(), tracked.newest().previous()] {
            counts.push(store.changes(&tracked.location, since, 1).await?.counts.waiting);
        }
        let number = expected.len() as u64;
        check_eq(&counts, &vec![number; 5], "the waiting number of 3 lists and 2 feeds")?;
        let query = ThreadQuery::new(&tracked.location, ThreadList::Waiting(None), NO_LIMIT);
        let page = store.threads(&query).await?;
        let bookings: Vec<_> =
            page.threads.iter().map(|thread| thread.id().booking.as_str()).collect();
        check_eq(&*bookings, expected, "the waiting threads")
    }
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    for booking in ["b-1", "b-2", "b-3"] {
        tracked.post(booking, &customer("c-1"), 0).await?;
        tracked.set_waiting(booking, None).await?;
    }
    check_waiting(harness, &tracked, &[]).await?;
    tracked.set_waiting("b-1", Some(at(2))).await?;
    tracked.set_waiting("b-2", Some(at(1))).await?;
    check_waiting(harness, &tracked, &["b-2", "b-1"]).await?;
    // A thread that moves appears once in the list.
    tracked.set_waiting("b-2", Some(at(3))).await?;
    check_waiting(harness, &tracked, &["b-1", "b-2"]).await?;
    // A reply ends the wait, and the next question starts another.
    tracked.post("b-1", &operator("u-1"), 4).await?;
    check_waiting(harness, &tracked, &["b-2"]).await?;
    tracked.post("b-1", &customer("c-1"), 5).await?;
    check_waiting(harness, &tracked, &["b-2", "b-1"]).await?;
    tracked.set_waiting("b-1", None).await?;
    check_waiting(harness, &tracked, &["b-2"]).await?;
    tracked.set_waiting("b-3", Some(at(0))).await?;
    check_waiting(harness, &tracked, &["b-3", "b-2"]).await?;
    tracked.link("b-4", "b-3").await?;
    tracked.erase("b-3").await?;
    check_waiting(harness, &tracked, &["b-2"]).await?;
    tracked.start("b-3", 5).await?;
    tracked.erase("b-2").await?;
    check_waiting(harness, &tracked, &[]).await?;
    tracked.check().await
}
