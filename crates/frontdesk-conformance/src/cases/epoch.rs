use frontdesk::store::{CommitOutcome, Epoch, KeyQuery, Revision, ThreadQuery};

use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, link_commit, post_commit, redact_commit,
    start_commit,
};
use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fixtures::{
    LISTS, LOCATION, NO_LIMIT, all_messages, at, booking_id, customer, key, number, thread_id,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

/// Calls each method before and after commits. The handle to the store compares the
/// epochs of all answers.
pub(super) async fn every_answer_has_the_same_epoch(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    for id in [thread_id(LOCATION, "b-1"), thread_id("lake", "b-1"), thread_id("lake", "b-2")] {
        let commit = post_commit(Base::new(&id, None), &hello);
        let conflicting =
            post_commit(Base::new(&id, None), &TestMessage { key: None, ..hello.clone() });
        for commit in [None, Some(commit.clone()), Some(commit), Some(conflicting)] {
            if let Some(commit) = commit {
                let _: CommitOutcome = store.commit(commit).await?;
            }
            store.thread(&id).await?;
            store.heads(&id.location, std::slice::from_ref(&id.booking)).await?;
            store.messages(&all_messages(&id)).await?;
            store.message_by_key(&KeyQuery::new(&id, &ann, &once)).await?;
            for list in LISTS {
                store.threads(&ThreadQuery::new(&id.location, list, NO_LIMIT)).await?;
            }
            store.changes(&id.location, Revision::ZERO, NO_LIMIT).await?;
            store.locations(None, NO_LIMIT).await?;
            store.forget_keys(&id.location, at(0), NO_LIMIT).await?;
        }
        let stored = store.thread(&id).await?;
        check(stored.is_some(), || {
            Failure::new(format_args!("the head of {id}"), "a thread", "nothing")
        })?;
    }
    Ok(())
}

/// Sends commits of each kind that name another epoch, and then the same commits in the store's
/// epoch.
pub(super) async fn a_commit_of_another_epoch_conflicts(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0));
    for booking in ["b-1", "b-2", "b-3", "b-4"] {
        tracked.send(booking, &hello.clone().with_key(&once)).await?;
    }
    tracked.erase("b-4").await?;
    let epoch = store.epoch();
    let ids = ["b-1", "b-2", "b-3", "b-4", "b-5", "b-6", "b-7"].map(|booking| tracked.id(booking));
    let base = |at: usize| Base::new(&ids[at], tracked.model.head(&ids[at]));
    let commits = [
        batch_commit(base(0), &vec![hello.clone(); 3]),
        redact_commit(base(1).stored, number(1)),
        erase_commit(base(2).stored),
        post_commit(base(3), &hello.clone().with_key(&once)),
        start_commit(base(4), at(1)),
        post_commit(base(5), &hello.clone().with_key(&once)),
        link_commit(base(6), &booking_id("b-1")),
    ];
    // Epochs that differ in the lowest, a middle and the highest bit.
    for bit in [0, 31, 63] {
        let other = Epoch::new(epoch.get() ^ (1 << bit));
        for commit in &commits {
            let stored = tracked.model.head(commit.id()).cloned();
            let outcome = store.commit(commit.clone().with_epoch(other)).await?;
            let operation = format_args!("a commit of another epoch to {}", commit.id());
            check_eq(&outcome, &CommitOutcome::Conflict(stored), operation)?;
        }
        let again = post_commit(base(0), &hello.clone().with_key(&once)).with_epoch(other);
        let first = tracked.model.history(&ids[0]).into_iter().next().expect("a message");
        let taken = CommitOutcome::KeyTaken { index: 0, message: first };
        let operation = "a commit of another epoch with a taken key";
        check_eq(&store.commit(again).await?, &taken, operation)?;
        tracked.check().await?;
    }
    for commit in commits {
        tracked.commit(commit.with_epoch(epoch)).await?;
    }
    tracked.check().await
}
