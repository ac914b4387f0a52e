use frontdesk::store::{KeyQuery, MessageQuery, ThreadQuery, ThreadState, VersionedThread};
use frontdesk::{Message, MessageNumber, Tombstone};

use crate::commit_builders::{Base, TestMessage, messages_of, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{
    ALL_NUMBERS, BOTH_ORDERS, LISTS, LOCATION, NO_LIMIT, all_messages, at, customer, key, number,
    operator,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn erasing_removes_messages_keys_and_list_entries(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, team, once) = (customer("c-1"), operator("u-1"), key("once"));
    tracked.send("b-1", &TestMessage::new(&ann, "Hello!", at(0)).with_key(&once)).await?;
    tracked.send("b-1", &TestMessage::new(&team, "Hi!", at(0)).with_key(&once)).await?;
    tracked.post("b-1", &ann, 3).await?;
    tracked.post("b-2", &ann, 4).await?;
    // More messages than many databases delete in one step by default.
    tracked.send_all("b-1", &vec![TestMessage::new(&ann, "x", at(5)); 1_000]).await?;
    tracked.set_waiting("b-1", Some(at(3))).await?;
    tracked.redact("b-1", 2).await?;
    let id = tracked.id("b-1");
    let messages = store.messages(&all_messages(&id)).await?;
    check_eq(&messages.len(), &1_003, "the number of messages before erasure")?;
    tracked.erase("b-1").await?;
    let all = BOTH_ORDERS.map(|order| order(&id, ALL_NUMBERS, NO_LIMIT));
    for query in all.into_iter().chain([MessageQuery::redacted_after(&id, 0, NO_LIMIT)]) {
        let messages = store.messages(&query).await?;
        check_eq(&messages, &Vec::new(), "the messages of an erased thread")?;
    }
    for author in [&ann, &team] {
        let found = store.message_by_key(&KeyQuery::new(&id, author, &once)).await?;
        check_eq(&found, &None, "a key of an erased thread")?;
    }
    for list in LISTS {
        let query = ThreadQuery::new(&tracked.location, list, NO_LIMIT);
        let page = store.threads(&query).await?;
        let expected = tracked.model.threads(&query);
        check_eq(&page, &expected, format_args!("{list:?} without the erased thread"))?;
    }
    tracked.check().await
}

pub(super) async fn an_erased_thread_is_a_tombstone_with_its_last_number(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    tracked.post("b-1", &ann, 1).await?;
    tracked.post("b-1", &ann, 2).await?;
    tracked.post("b-2", &ann, 3).await?;
    let before = tracked.newest();
    let revision = tracked.erase("b-1").await?;
    let id = tracked.id("b-1");
    let tombstone = ThreadState::Erased(Tombstone::new(id.clone(), number(2)));
    let tombstone = VersionedThread::new(revision, tombstone);
    let found = store.thread(&id).await?;
    check_eq(&found.as_ref(), &Some(&tombstone), "the head of an erased thread")?;
    let feed = store.changes(&tracked.location, before, NO_LIMIT).await?;
    check_eq(&feed.changed, &vec![tombstone], "the feed after the erasure")?;
    tracked.check().await
}

pub(super) async fn erasing_an_unread_thread_lowers_the_unread_number(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    tracked.post("b-1", &ann, 1).await?;
    tracked.post("b-2", &ann, 2).await?;
    for (booking, unread) in [("b-1", 1), ("b-2", 0)] {
        tracked.erase(booking).await?;
        let page = store.threads(&ThreadQuery::new(&tracked.location, LISTS[0], NO_LIMIT)).await?;
        let feed = store.changes(&tracked.location, tracked.newest(), 1).await?;
        let counts = (page.counts.unread, feed.counts.unread);
        check_eq(&counts, &(unread, unread), "the unread number of a page and of the feed")?;
    }
    tracked.start("b-1", 3).await?;
    tracked.check().await?;
    tracked.post("b-1", &ann, 4).await?;
    tracked.check().await
}

pub(super) async fn keys_of_an_erased_thread_can_be_used_again(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, once, id) = (customer("c-1"), key("once"), tracked.id("b-1"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    tracked.send("b-1", &hello).await?;
    for _ in 0..2 {
        tracked.erase("b-1").await?;
        tracked.start("b-1", 2).await?;
        let found = store.message_by_key(&KeyQuery::new(&id, &ann, &once)).await?;
        check_eq(&found, &None, "a key of an earlier generation")?;
        tracked.send("b-1", &hello).await?;
        tracked.check().await?;
    }
    Ok(())
}

pub(super) async fn an_erased_thread_restarts_at_the_next_number(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    tracked.post("b-1", &ann, 0).await?;
    tracked.post("b-1", &operator("u-1"), 1).await?;
    for generation in 1..=3 {
        tracked.erase("b-1").await?;
        tracked.check().await?;
        // This commit restarts the thread from the stored head, not from the head in the model.
        let id = tracked.id("b-1");
        let stored = store.thread(&id).await?;
        let message = TestMessage::new(&ann, "Hello again!", at(2));
        let restart = post_commit(Base::new(&id, stored.as_ref()), &message);
        let numbers: Vec<_> = messages_of(&restart).iter().map(Message::number).collect();
        let expected = vec![number(2 + generation)];
        check_eq(&numbers, &expected, "the first number of the next generation")?;
        tracked.commit(restart).await?;
        tracked.check().await?;
    }
    Ok(())
}

pub(super) async fn a_reader_that_missed_an_erasure_catches_up(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let ann = customer("c-1");
    tracked.post("b-1", &ann, 0).await?;
    tracked.post("b-2", &ann, 0).await?;
    // The reader has message 1 of both threads and stops polling here.
    let last_poll = tracked.newest();
    tracked.erase("b-1").await?;
    tracked.post("b-1", &ann, 5).await?;
    tracked.erase("b-2").await?;
    let feed = store.changes(&tracked.location, last_poll, NO_LIMIT).await?;
    let expected = tracked.model.changes(&tracked.location, last_poll, NO_LIMIT);
    check_eq(&feed, &expected, "the changes that the reader missed")?;
    let first = feed.changed.iter().find_map(|stored| Some(stored.state.live()?.first_number()));
    check_eq(&first, &Some(number(2)), "the first number of the restarted thread")?;
    let id = tracked.id("b-1");
    let missed = number(2)..=MessageNumber::MAX;
    let query = MessageQuery::oldest_first(&id, missed, NO_LIMIT);
    let found = store.messages(&query).await?;
    check_eq(&found, &tracked.model.history(&id), "the messages that the reader missed")
}
