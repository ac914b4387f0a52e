use std::fmt;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::task::Task;

/// The longest time that a case may take, and a timer that ends after this time.
///
/// A case that has not ended when the timer ends has failed. The kit then drops the case and
/// runs the next one.
///
/// ```
/// use std::time::Duration;
///
/// use frontdesk_conformance::TimeLimit;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
/// # let _guard = runtime.enter();
/// let minute = Duration::from_secs(60);
/// let limit = TimeLimit::new(minute, tokio::time::sleep(minute));
/// assert_eq!(limit.duration(), minute);
/// ```
pub struct TimeLimit {
    duration: Duration,
    timer: Task,
}

impl TimeLimit {
    /// Makes a limit from a duration and a future that ends after it.
    pub fn new(duration: Duration, timer: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { duration, timer: Box::pin(timer) }
    }

    /// Returns the duration.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Runs a future until it ends or the timer ends. Returns `None` if the timer ended first.
    pub(crate) async fn run<F: Future>(self, future: F) -> Option<F::Output> {
        match select(Box::pin(future), self.timer).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        }
    }
}

impl fmt::Debug for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeLimit").field("duration", &self.duration).finish_non_exhaustive()
    }
}
