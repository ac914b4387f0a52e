use time::OffsetDateTime;

use crate::timestamp::Timestamp;

/// Where a desk takes the time from (W2). Any `Fn() -> Timestamp` is a clock.
///
/// It may step back: message times are clamped (W3). So a thread that was written to
/// while the clock was far ahead stays at that time until the clock has come there.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::desk::{Clock, SystemClock};
/// use std::time::Duration;
///
/// /// For a demo: the guests arrive a day early.
/// struct Ahead(SystemClock);
///
/// impl Clock for Ahead {
///     fn now(&self) -> Timestamp {
///         self.0.now().saturating_add(Duration::from_secs(24 * 3600))
///     }
/// }
///
/// assert!(Ahead(SystemClock).now() > SystemClock.now());
/// ```
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp + Send + Sync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = OffsetDateTime::now_utc();
        // A machine's clock can be set to any year.
        let nearest = if now.year() > 1970 { Timestamp::MAX } else { Timestamp::MIN };
        now.try_into().unwrap_or(nearest)
    }
}
