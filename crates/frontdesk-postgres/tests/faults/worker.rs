//! The state that the clients of a worker process share.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::FrontDesk;
use frontdesk::store::ThreadStore;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::rng::Rng;

/// The locations of all clients. With three servers, the hash puts each of the first three
/// locations on a server of its own. The last location is not on the server of its hash.
pub(crate) const LOCATIONS: [&str; 4] = ["harbour", "castle", "lake", "zoo"];
pub(crate) const BOOKINGS: [&str; 3] = ["b-1", "b-2", "b-3"];

/// The state that all clients of a process share.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) desk: FrontDesk,
    pub(crate) store: Arc<dyn ThreadStore>,
    running: watch::Receiver<bool>,
}

impl Worker {
    pub(crate) fn new(
        desk: FrontDesk,
        store: Arc<dyn ThreadStore>,
        running: watch::Receiver<bool>,
    ) -> Self {
        Self { desk, store, running }
    }

    /// Returns `true` until the command `stop`.
    pub(crate) fn is_running(&self) -> bool {
        *self.running.borrow()
    }
}

/// Returns a random location and booking.
pub(crate) fn random_thread(rng: &mut Rng) -> (&'static str, &'static str) {
    (rng.choose(&LOCATIONS), rng.choose(&BOOKINGS))
}

/// Sleeps for a random time of at most `max_millis` milliseconds.
pub(crate) async fn pause(rng: &mut Rng, max_millis: u64) {
    sleep(Duration::from_millis(rng.below(max_millis + 1))).await;
}
