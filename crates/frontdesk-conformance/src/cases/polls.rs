use crate::failure::{CaseResult, Failure, check};
use crate::fixtures::{LOCATION, NO_LIMIT};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

use super::scale::start_threads;

const POLLS: u64 = 20;

/// Returns the work of polls that find no change, or `None` if the factory does not count it.
async fn work_of_empty_polls(
    harness: &Harness<'_>,
    tracked: &TrackedLocation,
) -> CaseResult<Option<u64>> {
    let store = harness.store();
    // The first polls may prepare statements and fill caches.
    for _ in 0..POLLS {
        store.changes(&tracked.location, tracked.newest(), NO_LIMIT).await?;
    }
    let Some(before) = harness.work().await else { return Ok(None) };
    for _ in 0..POLLS {
        store.changes(&tracked.location, tracked.newest(), NO_LIMIT).await?;
    }
    Ok(harness.work().await.map(|after| after.saturating_sub(before)))
}

pub(super) async fn an_empty_poll_costs_the_same_in_a_large_location(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    start_threads(harness.store(), &mut tracked, 0..10).await?;
    let Some(small) = work_of_empty_polls(harness, &tracked).await? else {
        harness.not_run("the factory does not count the work of the database");
        return Ok(());
    };
    start_threads(harness.store(), &mut tracked, 10..1_000).await?;
    let large = work_of_empty_polls(harness, &tracked).await?.unwrap_or(small);
    let operation = format!("the work of {POLLS} empty polls");
    check(small > 0, || {
        Failure::new(&operation, "a counter that increases", "a counter that does not change")
    })?;
    // An index of 1,000 entries may have one level more than an index of 10.
    check(large <= 2 * small + POLLS, || {
        let expected = format!("about {small} with 1,000 threads, as with 10 threads");
        Failure::new(&operation, expected, large)
    })
}
