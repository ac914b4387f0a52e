//! A clock that shows the time it was set to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk::Timestamp;
use frontdesk::desk::Clock;

/// A clock that moves only when it is set or advanced. Clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Makes a clock that shows this time.
    pub fn new(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.unix_micros())))
    }

    /// Sets the time.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.unix_micros(), Ordering::Relaxed);
    }

    /// Moves the time forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().saturating_add(span));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::saturating_from_unix_micros(self.0.load(Ordering::Relaxed))
    }
}
