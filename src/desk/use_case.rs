//! What a host that traces sees of a use case, with the feature `tracing`; without
//! it, nothing is left of this but the counting of attempts.

#[cfg(feature = "tracing")]
use tracing::{Instrument, Span};

use super::core::MAX_ATTEMPTS;
use super::error::DeskError;
#[cfg(feature = "tracing")]
use super::outcome::{Outcome, of_answer};

/// One call of a handle, from its beginning to its answer.
pub(super) struct UseCase {
    #[cfg(feature = "tracing")]
    pub(super) span: Span,
}

/// The use case of a name, at a location and, where it is about one, a booking.
///
/// A macro since each name is a call site of its own, which subscribers filter by.
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
    /// Does it inside of its span, and says what came of it. Where the caller gave up
    /// before the answer, nothing did.
    #[cfg(feature = "tracing")]
    pub(super) async fn run<T: Outcome>(
        &self,
        doing: impl Future<Output = Result<T, DeskError>>,
    ) -> Result<T, DeskError> {
        let answer = doing.instrument(self.span.clone()).await;
        self.span.record("outcome", of_answer(&answer));
        answer
    }

    /// Does it.
    #[cfg(not(feature = "tracing"))]
    #[expect(clippy::unused_self, reason = "the same call with and without the feature")]
    pub(super) fn run<T, F>(&self, doing: F) -> F
    where
        F: Future<Output = Result<T, DeskError>>,
    {
        doing
    }

    /// Its attempts, [`MAX_ATTEMPTS`] at most.
    pub(super) fn attempts(&self) -> Attempts<'_> {
        Attempts { begun: 0, use_case: self }
    }
}

/// The attempts of a use case: another whenever somebody was faster.
pub(super) struct Attempts<'a> {
    begun: usize,
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "its span has the count"))]
    use_case: &'a UseCase,
}

impl Iterator for Attempts<'_> {
    type Item = ();

    fn next(&mut self) -> Option<()> {
        let another = self.begun < MAX_ATTEMPTS;
        self.begun += usize::from(another);
        another.then_some(())
    }
}

/// When the last one is over, however it ended.
#[cfg(feature = "tracing")]
impl Drop for Attempts<'_> {
    fn drop(&mut self) {
        if let Some(retries) = self.begun.checked_sub(1) {
            self.use_case.span.record("retries", retries);
        }
    }
}
