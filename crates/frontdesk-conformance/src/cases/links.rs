use frontdesk::store::{
    Commit, CommitOutcome, KeyQuery, ThreadQuery, ThreadState, VersionedThread,
};

use crate::commit_builders::{Base, TestMessage, link_commit, post_commit, start_commit};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{
    LISTS, LOCATION, NO_LIMIT, all_messages, at, booking, booking_id, customer, key,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn a_link_is_a_head_without_messages(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    tracked.send("b-1", &hello).await?;
    tracked.set_waiting("b-1", Some(at(0))).await?;
    let before = tracked.newest();
    let revision = tracked.link("b-2", "b-1").await?;
    let id = tracked.id("b-2");
    let link = frontdesk::Link::new(id.clone(), booking_id("b-1"));
    let expected = VersionedThread::new(revision, ThreadState::Linked(link));
    let stored = store.thread(&id).await?;
    check_eq(&stored.as_ref(), &Some(&expected), "the head of a link")?;
    let heads = store.heads(&id.location, std::slice::from_ref(&id.booking)).await?;
    check_eq(&heads, &vec![expected.clone()], "the heads of a link")?;
    let feed = store.changes(&id.location, before, NO_LIMIT).await?;
    check_eq(&feed.changed, &vec![expected], "the feed after linking")?;
    let messages = store.messages(&all_messages(&id)).await?;
    check_eq(&messages, &Vec::new(), "the messages of a link")?;
    let by_key = store.message_by_key(&KeyQuery::new(&id, &ann, &once)).await?;
    check_eq(&by_key, &None, "a key of the target under the link's id")?;
    for list in LISTS {
        let query = ThreadQuery::new(&id.location, list, NO_LIMIT);
        let page = store.threads(&query).await?;
        check_eq(&page, &tracked.model.threads(&query), format_args!("{list:?} beside a link"))?;
    }
    // A store does not check the target: it may be erased, or may never have existed.
    tracked.erase("b-1").await?;
    tracked.link("b-3", "nothing").await?;
    tracked.check().await
}

pub(super) async fn a_link_is_neither_overwritten_nor_overwrites(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    tracked.post("live", &ann, 0).await?;
    tracked.post("erased", &ann, 1).await?;
    tracked.erase("erased").await?;
    tracked.link("linked", "live").await?;
    for booking in ["live", "erased", "linked"] {
        let id = tracked.id(booking);
        let unused = Base::new(&id, None);
        for (operation, commit) in [
            ("linking", link_commit(unused, &booking_id("other"))),
            ("starting", start_commit(unused, at(9))),
            ("posting to", post_commit(unused, &TestMessage::new(&ann, "x", at(9)))),
        ] {
            let outcome = store.commit(commit).await?;
            let expected = CommitOutcome::Conflict(tracked.stored(booking).cloned());
            let operation = format!("{operation} the {booking} id as if it was unused");
            check_eq(&outcome, &expected, operation)?;
            tracked.check().await?;
        }
    }
    Ok(())
}

pub(super) async fn a_thread_keeps_the_snapshot_of_a_linked_booking(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let ann = customer("c-1");
    tracked.post("b-1", &ann, 0).await?;
    // The bytes of the linked ids are before and after those of the thread's own id.
    for linked in ["b-2", "B-0", "b-10"] {
        tracked.link(linked, "b-1").await?;
        let snapshot = booking(linked);
        tracked.update("b-1", |thread| thread.with_linked_booking(&snapshot)).await?;
        tracked.check().await?;
        tracked.post("b-1", &ann, 1).await?;
        tracked.check().await?;
    }
    // A thread that was erased can start again with the snapshot of a linked booking.
    tracked.erase("b-1").await?;
    let tombstone = match tracked.stored("b-1").map(|stored| &stored.state) {
        Some(ThreadState::Erased(tombstone)) => tombstone.clone(),
        state => return Err(Failure::new("erasing", "a tombstone", format_args!("{state:?}"))),
    };
    let thread = tombstone.restart(booking("b-2"), at(2)).expect("a thread with free numbers");
    tracked.commit(Commit::new(ThreadState::Live(thread), tracked.stored("b-1"))).await?;
    tracked.check().await?;
    // The snapshot of the thread's own booking comes back.
    let own = booking("b-1");
    tracked.update("b-1", |thread| thread.with_linked_booking(&own)).await?;
    tracked.check().await
}
