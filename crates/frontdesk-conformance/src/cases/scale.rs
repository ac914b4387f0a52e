use frontdesk::record::ThreadRecord;
use frontdesk::store::{
    Change, Commit, CommitOutcome, KeyQuery, MAX_HEADS, NewMessages, Revision, ThreadQuery,
};
use frontdesk::{BookingId, Participant, Role, Timestamp};
use futures_util::future::join_all;

use crate::commit_builders::{
    Base, TestMessage, batch_commit, expect_committed, post_commit, record_commit,
};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{
    BOTH_ORDERS, LISTS, LOCATION, NO_LIMIT, at, booking_id, customer, key, number, operator,
};
use crate::harness::Harness;
use crate::recording_store::RecordingStore;
use crate::tracked_location::TrackedLocation;

/// More than 1,000, which is the limit of pages, batches and parameters in many databases.
const MANY: usize = 1_100;

/// Places in a long list at which a store could cut it or split it.
const PLACES: [usize; 12] = [1, 2, 99, 100, 101, 256, 500, 999, 1_000, 1_001, 1_024, MANY];

/// Returns the messages of a long thread, each with a key.
fn long_history() -> Vec<TestMessage> {
    let authors = [customer("c-1"), operator("u-1")];
    let message = |number: usize| {
        let text = format!("Message {number}");
        let message = TestMessage::new(&authors[number % 2], &text, at(0));
        message.with_key(&key(&format!("k-{number}")))
    };
    (1..=MANY).map(message).collect()
}

async fn send_history(
    tracked: &mut TrackedLocation,
    booking: &str,
    messages: &[TestMessage],
) -> CaseResult {
    for batch in messages.chunks(frontdesk::store::MAX_COMMIT_MESSAGES) {
        tracked.send_all(booking, batch).await?;
    }
    Ok(())
}

pub(super) async fn a_long_thread_is_read_and_erased_completely(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (id, messages) = (tracked.id("b-1"), long_history());
    send_history(&mut tracked, "b-1", &messages).await?;
    for order in BOTH_ORDERS {
        for limit in [MANY - 1, NO_LIMIT] {
            let query = order(&id, number(1)..=number(2_000), limit);
            let found = store.messages(&query).await?;
            let expected = tracked.model.messages(&query);
            check_eq(
                &found.len(),
                &expected.len(),
                format_args!("the number of messages of {id}"),
            )?;
            check_eq(&found, &expected, format_args!("the messages of {id}"))?;
        }
    }
    for place in PLACES {
        let TestMessage { author, key, .. } = &messages[place - 1];
        let key = key.as_ref().expect("a key");
        let query = KeyQuery::new(&id, author, key);
        let expected = tracked.model.message_by_key(&query);
        let found = store.message_by_key(&query).await?;
        check_eq(&found, &expected, format_args!("the message of {key:?} of {MANY} in {id}"))?;
        let retry = post_commit(Base::new(&id, tracked.stored("b-1")), &messages[place - 1]);
        let expected =
            CommitOutcome::KeyTaken { index: 0, message: expected.expect("a stored message") };
        let outcome = store.commit(retry).await?;
        check_eq(&outcome, &expected, format_args!("a retry with {key:?} of {MANY} in {id}"))?;
    }
    tracked.erase("b-1").await?;
    for place in PLACES {
        let TestMessage { author, key, .. } = &messages[place - 1];
        let key = key.as_ref().expect("a key");
        let found = store.message_by_key(&KeyQuery::new(&id, author, key)).await?;
        check_eq(&found, &None, format_args!("the message of {key:?} after {id} was erased"))?;
    }
    // All keys are free in the next generation.
    send_history(&mut tracked, "b-1", &messages).await?;
    tracked.check().await
}

pub(super) async fn more_than_1000_keys_are_forgotten_in_one_step(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    send_history(&mut tracked, "b-1", &long_history()).await?;
    tracked.forget_keys(Timestamp::MAX, MANY - 1).await?;
    tracked.forget_keys(Timestamp::MAX, MANY).await?;
    tracked.check().await
}

