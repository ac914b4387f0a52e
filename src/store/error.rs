use std::error::Error;
use std::fmt;

use crate::id::ThreadId;
use crate::record::Corrupt;

/// The database could not answer.
///
/// Its text says the kind and never what was stored; the cause is its `source`.
///
/// ```
/// use frontdesk::store::{StoreError, StoreErrorKind};
/// use std::error::Error;
///
/// let error = StoreError::unavailable(std::io::Error::other("connection refused"));
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
/// assert_eq!(error.to_string(), "the store is unavailable");
/// assert_eq!(error.source().unwrap().to_string(), "connection refused");
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    thread: Option<ThreadId>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What a caller can do about a [`StoreError`].
///
/// ```
/// use frontdesk::store::{StoreError, StoreErrorKind};
/// use frontdesk::{BookingId, LocationId, ThreadId};
///
/// let lost = StoreError::outcome_unknown("the connection was lost");
/// assert_eq!(lost.kind(), StoreErrorKind::OutcomeUnknown);
///
/// let thread = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// let damaged = StoreError::corrupt(thread.clone(), "its first number is 0");
/// assert_eq!((damaged.kind(), damaged.thread()), (StoreErrorKind::Corrupt, Some(&thread)));
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Nothing was written; try again later.
    Unavailable,
    /// A connection was lost during a commit, which may have happened. With an
    /// idempotency key: send it again. Without: look before sending again.
    OutcomeUnknown,
    /// Something is stored that cannot have been; trying again does not help. A
    /// read of many threads fails as a whole, rather than hide one: repair or
    /// remove what [`StoreError::thread`] names in the database.
    Corrupt,
    /// Anything else; nothing was written.
    Other,
}

impl StoreError {
    fn new(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, thread: None, source: Some(source.into()) }
    }

    /// Nothing was written; try again later.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Unavailable, source)
    }

    /// The commit may have happened.
    pub fn outcome_unknown(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::OutcomeUnknown, source)
    }

    /// What is stored of `thread` is not possible.
    pub fn corrupt(thread: ThreadId, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { thread: Some(thread), ..Self::new(StoreErrorKind::Corrupt, source) }
    }

    /// What is stored is not possible, and it is not known which thread it is of.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(super) fn damaged(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Corrupt, source)
    }

    /// Anything else; nothing was written.
    pub fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Other, source)
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The thread that is corrupt, where that is known.
    pub fn thread(&self) -> Option<&ThreadId> {
        self.thread.as_ref()
    }
}

/// So that `?` turns an impossible row into an error; [`StoreError::corrupt`]
/// says which thread it is of, too.
impl From<Corrupt> for StoreError {
    fn from(corrupt: Corrupt) -> Self {
        Self::new(StoreErrorKind::Corrupt, corrupt)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.thread) {
            (StoreErrorKind::Unavailable, _) => f.write_str("the store is unavailable"),
            (StoreErrorKind::OutcomeUnknown, _) => f.write_str(
                "it is not known whether the commit happened; it is safe to retry with the same key",
            ),
            (StoreErrorKind::Corrupt, Some(thread)) => {
                write!(f, "what is stored of thread {thread} is corrupt")
            }
            (StoreErrorKind::Corrupt, None) => f.write_str("what is stored is corrupt"),
            (StoreErrorKind::Other, _) => f.write_str("the store failed"),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
