use super::error::StoreError;
use crate::epoch::Epoch;

/// A store's answer, with the epoch in which the store gave the answer (P7).
///
/// ```
/// use frontdesk::store::{Answer, Epoch};
///
/// let answer = Answer::new(Some(3), Epoch::ZERO);
/// assert_eq!((answer.value, answer.epoch), (Some(3), Epoch::ZERO));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The answer itself.
    pub value: T,
    /// The store's epoch when it answered.
    pub epoch: Epoch,
}

impl<T> Answer<T> {
    /// Makes an answer from a value and the store's epoch.
    pub const fn new(value: T, epoch: Epoch) -> Self {
        Self { value, epoch }
    }
}

/// The result of a store's method.
///
/// ```
/// use frontdesk::store::{Answer, Epoch, StoreResult};
///
/// fn nothing() -> StoreResult<()> {
///     Ok(Answer::new((), Epoch::ZERO))
/// }
/// assert_eq!(nothing()?.value, ());
/// # Ok::<(), frontdesk::store::StoreError>(())
/// ```
pub type StoreResult<T> = Result<Answer<T>, StoreError>;
