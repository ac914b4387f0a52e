//! Stores on a database of a test's own, and what a test does with them.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::store::{
    Commit, CommitOutcome, Direction, PostgresBuilder, PostgresStore, Revision, StoreError, Stored,
    ThreadState, ThreadStore,
};
use frontdesk::{MessageBody, MessageNumber, OneLine, Seen, Thread};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Config, NoTls};

use crate::support::{at, booking, customer, key, place, thread_id};

pub(crate) const HERE: &str = "here";
pub(crate) const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

/// How many wait for a lock.
pub(crate) const WAITS: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// A pool of so many connections at most.
pub(crate) fn pool(config: &Config, size: usize) -> Pool {
    let manager = deadpool_postgres::Manager::new(config.clone(), NoTls);
    Pool::builder(manager).max_size(size).build().unwrap()
}

/// A store with its tables, on a pool of four.
pub(crate) async fn store(config: &Config) -> PostgresStore {
    made(PostgresStore::builder(), config).await
}

/// One with settings of its own.
pub(crate) async fn made(builder: PostgresBuilder, config: &Config) -> PostgresStore {
    let store = builder.pool(pool(config, 4)).unwrap();
    store.migrate().await.unwrap();
    store
}

/// The commit that adds a customer's message to what was found.
pub(crate) fn saying(
    found: Option<&Stored>,
    booked: &str,
    text: &str,
    sent_with: Option<&str>,
) -> Commit {
    let start =
        |after| Thread::start(place(HERE), booking(booked), at(0), after).expect("numbers left");
    let thread = match found.map(|found| &found.state) {
        Some(ThreadState::Live(thread)) => thread.clone(),
        Some(ThreadState::Erased(tombstone)) => start(tombstone.last),
        None => start(MessageNumber::START),
    };
    let body = MessageBody::new(text).unwrap();
    let posted = thread.post(Arc::new(customer("c-1")), body, at(1), Seen::Everything).unwrap();
    Commit::new(ThreadState::Live(posted.thread), found)
        .with_message(posted.message, sent_with.map(key))
}

/// The commit that changes the activity of a thread and adds no message.
pub(crate) fn renaming(found: &Stored, activity: &str) -> Commit {
    let thread = found.state.live().unwrap();
    let mut booking = thread.booking().clone();
    booking.activity = OneLine::new(activity);
    Commit::new(ThreadState::Live(thread.rebook(&booking).unwrap()), Some(found))
}

/// Adds a message, whatever stands there.
pub(crate) async fn post(
    store: &PostgresStore,
    booked: &str,
    text: &str,
    sent_with: Option<&str>,
) -> Result<CommitOutcome, StoreError> {
    let found = store.thread(&thread_id(HERE, booked)).await?;
    store.commit(saying(found.as_ref(), booked, text, sent_with)).await
}

/// Adds one where nothing is in the way.
pub(crate) async fn posted(store: &PostgresStore, booked: &str, text: &str) -> Revision {
    match post(store, booked, text, None).await.unwrap() {
        CommitOutcome::Committed(revision) => revision,
        other => panic!("nobody else writes, but: {other:?}"),
    }
}

pub(crate) async fn head(store: &PostgresStore, booked: &str) -> Option<Stored> {
    store.thread(&thread_id(HERE, booked)).await.unwrap()
}

/// The texts of a thread.
pub(crate) async fn texts(store: &PostgresStore, booked: &str) -> Vec<String> {
    let id = thread_id(HERE, booked);
    let messages = store.messages(&id, WHOLE, usize::MAX, Direction::OldestFirst).await.unwrap();
    messages.iter().map(|message| message.body().as_str().to_owned()).collect()
}

pub(crate) async fn number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Waits until a query has this answer, for up to thirty seconds.
pub(crate) async fn soon(client: &Client, query: &str, expected: i64) {
    let start = Instant::now();
    while number(client, query).await != expected {
        assert!(start.elapsed() < Duration::from_secs(30), "{query}");
        sleep(Duration::from_millis(10)).await;
    }
}
