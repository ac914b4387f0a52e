use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display};

use frontdesk::store::StoreError;

use crate::difference::{Difference, shorten};

/// An answer of a store that the contract does not allow.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{Failure, from_fn, run_all};
///
/// # futures::executor::block_on(async {
/// let report = run_all(&from_fn(MemoryStore::new)).await;
/// for Failure { operation, expected, actual, .. } in
///     report.failures().filter_map(|case| case.result.as_ref().err())
/// {
///     println!("{operation}: expected {expected}, but the store answered {actual}");
/// }
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The operation that the case performed.
    pub operation: String,
    /// The result that the contract requires.
    pub expected: String,
    /// The result that the store returned.
    pub actual: String,
}

/// The longest text of an answer in a failure.
const MAX_SHOWN: usize = 150;

/// The result of a case or of one of its steps.
pub(crate) type CaseResult<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(
        operation: impl Display,
        expected: impl Display,
        actual: impl Display,
    ) -> Self {
        Self {
            operation: operation.to_string(),
            expected: shorten(&expected.to_string(), MAX_SHOWN),
            actual: shorten(&actual.to_string(), MAX_SHOWN),
        }
    }

    /// Returns the failure for a panic of the store or of the case.
    pub(crate) fn from_panic(payload: &(dyn Any + Send)) -> Self {
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or(payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("no message");
        Self::new("running the case", "no panic", format_args!("a panic: {message}"))
    }

    /// Returns the failure for an error of the store. No case provokes an error.
    pub(crate) fn from_store_error(method: &str, error: &StoreError) -> Self {
        let mut actual = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            actual = format!("{actual}: {cause}");
            source = cause.source();
        }
        Self::new(format_args!("`{method}`"), "no error", format_args!("the error {actual:?}"))
    }

    /// Prefixes the operation with the step of the case that led to it.
    pub(crate) fn during(mut self, step: impl Display) -> Self {
        self.operation = format!("{step}: {}", self.operation);
        self
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, expected, actual } = self;
        write!(f, "{operation}\n    expected: {expected}\n    actual:   {actual}")
    }
}

impl Error for Failure {}

/// Fails if `actual` is not equal to `expected`.
pub(crate) fn check_eq<T: PartialEq + Debug + ?Sized>(
    actual: &T,
    expected: &T,
    operation: impl Display,
) -> CaseResult {
    if actual == expected {
        return Ok(());
    }
    Err(match Difference::between(expected, actual) {
        Some(Difference { expected, actual }) => Failure::new(operation, expected, actual),
        // `Debug` of the domain types shows no message text.
        None => Failure::new(operation, format_args!("{expected:?}"), "a value with another text"),
    })
}

/// Fails with `failure` if `condition` is false.
pub(crate) fn check(condition: bool, failure: impl FnOnce() -> Failure) -> CaseResult {
    if condition { Ok(()) } else { Err(failure()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_difference_inside_a_long_answer() {
        let (mut actual, expected) = (vec![1; 5_000], vec![1; 5_000]);
        actual[3_000] = 2;
        let failure = check_eq(&actual, &expected, "ones").unwrap_err();
        assert_eq!((&*failure.expected, &*failure.actual), ("[3000]: 1", "[3000]: 2"));
        assert_eq!(failure.to_string().lines().count(), 3);
    }
}
