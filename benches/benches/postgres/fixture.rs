//! The locations and threads that the store and `pgbench` write to. Their ids are numbers,
//! because `pgbench` computes with numbers only.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use frontdesk::store::{Revision, ThreadList, ThreadQuery, ThreadStore};
use frontdesk::{
    Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId, ProfileId, Timestamp,
};
use frontdesk_postgres::{PostgresBuilder, PostgresStore};
use futures::future::{join_all, try_join_all};
use tokio_postgres::{Config, NoTls};

use crate::comparison::Turn;
use crate::rng::Rng;
use crate::worker::{Operation, Worker};

/// The largest number of connections.
pub(crate) const CONNECTIONS: usize = 16;
/// The number of locations.
pub(crate) const LOCATIONS: usize = 16;
/// The number of threads of one connection at each location. No two connections write to the
/// same thread, so that there are no conflicts.
pub(crate) const THREADS: usize = 8;
/// The id of the first location, and of the first booking of each location.
pub(crate) const FIRST_ID: usize = 1_000;
/// The author of all timed messages.
pub(crate) const AUTHOR: &str = "c-000001";
/// The author's name.
pub(crate) const NAME: &str = "Ann";
/// The text of all timed messages.
pub(crate) const TEXT: &str = "Could we come an hour later and bring two dogs then?";

/// A store with a pool of `connections` connections.
pub(crate) struct Fixture {
    pub(crate) store: PostgresStore,
    pub(crate) pool: Pool,
    connections: usize,
}

impl Fixture {
    pub(crate) fn new(config: &Config, connections: usize) -> Self {
        Self::with_builder(PostgresStore::builder(), config, connections)
    }

    /// Makes a store with other settings than the default settings.
    pub(crate) fn with_builder(
        builder: PostgresBuilder,
        config: &Config,
        connections: usize,
    ) -> Self {
        let pool = pool(config, connections);
        let store = builder.pool(pool.clone()).expect("the settings are valid");
        Self { store, pool, connections }
    }

    /// Creates the tables and starts every thread with a customer's message and a reply.
    pub(crate) async fn create_threads(&self) {
        self.store.migrate().await.expect("the tables are created");
        let desk = FrontDesk::new(self.store.clone());
        for at in 0..LOCATIONS {
            let operator = ParticipantId::new("team").expect("the id is valid");
            let operator = desk.operator(location(at), operator, DisplayName::new("Kim"));
            let threads = (0..CONNECTIONS * THREADS).map(async |thread| {
                let booking = booking(thread / THREADS, thread % THREADS);
                let id = booking.id.clone();
                let customer = ParticipantId::new(AUTHOR).expect("the id is valid");
                let customer = desk
                    .customer(location(at), id.clone(), customer)
                    .starting_with(booking)
                    .with_name(DisplayName::new(NAME));
                customer.send(TEXT).await?;
                operator.reply(&id, "Gladly!").await
            });
            try_join_all(threads).await.expect("the threads are started");
        }
    }

    /// Repeats an operation on every connection for a span of time, at this number of
    /// locations.
    pub(crate) async fn run(&self, operation: Operation, locations: usize, span: Duration) -> Turn {
        /// The seed of the next worker. No two workers use the same keys.
        static SEEDS: AtomicU64 = AtomicU64::new(0);
        let workers = (0..self.connections).map(async |connection| {
            let rng = Rng::new(SEEDS.fetch_add(1, Ordering::Relaxed));
            Worker::new(self.store.clone(), connection, locations, rng).await
        });
        let workers = join_all(workers).await;
        let start = Instant::now();
        let tasks = workers
            .into_iter()
            .map(|worker| tokio::spawn(worker.repeat_until(operation, start + span)));
        let latencies = try_join_all(tasks).await.expect("no worker panics");
        Turn::new(latencies.into_iter().flatten().collect(), start.elapsed())
    }

    /// Returns the number of messages according to the thread heads, which are the stored
    /// threads without their messages. The store rejects the head of a thread if `pgbench`
    /// wrote it wrongly.
    pub(crate) async fn count_messages(&self) -> usize {
        let mut messages = 0;
        for at in 0..LOCATIONS {
            let location = location(at);
            let query = ThreadQuery::new(&location, ThreadList::All(None), usize::MAX);
            let page = self.store.threads(&query).await;
            let threads = page.expect("the heads are valid").value.threads;
            assert_eq!(threads.len(), CONNECTIONS * THREADS);
            messages += threads.iter().map(|thread| thread.message_count() as usize).sum::<usize>();
            let changes = self.store.changes(&location, Revision::ZERO, 1).await;
            assert!(changes.expect("the heads are valid").value.more);
        }
        messages
    }
}

/// Creates a pool of at most this number of connections.
pub(crate) fn pool(config: &Config, connections: usize) -> Pool {
    let manager = deadpool_postgres::Manager::new(config.clone(), NoTls);
    Pool::builder(manager).max_size(connections).build().expect("the pool sets no timeouts")
}

pub(crate) fn location(at: usize) -> LocationId {
    LocationId::new((FIRST_ID + at).to_string()).expect("the id is valid")
}

/// Returns the booking of a connection's thread. The booking has every optional field, because
/// `pgbench` cannot pass NULL from one statement to the next.
pub(crate) fn booking(connection: usize, thread: usize) -> Booking {
    let id = FIRST_ID + connection * THREADS + thread;
    let id = BookingId::new(id.to_string()).expect("the id is valid");
    Booking::new(id, "K7Q2-XH41", "Harbour tour")
        .with_start(Timestamp::UNIX_EPOCH)
        .with_customer_name(DisplayName::new("Ann Lee"))
        .with_profile(ProfileId::new("p-000001").expect("the id is valid"))
}
