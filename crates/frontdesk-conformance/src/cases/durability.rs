use frontdesk::store::CommitOutcome;

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, at, customer, key};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn acknowledged_commits_survive_reopening(
    harness: &mut Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    let mut first = tracked.send("b-1", &hello).await?;
    for round in 0..3 {
        tracked.post("b-2", &ann, round).await?;
        // The last commit is an erasure, so that no live thread has the newest revision.
        tracked.erase("b-2").await?;
        let content = tracked.close();
        if !harness.reopen().await {
            harness.not_run("the factory cannot reopen the store");
            return Ok(());
        }
        tracked = TrackedLocation::resume(harness.store(), content);
        tracked.check().await?;
        let retry = post_commit(Base::new(&tracked.id("b-1"), None), &hello);
        let outcome = harness.store().commit(retry).await?;
        let expected = CommitOutcome::KeyTaken { index: 0, message: first.clone() };
        check_eq(&outcome, &expected, "a retry after reopening")?;
        let message = TestMessage::new(&ann, "Hello!", at(9));
        let create = post_commit(Base::new(&tracked.id("b-2"), None), &message);
        let outcome = harness.store().commit(create).await?;
        let expected = CommitOutcome::Conflict(tracked.stored("b-2").cloned());
        check_eq(&outcome, &expected, "creating an erased thread after reopening")?;
        tracked.erase("b-1").await?;
        first = tracked.send("b-1", &hello).await?;
        tracked.check().await?;
    }
    let messages = tracked.model.history(&tracked.id("b-1")).len();
    check_eq(&messages, &1, "the messages of the last generation")
}
