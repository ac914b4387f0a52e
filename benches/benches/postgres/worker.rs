//! The operations that one connection of the store repeats.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use frontdesk::desk::MAX_POLL_CHANGES;
use frontdesk::store::{
    Commit, CommitOutcome, MessageQuery, NewMessage, NewMessages, Revision, ThreadList,
    ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{
    CustomerDesk, DisplayName, Draft, FrontDesk, IdempotencyKey, LocationId, MessageBody,
    MessageNumber, Participant, ParticipantId, Post, ThreadId, Timestamp,
};
use frontdesk_postgres::PostgresStore;

use crate::fixture::{AUTHOR, NAME, TEXT, THREADS, booking, location};
use crate::rng::Rng;

/// The smallest idempotency key. All keys are numbers of 19 digits.
pub(crate) const FIRST_KEY: u64 = 1_000_000_000_000_000_000;
/// The number of different keys.
pub(crate) const KEYS: u64 = 8_000_000_000_000_000_000;

/// The number of threads or of messages on a page.
const PAGE: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operation {
    /// A message with a key, sent through the desk, which reads the head (the stored thread
    /// without its messages) and commits. The message goes to a random thread of the connection
    /// at a random location.
    Post,
    /// A message with a key, committed through the store, always to the same thread.
    Commit,
    /// A poll of a random location without changes.
    Poll,
    /// The first page of the inbox of a random location.
    Page,
    /// The newest messages of a random thread.
    History,
    /// A message that is sent again with the same key to a random thread.
    Replay,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post => "post",
            Self::Commit => "commit",
            Self::Poll => "poll without changes",
            Self::Page => "inbox page of 50",
            Self::History => "history of 50",
            Self::Replay => "replay",
        })
    }
}

pub(crate) struct Worker {
    store: PostgresStore,
    rng: Rng,
    connection: usize,
    locations: Vec<LocationId>,
    /// The customer desks of the threads of each location.
    customers: Vec<Vec<CustomerDesk>>,
    author: Arc<Participant>,
    /// The head that the last commit wrote.
    head: VersionedThread,
}

impl Worker {
    pub(crate) async fn new(
        store: PostgresStore,
        connection: usize,
        locations: usize,
        rng: Rng,
    ) -> Self {
        let desk = FrontDesk::new(store.clone());
        let author = ParticipantId::new(AUTHOR).expect("the id is valid");
        let author = Participant::customer(author, DisplayName::new(NAME));
        let customer = |at, thread| {
            let booking = booking(connection, thread);
            desk.customer(location(at), booking.id.clone(), author.id.clone())
                .starting_with(booking)
                .with_name(author.name.clone())
        };
        let customers =
            (0..locations).map(|at| (0..THREADS).map(|thread| customer(at, thread)).collect());
        let customers = customers.collect();
        let id = ThreadId::new(location(connection % locations), booking(connection, 0).id);
        let head = store.thread(&id).await.expect("the store answers").value;
        Self {
            store,
            rng,
            connection,
            locations: (0..locations).map(location).collect(),
            customers,
            author: Arc::new(author),
            head: head.expect("the thread exists"),
        }
    }

    /// Repeats an operation until `end` and returns the latencies in seconds.
    pub(crate) async fn repeat_until(mut self, operation: Operation, end: Instant) -> Vec<f64> {
        let mut latencies = Vec::new();
        loop {
            let start = Instant::now();
            if start >= end {
                return latencies;
            }
            match operation {
                Operation::Post => self.post().await,
                Operation::Commit => self.commit().await,
                Operation::Poll => self.poll().await,
                Operation::Page => self.page().await,
                Operation::History => self.history().await,
                Operation::Replay => self.replay().await,
            }
            latencies.push(start.elapsed().as_secs_f64());
        }
    }

    fn random_location(&mut self) -> &LocationId {
        let at = self.rng.below::<usize>(self.locations.len() as u64);
        &self.locations[at]
    }

    fn random_key(&mut self) -> IdempotencyKey {
        let number = FIRST_KEY + self.rng.below::<u64>(KEYS);
        IdempotencyKey::new(number.to_string()).expect("the key is valid")
    }

    async fn post(&mut self) {
        let draft = Draft::new(TEXT).with_key(self.random_key());
        let at = self.rng.below::<usize>(self.customers.len() as u64);
        let thread = self.rng.below::<usize>(THREADS as u64);
        self.customers[at][thread].send(draft).await.expect("the message is sent");
    }

    async fn commit(&mut self) {
        let thread = self.head.state.live().expect("no thread is erased");
        let (author, body) = (Arc::clone(&self.author), MessageBody::new(TEXT));
        let body = body.expect("the text is valid");
        // The library replaces this early time by the time of the previous message (W3).
        let posted = thread.post(Post::new(author, body, Timestamp::UNIX_EPOCH));
        let posted = posted.expect("the thread is not full");
        let next = ThreadState::Live(posted.thread);
        let message = NewMessage::new(posted.message, Some(self.random_key()));
        let commit = Commit::new(next.clone(), Some(&self.head))
            .with_messages(NewMessages::one(message))
            .expect("the message is the thread's last message");
        let outcome = self.store.commit(commit).await.expect("the store answers").value;
        let CommitOutcome::Committed(revision) = outcome else {
            panic!("another worker wrote to the thread")
        };
        self.head = VersionedThread::new(revision, next);
    }

    async fn poll(&mut self) {
        let store = self.store.clone();
        let location = self.random_location();
        let changes = store.changes(location, Revision::MAX, MAX_POLL_CHANGES).await;
        assert!(changes.expect("the store answers").value.changed.is_empty());
    }

    async fn page(&mut self) {
        let store = self.store.clone();
        let query = ThreadQuery::new(self.random_location(), ThreadList::All(None), PAGE);
        let page = store.threads(&query).await.expect("the store answers");
        assert_eq!(page.value.threads.len(), PAGE);
    }

    async fn history(&mut self) {
        let store = self.store.clone();
        let thread = self.rng.below::<usize>(THREADS as u64);
        let booking = booking(self.connection, thread).id;
        let id = ThreadId::new(self.random_location().clone(), booking);
        let all = MessageNumber::START..=MessageNumber::MAX;
        let messages = store.messages(&MessageQuery::newest_first(&id, all, PAGE)).await;
        assert!(!messages.expect("the store answers").value.is_empty());
    }

    async fn replay(&mut self) {
        let key = IdempotencyKey::new("replayed").expect("the key is valid");
        let at = self.rng.below::<usize>(self.customers.len() as u64);
        let thread = self.rng.below::<usize>(THREADS as u64);
        let draft = Draft::new(TEXT).with_key(key);
        self.customers[at][thread].send(draft).await.expect("the message is sent");
    }
}
