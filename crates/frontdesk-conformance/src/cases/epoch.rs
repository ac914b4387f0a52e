use frontdesk::store::{CommitOutcome, KeyQuery, Revision, ThreadQuery};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, Failure, check};
use crate::fixtures::{LISTS, LOCATION, NO_LIMIT, all_messages, at, customer, key, thread_id};
use crate::harness::Harness;

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
