use time::OffsetDateTime;

use crate::Timestamp;

/// A source of the present time (W2). Any `Fn() -> Timestamp` is a clock, and
/// [`ManualClock`](super::ManualClock) is a clock for tests.
///
/// A clock may step back: a message never gets an earlier time than the message before it (W3).
/// So if the clock was far ahead when a message was stored, the next messages get the time of that
/// message until the clock catches up.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::desk::{Clock, SystemClock};
/// use std::time::Duration;
///
/// /// A clock for a demo that takes place tomorrow.
/// struct Tomorrow(SystemClock);
///
/// impl Clock for Tomorrow {
///     fn now(&self) -> Timestamp {
///         self.0.now().saturating_add(Duration::from_secs(24 * 3600))
///     }
/// }
///
/// assert!(Tomorrow(SystemClock).now() > SystemClock.now());
/// ```
pub trait Clock: Send + Sync {
    /// Returns the present time.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp + Send + Sync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = OffsetDateTime::now_utc();
        // The system clock can be set to a year outside 1 to 9999. Use the nearest valid time.
        let nearest = if now.year() > 1970 { Timestamp::MAX } else { Timestamp::MIN };
        now.try_into().unwrap_or(nearest)
    }
}
