use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::clock::Clock;
use crate::Timestamp;

/// A clock that moves only when it is set or advanced, for tests, demos and replays of old messages
/// (W2).
///
/// Clones share one time: the desk gets a clone, and the test keeps the other one.
///
/// ```
/// use frontdesk::FrontDesk;
/// use frontdesk::desk::ManualClock;
/// use frontdesk::store::MemoryStore;
/// use std::time::Duration;
///
/// let clock = ManualClock::new("2027-03-15T09:00:00Z".parse()?);
/// let desk = FrontDesk::builder(MemoryStore::new()).clock(clock.clone()).build();
///
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(desk.now().to_string(), "2027-03-15T09:01:30Z");
/// clock.set("2027-03-15T08:00:00Z".parse()?);
/// assert_eq!(desk.now().to_string(), "2027-03-15T08:00:00Z");
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Makes a clock that shows `time`.
    pub fn new(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.unix_micros())))
    }

    /// Sets the time. The new time can be before the present one, as when a system clock steps
    /// back (W3).
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.unix_micros(), Ordering::SeqCst);
    }

    /// Moves the time forward by `span`, at most to [`Timestamp::MAX`].
    pub fn advance(&self, span: Duration) {
        let later = |micros| {
            let now = Timestamp::saturating_from_unix_micros(micros);
            Some(now.saturating_add(span).unix_micros())
        };
        // The update always succeeds, because `later` always returns a time.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::saturating_from_unix_micros(self.0.load(Ordering::SeqCst))
    }
}
