use frontdesk::LocationId;
use frontdesk::store::{CommitOutcome, LocationRevision, Revision, VersionedThread};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{NO_LIMIT, at, customer, location_id};
use crate::harness::Harness;
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
