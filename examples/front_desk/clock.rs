use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk::Timestamp;
use frontdesk::desk::Clock;

/// A clock that stands still until it is set, so that every run prints the same.
/// Clones show the same time.
#[derive(Clone)]
pub(crate) struct StoryClock(Arc<AtomicI64>);

impl StoryClock {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.unix_micros())))
    }

    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.unix_micros(), Ordering::Relaxed);
    }

    /// Lets some time go by.
    pub(crate) fn pass(&self, span: Duration) {
        self.set(self.now().saturating_add(span));
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::saturating_from_unix_micros(self.0.load(Ordering::Relaxed))
    }
}
