use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use frontdesk::LocationId;
use frontdesk::store::{ChangeToken, CommitOutcome, LocationRevision, Revision, VersionedThread};

use crate::commit_builders::{Base, TestMessage, commit_with_retry, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{NO_LIMIT, at, customer, location_id, thread_id};
use crate::harness::{Harness, Step, lock, yield_now};
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

/// Ids whose order by bytes differs from their order by UTF-16, by letter case and by number.
const LOCATIONS: [&str; 12] =
    ["l-10", "l-2", "L-2", "é", "e\u{301}", "ß", "ss", "\u{FF5E}", "😀", "~", "0", "_"];

/// Commits to each location, to some of them several times.
async fn write_locations(store: &StoreHandle) -> CaseResult<Vec<LocationRevision>> {
    let mut written = Vec::new();
    for (index, location) in LOCATIONS.into_iter().enumerate() {
        let mut tracked = TrackedLocation::new(store, location);
        for seconds in 0..=index % 3 {
            tracked.post("b-1", &customer("c-1"), i64::try_from(seconds).unwrap_or(0)).await?;
        }
        if index % 4 == 0 {
            // A location whose threads were all erased keeps its revision.
            tracked.erase("b-1").await?;
        }
        let newest = tracked.newest();
        written.push(LocationRevision::new(tracked.location, newest));
    }
    written.sort_by(|a, b| a.location.as_str().as_bytes().cmp(b.location.as_str().as_bytes()));
    Ok(written)
}

pub(super) async fn locations_are_listed_in_the_order_of_their_bytes(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    check_eq(&store.locations(None, NO_LIMIT).await?, &Vec::new(), "locations of an empty store")?;
    let written = write_locations(store).await?;
    // Some positions are between the locations or after them.
    let between = ["l-", "l-3", "\u{10FFFF}"].map(location_id);
    let positions: Vec<Option<&LocationId>> = std::iter::once(None)
        .chain(written.iter().map(|entry| Some(&entry.location)))
        .chain(between.iter().map(Some))
        .collect();
    for after in positions {
        for limit in [0, 1, 2, 5, LOCATIONS.len(), NO_LIMIT] {
            let found = store.locations(after, limit).await?;
            let bytes = |location: &LocationId| location.as_str().as_bytes().to_vec();
            let mut expected = written.clone();
            expected
                .retain(|entry| after.is_none_or(|after| bytes(&entry.location) > bytes(after)));
            expected.truncate(limit);
            check_eq(&found, &expected, format_args!("{limit} locations after {after:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn a_location_is_listed_from_its_first_commit(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, "lake");
    let id = tracked.id("b-1");
    let commit = post_commit(Base::new(&id, None), &TestMessage::new(&customer("c-1"), "x", at(0)));
    let invented = VersionedThread::new(Revision::MAX, commit.next().clone());
    let message = TestMessage::new(&customer("c-1"), "x", at(0));
    let conflicting = post_commit(Base::new(&id, Some(&invented)), &message);
    let outcome = store.commit(conflicting).await?;
    check_eq(&outcome, &CommitOutcome::Conflict(None), "a commit that expects a thread")?;
    let found = store.locations(None, NO_LIMIT).await?;
    check_eq(&found, &Vec::new(), "the locations after a commit that was refused")?;
    for _ in 0..2 {
        tracked.start("b-1", 0).await?;
        let found = store.locations(None, NO_LIMIT).await?;
        let expected = tracked.model.locations(None, NO_LIMIT);
        check_eq(&found, &expected, "the locations after a commit")?;
    }
    Ok(())
}

/// The revisions that a reader of many locations knows.
#[derive(Default)]
struct KnownLocations {
    revisions: BTreeMap<LocationId, Revision>,
    since: Option<ChangeToken>,
}

impl KnownLocations {
    /// Reads the changed locations page by page. The next round continues from the token of the
    /// first page.
    async fn read(&mut self, store: &StoreHandle, limit: usize) -> CaseResult {
        let mut next = None;
        let mut after: Option<LocationId> = None;
        loop {
            let page = store.changed_locations(self.since, after.as_ref(), limit).await?;
            next = next.or(page.next);
            for LocationRevision { location, revision, .. } in &page.locations {
                self.revisions.insert(location.clone(), *revision);
            }
            if page.locations.len() < limit {
                self.since = next;
                return Ok(());
            }
            after = page.locations.last().map(|last| last.location.clone());
        }
    }
}

pub(super) async fn changed_locations_leave_out_no_late_commit(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let written = write_locations(store).await?;
    let everything = store.changed_locations(None, None, NO_LIMIT).await?;
    check_eq(&everything.locations, &written, "the locations without a token")?;

    let known = Arc::new(Mutex::new(KnownLocations::default()));
    let writer = |writer: usize| -> Step<'static, ()> {
        let store = Arc::clone(store);
        Box::pin(async move {
            for step in 0..20 {
                let location = LOCATIONS[(writer * 5 + step) % LOCATIONS.len()];
                let id = thread_id(location, "b-2");
                let message = TestMessage::new(&customer("c-1"), "x", at(0));
                let next = |stored: Option<&VersionedThread>| {
                    Some(post_commit(Base::new(&id, stored), &message))
                };
                commit_with_retry(&store, &id, next).await?;
                yield_now().await;
            }
            Ok(())
        })
    };
    let reader: Step<'static, ()> = {
        let (store, known) = (Arc::clone(store), Arc::clone(&known));
        Box::pin(async move {
            let mut own = KnownLocations::default();
            for limit in 1..40 {
                own.read(&store, 1 + limit % 5).await?;
                yield_now().await;
            }
            *lock(&known) = own;
            Ok(())
        })
    };
    let steps = (0..4).map(writer).chain([reader]).collect();
    harness.run_concurrently(steps).await?;
    let mut own = std::mem::take(&mut *lock(&known));
    own.read(store, 5).await?;
    let listed = store.locations(None, NO_LIMIT).await?;
    let listed: BTreeMap<LocationId, Revision> =
        listed.into_iter().map(|found| (found.location, found.revision)).collect();
    check_eq(&own.revisions, &listed, "the revisions that the reader knows")
}
