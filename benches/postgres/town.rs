//! The locations and threads that both ways write to. Their ids are numbers, since
//! `pgbench` can compute those.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use frontdesk::store::{Filter, PostgresStore, Revision, ThreadStore};
use frontdesk::{
    Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId, ProfileId, Timestamp,
};
use futures::future::{join_all, try_join_all};
use tokio_postgres::{Config, NoTls};

use crate::dice::Dice;
use crate::turns::Turn;
use crate::worker::{Work, Worker};

/// How many connections there are at most.
pub(crate) const CONNECTIONS: usize = 16;
/// How many locations there are.
pub(crate) const LOCATIONS: usize = 16;
/// How many threads each connection has to itself at each location: what is measured
/// are posts, and not conflicts.
pub(crate) const THREADS: usize = 8;
/// The first location, and the first booking of each.
pub(crate) const FIRST: usize = 1_000;
/// Who writes everything that is timed, and what.
pub(crate) const AUTHOR: &str = "c-000001";
pub(crate) const NAME: &str = "Ann";
pub(crate) const TEXT: &str = "Could we come an hour later and bring two dogs then?";

/// A store on some connections.
pub(crate) struct Town {
    pub(crate) store: PostgresStore,
    pub(crate) pool: Pool,
    connections: usize,
}

impl Town {
    pub(crate) fn new(config: &Config, connections: usize) -> Self {
        let pool = pool(config, connections);
        Self { store: PostgresStore::new(pool.clone()), pool, connections }
    }

    /// Makes the tables and starts every thread: a customer's message and a reply.
    pub(crate) async fn start(&self) {
        self.store.migrate().await.expect("the tables can be made");
        let desk = FrontDesk::new(self.store.clone());
        for at in 0..LOCATIONS {
            let kim = ParticipantId::new("team").expect("it is short");
            let team = desk.operator(location(at), kim, DisplayName::new("Kim"));
            let bookings = (0..CONNECTIONS * THREADS).map(|at| booking(at / THREADS, at % THREADS));
            let started = bookings.map(async |booked| {
                let id = booked.id.clone();
                let ann = ParticipantId::new(AUTHOR).expect("it is short");
                let ann = desk.customer(location(at), booked, ann, DisplayName::new(NAME));
                ann.send(TEXT).await?;
                team.reply(&id, "Gladly!").await
            });
            try_join_all(started).await.expect("it can be started");
        }
    }

    /// Has every connection do its work at so many of the locations, for so long.
    pub(crate) async fn work(&self, work: Work, locations: usize, span: Duration) -> Turn {
        /// No worker uses a key that another one used.
        static SEEDS: AtomicU64 = AtomicU64::new(0);
        let workers = (0..self.connections).map(async |connection| {
            let dice = Dice::new(SEEDS.fetch_add(1, Ordering::Relaxed));
            Worker::new(self.store.clone(), connection, locations, dice).await
        });
        let workers = join_all(workers).await;
        let begun = Instant::now();
        let done = workers.into_iter().map(|one| tokio::spawn(one.repeat(work, begun + span)));
        let done = try_join_all(done).await.expect("nobody panics");
        Turn::new(done.into_iter().flatten().collect(), begun.elapsed())
    }

    /// How many messages there are, by the heads that the store reads: it would not
    /// read one that `pgbench` had written wrongly.
    pub(crate) async fn messages(&self) -> usize {
        let mut messages = 0;
        for at in 0..LOCATIONS {
            let page = self.store.threads(&location(at), None, usize::MAX, Filter::All).await;
            let threads = page.expect("they can be read").threads;
            assert_eq!(threads.len(), CONNECTIONS * THREADS);
            messages += threads.iter().map(|thread| thread.message_count() as usize).sum::<usize>();
            let changes = self.store.changes(&location(at), Revision::ZERO, 1).await;
            assert!(changes.expect("they can be read").more);
        }
        messages
    }
}

/// So many connections at most.
pub(crate) fn pool(config: &Config, connections: usize) -> Pool {
    let manager = deadpool_postgres::Manager::new(config.clone(), NoTls);
    Pool::builder(manager).max_size(connections).build().expect("it has a size")
}

pub(crate) fn location(at: usize) -> LocationId {
    LocationId::new((FIRST + at).to_string()).expect("it is short")
}

/// The booking of a thread that one connection has to itself. It has all that a
/// booking can have: `pgbench` cannot pass a NULL on.
pub(crate) fn booking(connection: usize, thread: usize) -> Booking {
    let id = FIRST + connection * THREADS + thread;
    let id = BookingId::new(id.to_string()).expect("it is short");
    Booking::new(id, "K7Q2-XH41", "Harbour tour", Timestamp::UNIX_EPOCH)
        .with_customer_name(DisplayName::new("Ann Lee"))
        .with_profile(ProfileId::new("p-000001").expect("it is short"))
}
