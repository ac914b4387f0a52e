//! The tracing span of a use case, which is recorded with the feature `tracing`.

#[cfg(feature = "tracing")]
use tracing::{Instrument, Span};

use super::error::DeskError;
#[cfg(feature = "tracing")]
use super::outcome::{UseCaseOutcome, outcome_of};

/// One call of a desk's method, from the beginning of the call to its answer.
pub(super) struct UseCase {
    #[cfg(feature = "tracing")]
    pub(super) span: Span,
}

/// Makes the use case with a name and a location. A use case about one thread also has a
/// booking.
///
/// This is a macro, so that each name has its own call site. Subscribers filter by call site.
macro_rules! use_case {
    ($name:literal, $location:expr, $booking:expr) => {
        $crate::desk::use_case::UseCase {
            #[cfg(feature = "tracing")]
            span: tracing::debug_span!(
                target: "frontdesk",
                $name,
                location = $location.as_str(),
                booking = Option::<&$crate::id::BookingId>::map($booking, |id| id.as_str()),
                outcome = tracing::field::Empty,
                retries = tracing::field::Empty,
            ),
        }
    };
    ($name:literal, $location:expr) => {
        use_case!($name, $location, None)
    };
    ($name:literal, thread $id:expr) => {
        use_case!($name, $id.location, Some(&$id.booking))
    };
}
pub(super) use use_case;

impl UseCase {
    /// Runs the use case inside its span and records the outcome. Records no outcome if the
    /// caller drops the future before the answer.
    #[cfg(feature = "tracing")]
    pub(super) async fn run<T: UseCaseOutcome>(
        &self,
        future: impl Future<Output = Result<T, DeskError>>,
    ) -> Result<T, DeskError> {
        let answer = future.instrument(self.span.clone()).await;
        self.span.record("outcome", outcome_of(&answer));
        answer
    }

    /// Runs the use case.
    #[cfg(not(feature = "tracing"))]
    #[expect(clippy::unused_self, reason = "the same call with and without the feature")]
    pub(super) fn run<T, F: Future<Output = Result<T, DeskError>>>(&self, future: F) -> F {
        future
    }

    /// Records the number of retries.
    #[cfg(feature = "tracing")]
    pub(super) fn record_retries(&self, retries: usize) {
        self.span.record("retries", retries);
    }

    #[cfg(not(feature = "tracing"))]
    #[expect(clippy::unused_self, reason = "the same call with and without the feature")]
    pub(super) fn record_retries(&self, _: usize) {}
}
