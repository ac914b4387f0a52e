//! What one connection of ours does, again and again.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use frontdesk::desk::MAX_BEHIND;
use frontdesk::store::{
    Commit, CommitOutcome, PostgresStore, Revision, Stored, ThreadState, ThreadStore,
};
use frontdesk::{
    CustomerDesk, DisplayName, Draft, FrontDesk, IdempotencyKey, LocationId, MessageBody,
    Participant, ParticipantId, Seen, ThreadId, Timestamp,
};

use crate::dice::Dice;
use crate::town::{AUTHOR, NAME, TEXT, THREADS, booking, location};

/// The least key, and how many there are: all have 19 digits.
pub(crate) const KEYS: (u64, u64) = (1_000_000_000_000_000_000, 8_000_000_000_000_000_000);

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Work {
    /// A message through the desk, with a key, into a thread of its own at any of the
    /// locations: the head is read and the commit made.
    Post,
    /// The commit alone, again and again to one thread.
    Commit,
    /// A poll of any location with nothing new.
    Poll,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post => "post",
            Self::Commit => "commit alone",
            Self::Poll => "poll, nothing new",
        })
    }
}

pub(crate) struct Worker {
    store: PostgresStore,
    dice: Dice,
    locations: Vec<LocationId>,
    /// Of each location its threads.
    customers: Vec<Vec<CustomerDesk>>,
    author: Arc<Participant>,
    /// What it has committed last.
    head: Stored,
}

impl Worker {
    pub(crate) async fn new(
        store: PostgresStore,
        connection: usize,
        locations: usize,
        dice: Dice,
    ) -> Self {
        let desk = FrontDesk::new(store.clone());
        let author = ParticipantId::new(AUTHOR).expect("it is short");
        let author = Participant::customer(author, DisplayName::new(NAME));
        let customers = (0..locations).map(|at| {
            let threads = (0..THREADS).map(|thread| {
                let (id, name) = (author.id.clone(), author.name.clone());
                desk.customer(location(at), booking(connection, thread), id, name)
            });
            threads.collect()
        });
        let id = ThreadId::new(location(connection % locations), booking(connection, 0).id);
        let head = store.thread(&id).await.expect("it can be read").expect("it was started");
        Self {
            store,
            dice,
            locations: (0..locations).map(location).collect(),
            customers: customers.collect(),
            author: Arc::new(author),
            head,
        }
    }

    /// Works until then; the seconds that each took.
    pub(crate) async fn repeat(mut self, work: Work, end: Instant) -> Vec<f64> {
        let mut latencies = Vec::new();
        loop {
            let begun = Instant::now();
            if begun >= end {
                return latencies;
            }
            match work {
                Work::Post => self.post().await,
                Work::Commit => self.commit().await,
                Work::Poll => self.poll().await,
            }
            latencies.push(begun.elapsed().as_secs_f64());
        }
    }

    fn key(&mut self) -> IdempotencyKey {
        let (least, count) = KEYS;
        let number = least + self.dice.below::<u64>(count);
        IdempotencyKey::new(number.to_string()).expect("it is short")
    }

    async fn post(&mut self) {
        let draft = Draft::new(TEXT).with_key(self.key());
        let at = self.dice.below::<usize>(self.customers.len() as u64);
        let thread = self.dice.below::<usize>(THREADS as u64);
        self.customers[at][thread].send(draft).await.expect("it can be sent");
    }

    async fn commit(&mut self) {
        let thread = self.head.state.live().expect("nobody erases");
        let (author, body) = (Arc::clone(&self.author), MessageBody::new(TEXT));
        let body = body.expect("it is a message");
        // Later than the message before it, whatever this says (W3).
        let posted = thread.post(author, body, Timestamp::UNIX_EPOCH, Seen::Everything);
        let posted = posted.expect("it is not full");
        let next = ThreadState::Live(posted.thread);
        let commit = Commit::new(next.clone(), Some(&self.head))
            .with_message(posted.message, Some(self.key()));
        let outcome = self.store.commit(commit).await.expect("it can be committed");
        let CommitOutcome::Committed(revision) = outcome else {
            panic!("nobody else writes to it")
        };
        self.head = Stored { revision, state: next };
    }

    async fn poll(&mut self) {
        let at = self.dice.below::<usize>(self.locations.len() as u64);
        let changes = self.store.changes(&self.locations[at], Revision::MAX, MAX_BEHIND).await;
        assert!(changes.expect("it can be read").changed.is_empty());
    }
}