/// Returns a commit that starts a thread with an unread message and a wait.
fn waiting_thread(tracked: &TrackedLocation, booking: &str, author: &Participant) -> Commit {
    let id = tracked.id(booking);
    let commit = batch_commit(Base::new(&id, None), &[TestMessage::new(author, "Hello!", at(1))]);
    let thread = commit.next().live().expect("a live thread").clone();
    let mut record = ThreadRecord::from(thread);
    record.waiting_since = Some(at(1));
    let Change::Messages(messages) = commit.change() else { unreachable!("a new message") };
    let messages = NewMessages::new(messages.to_vec()).expect("the same messages");
    record_commit(None, record).with_messages(messages).expect("the last message")
}

/// Starts threads, many at the same time, because a durable store can write them together.
pub(super) async fn start_threads(
    store: &RecordingStore,
    tracked: &mut TrackedLocation,
    bookings: std::ops::Range<usize>,
) -> CaseResult {
    const AT_A_TIME: usize = 100;
    let ann = customer("c-1");
    let commits: Vec<Commit> =
        bookings.map(|n| waiting_thread(tracked, &format!("b-{n}"), &ann)).collect();
    for commits in commits.chunks(AT_A_TIME) {
        let outcomes = join_all(commits.iter().map(|commit| store.commit(commit.clone()))).await;
        let mut written = Vec::with_capacity(commits.len());
        for (outcome, commit) in outcomes.into_iter().zip(commits) {
            written.push((expect_committed(outcome?)?, commit));
        }
        written.sort_by_key(|(revision, _)| *revision);
        for (revision, commit) in written {
            tracked.model.apply(commit.clone(), revision)?;
        }
    }
    Ok(())
}

pub(super) async fn a_large_location_is_listed_and_counted_completely(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let location = tracked.location.clone();
    tracked.post("old", &customer("c-1"), 0).await?;
    tracked.erase("old").await?;
    start_threads(store, &mut tracked, 0..MANY).await?;
    for list in LISTS {
        for limit in [MANY - 1, NO_LIMIT] {
            let query = ThreadQuery::new(&location, list, limit);
            let (page, expected) = (store.threads(&query).await?, tracked.model.threads(&query));
            let operation = |what: &str| format!("the {what} of {list:?}, at most {limit}");
            check_eq(&page.counts, &expected.counts, operation("counts"))?;
            check_eq(&page.threads.len(), &expected.threads.len(), operation("length"))?;
            check_eq(&page, &expected, operation("page"))?;
        }
    }
    for limit in [MANY, MANY + 1] {
        let feed = store.changes(&location, Revision::ZERO, limit).await?;
        let expected = tracked.model.changes(&location, Revision::ZERO, limit);
        let operation = format!("the number of changes, at most {limit}");
        check_eq(&feed.changed.len(), &expected.changed.len(), operation)?;
        check_eq(&feed, &expected, format_args!("the feed, at most {limit}"))?;
    }
    let bookings: Vec<BookingId> =
        (0..MAX_HEADS).map(|n| booking_id(&format!("b-{}", MANY - 1 - n))).collect();
    let heads = store.heads(&location, &bookings).await?;
    check_eq(&heads, &tracked.model.heads(&location, &bookings), "the heads of 1,000 threads")?;

    // The tombstone is older than all threads.
    let old = tracked.id("old");
    let tombstone = tracked.stored("old").cloned();
    check_eq(&store.thread(&old).await?, &tombstone, "a tombstone after many commits")?;
    let create =
        post_commit(Base::new(&old, None), &TestMessage::new(&customer("c-1"), "Hi!", at(2)));
    let outcome = store.commit(create).await?;
    let expected = CommitOutcome::Conflict(tombstone);
    check_eq(&outcome, &expected, "creating a thread that was erased many commits before")?;

    tracked.mark_read("b-7", Role::Operator).await?;
    tracked.set_waiting("b-8", None).await?;
    let feed = store.changes(&location, tracked.newest(), 1).await?;
    let expected = tracked.model.changes(&location, tracked.newest(), 1);
    check_eq(&feed, &expected, "the counts after one thread was read and one answered")
}
