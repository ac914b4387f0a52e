use frontdesk::Role;
use frontdesk::store::{
    Changes, LocationCounts, MessageQuery, Revision, ThreadQuery, VersionedThread,
};

use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{
    ALL_NUMBERS, BOTH_ORDERS, LISTS, LOCATION, NO_LIMIT, at, customer, location_id, revision,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn a_thread_changed_twice_appears_once_in_the_feed(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, location) = (customer("c-1"), location_id(LOCATION));
    let first = tracked.start("b-1", 0).await?;
    tracked.post("b-2", &ann, 1).await?;
    tracked.post("b-1", &ann, 2).await?;
    tracked.mark_read("b-1", Role::Operator).await?;
    for since in [Revision::ZERO, first, revision(first.get() + 1)] {
        let feed = store.changes(&location, since, NO_LIMIT).await?;
        let expected = tracked.model.changes(&location, since, NO_LIMIT);
        check_eq(&feed.changed, &expected.changed, format_args!("the changes since {since:?}"))?;
    }
    let before = tracked.newest();
    tracked.erase("b-1").await?;
    tracked.start("b-1", 3).await?;
    tracked.erase("b-1").await?;
    let feed = store.changes(&location, before, NO_LIMIT).await?;
    let expected: Vec<VersionedThread> = tracked.stored("b-1").cloned().into_iter().collect();
    check_eq(&feed.changed, &expected, "the changes of a thread that was erased twice")
}

pub(super) async fn changes_return_at_most_the_limit_and_report_more(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    for booking in 0..8 {
        tracked.post(&format!("b-{booking}"), &customer("c-1"), 0).await?;
    }
    tracked.mark_read("b-3", Role::Operator).await?;
    tracked.erase("b-5").await?;
    tracked.link("b-8", "b-0").await?;
    for since in (0..=tracked.newest().get()).map(revision) {
        let later = tracked.model.changes(&tracked.location, since, NO_LIMIT).changed.len();
        for limit in (0..=later + 1).chain([NO_LIMIT]) {
            let feed = harness.store().changes(&tracked.location, since, limit).await?;
            let expected = tracked.model.changes(&tracked.location, since, limit);
            check_eq(&feed, &expected, format_args!("at most {limit} changes since {since:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn changes_since_the_newest_or_a_later_revision_are_empty(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    tracked.post("b-1", &customer("c-1"), 0).await?;
    tracked.set_waiting("b-1", Some(at(0))).await?;
    let newest = tracked.newest();
    for since in [newest, revision(newest.get() + 1), Revision::MAX.previous(), Revision::MAX] {
        for limit in [0, 1, NO_LIMIT] {
            let feed = harness.store().changes(&tracked.location, since, limit).await?;
            let expected = Changes::new(Vec::new(), false, LocationCounts::new(newest, 1, 1));
            check_eq(&feed, &expected, format_args!("at most {limit} changes since {since:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn every_limit_is_accepted(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    for booking in ["b-1", "b-2", "b-3"] {
        tracked.post(booking, &ann, 0).await?;
        tracked.post(booking, &ann, 1).await?;
        tracked.set_waiting(booking, Some(at(0))).await?;
    }
    tracked.redact("b-2", 1).await?;
    tracked.redact("b-2", 2).await?;
    let (location, id) = (location_id(LOCATION), tracked.id("b-2"));
    let large = [1 << 31, (1 << 32) + 1, i64::MAX.unsigned_abs(), u64::MAX];
    let large = large.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    for limit in [0, 1].into_iter().chain(large) {
        let operation = |method| format!("`{method}` with the limit {limit}");
        for list in LISTS {
            let query = ThreadQuery::new(&location, list, limit);
            let page = store.threads(&query).await?;
            check_eq(&page, &tracked.model.threads(&query), operation("threads"))?;
        }
        let feed = store.changes(&location, Revision::ZERO, limit).await?;
        let expected = tracked.model.changes(&location, Revision::ZERO, limit);
        check_eq(&feed, &expected, operation("changes"))?;
        let all = BOTH_ORDERS.map(|order| order(&id, ALL_NUMBERS, limit));
        for query in all.into_iter().chain([MessageQuery::redacted_after(&id, 0, limit)]) {
            let messages = store.messages(&query).await?;
            check_eq(&messages, &tracked.model.messages(&query), operation("messages"))?;
        }
        let locations = store.locations(None, limit).await?;
        let expected = tracked.model.locations(None, limit);
        check_eq(&locations, &expected, operation("locations"))?;
        let forgotten = store.forget_keys(&location, at(9), limit).await?;
        check_eq(&(forgotten.removed, forgotten.more), &(0, false), operation("forget_keys"))?;
    }
    Ok(())
}
