//! Stores on a test's own database, and helpers for their content.

use std::ops::RangeInclusive;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::store::{
    Commit, CommitOutcome, MessageQuery, NewMessage, NewMessages, Revision, StoreError,
    StoreErrorKind, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{Message, MessageBody, MessageNumber, Post, SingleLine, Thread};
use frontdesk_postgres::{PostgresBuilder, PostgresStore};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Config, NoTls};

use crate::support::{at, booking, customer, key, location_id, thread_id};

/// The location of all tests that need only one.
pub(crate) const LOCATION: &str = "here";

pub(crate) const ALL_NUMBERS: RangeInclusive<MessageNumber> =
    MessageNumber::START..=MessageNumber::MAX;

/// Counts the connections of the database that wait for a lock.
pub(crate) const LOCK_WAITS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// The text of the message in tests of cut connections and of used keys.
pub(crate) const QUESTION: &str = "Is there room?";

/// Makes a pool of at most `size` connections.
pub(crate) fn pool(config: &Config, size: usize) -> Pool {
    let manager = deadpool_postgres::Manager::new(config.clone(), NoTls);
    Pool::builder(manager).max_size(size).build().unwrap()
}

/// Makes a store with default settings on a pool of four connections, and its tables.
pub(crate) async fn migrated_store(config: &Config) -> PostgresStore {
    build_store(PostgresStore::builder(), config).await
}

/// Makes a store on a pool of four connections, and its tables.
pub(crate) async fn build_store(builder: PostgresBuilder, config: &Config) -> PostgresStore {
    let store = builder.pool(pool(config, 4)).unwrap();
    store.migrate().await.unwrap();
    store
}

pub(crate) fn builder_with_partitions(partitions: Option<u16>) -> PostgresBuilder {
    let builder = PostgresStore::builder();
    match partitions {
        Some(partitions) => builder.partitions(partitions),
        None => builder,
    }
}

/// A customer's message that a test posts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TestMessage<'a> {
    booking: &'a str,
    text: &'a str,
    key: Option<&'a str>,
}

pub(crate) fn message<'a>(booking: &'a str, text: &'a str) -> TestMessage<'a> {
    TestMessage { booking, text, key: None }
}

impl<'a> TestMessage<'a> {
    pub(crate) fn with_key(self, key: impl Into<Option<&'a str>>) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// Returns the thread that the next message is added to.
fn live_thread(found: Option<&VersionedThread>, booked: &str) -> Thread {
    match found.map(|found| &found.state) {
        Some(ThreadState::Live(thread)) => thread.clone(),
        Some(ThreadState::Erased(tombstone)) => {
            tombstone.restart(booking(booked), at(0)).expect("there are more numbers")
        }
        Some(ThreadState::Linked(link)) => panic!("the booking is linked: {link:?}"),
        None => Thread::start(location_id(LOCATION), booking(booked), at(0)),
    }
}

fn add(thread: &Thread, text: &str) -> (Thread, Message) {
    let body = MessageBody::new(text).unwrap();
    let posted = thread.post(Post::new(customer("c-1"), body, at(1))).unwrap();
    (posted.thread, posted.message)
}

/// Makes the commit that adds a message to the state found.
pub(crate) fn post_commit(found: Option<&VersionedThread>, message: TestMessage<'_>) -> Commit {
    post_all_commit(found, &[message])
}

/// Makes the commit that adds messages of one booking to the state found.
pub(crate) fn post_all_commit(
    found: Option<&VersionedThread>,
    messages: &[TestMessage<'_>],
) -> Commit {
    let mut thread = live_thread(found, messages[0].booking);
    let mut new_messages = Vec::new();
    for TestMessage { text, key: used, .. } in messages {
        let (next, message) = add(&thread, text);
        thread = next;
        new_messages.push(NewMessage::new(message, used.map(key)));
    }
    let commit = Commit::new(ThreadState::Live(thread), found);
    commit.with_messages(NewMessages::new(new_messages).unwrap()).unwrap()
}

/// Makes the commit that changes the activity of a thread and adds no message.
pub(crate) fn activity_commit(found: &VersionedThread, activity: &str) -> Commit {
    let thread = found.state.live().unwrap();
    let mut booking = thread.booking().clone();
    booking.activity = SingleLine::new(activity);
    Commit::new(ThreadState::Live(thread.update_booking(&booking.into()).unwrap()), Some(found))
}

/// Makes the commit that erases a thread.
pub(crate) fn erase_commit(found: &VersionedThread) -> Commit {
    let tombstone = found.state.live().unwrap().erase();
    Commit::new(ThreadState::Erased(tombstone), Some(found))
}

/// Commits without the epoch of the answer.
pub(crate) async fn commit(
    store: &PostgresStore,
    commit: Commit,
) -> Result<CommitOutcome, StoreError> {
    Ok(store.commit(commit).await?.value)
}

/// Posts a message to the thread in its present state.
pub(crate) async fn post(
    store: &PostgresStore,
    message: TestMessage<'_>,
) -> Result<CommitOutcome, StoreError> {
    let found = store.thread(&thread_id(LOCATION, message.booking)).await?.value;
    commit(store, post_commit(found.as_ref(), message)).await
}

/// Commits while there is no other writer.
pub(crate) async fn commit_alone(store: &PostgresStore, write: Commit) -> Revision {
    match commit(store, write).await.unwrap() {
        CommitOutcome::Committed(revision) => revision,
        other => panic!("there is no other writer, but the outcome is {other:?}"),
    }
}

/// Posts a message while there is no other writer.
pub(crate) async fn post_alone(store: &PostgresStore, booking: &str, text: &str) -> Revision {
    let found = head(store, booking).await;
    commit_alone(store, post_commit(found.as_ref(), message(booking, text))).await
}

pub(crate) async fn head(store: &PostgresStore, booking: &str) -> Option<VersionedThread> {
    store.thread(&thread_id(LOCATION, booking)).await.unwrap().value
}

/// Returns the texts of a thread. A redacted message has none.
pub(crate) async fn texts(store: &PostgresStore, booking: &str) -> Vec<String> {
    let id = thread_id(LOCATION, booking);
    let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, usize::MAX);
    let messages = store.messages(&query).await.unwrap().value;
    messages.iter().filter_map(|stored| text(&stored.message)).collect()
}

fn text(message: &Message) -> Option<String> {
    Some(message.body()?.as_str().to_owned())
}

/// Returns the name of an outcome. A key that is taken must belong to the [`QUESTION`].
pub(crate) fn outcome_name(outcome: &Result<CommitOutcome, StoreError>) -> &'static str {
    match outcome {
        Ok(CommitOutcome::Committed(_)) => "committed",
        Ok(CommitOutcome::Conflict(_)) => "conflict",
        Ok(CommitOutcome::KeyTaken { index, message }) => {
            assert_eq!((*index, text(&message.message).as_deref()), (0, Some(QUESTION)));
            "key taken"
        }
        Err(error) => match error.kind() {
            StoreErrorKind::OutcomeUnknown => "unknown",
            StoreErrorKind::Unavailable => "unavailable",
            other => panic!("{other:?}: {error:?}"),
        },
    }
}

/// Runs a query that returns one number.
pub(crate) async fn query_number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Waits up to thirty seconds until a query returns a number.
pub(crate) async fn wait_for_number(client: &Client, query: &str, expected: i64) {
    let start = Instant::now();
    while query_number(client, query).await != expected {
        assert!(start.elapsed() < Duration::from_secs(30), "{query}");
        sleep(Duration::from_millis(10)).await;
    }
}
