use std::error::Error;
use std::fmt;

use crate::{InvalidRecord, ThreadId};

/// The error of a store that could not answer.
///
/// The error's text names the kind and never contains stored data. The cause is the error's
/// `source`.
///
/// ```
/// use frontdesk::store::{StoreError, StoreErrorKind};
/// use std::error::Error;
///
/// let error = StoreError::unavailable(std::io::Error::other("connection refused"));
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
/// assert_eq!(error.to_string(), "store is unavailable");
/// assert_eq!(error.source().unwrap().to_string(), "connection refused");
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    thread: Option<ThreadId>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of a [`StoreError`], which tells the caller how to react.
///
/// ```
/// use frontdesk::store::{StoreError, StoreErrorKind};
/// use frontdesk::{BookingId, LocationId, ThreadId};
///
/// let lost = StoreError::outcome_unknown("the connection was lost");
/// assert_eq!(lost.kind(), StoreErrorKind::OutcomeUnknown);
///
/// let thread = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// let damaged = StoreError::corrupt(thread.clone(), "first number is 0");
/// assert_eq!((damaged.kind(), damaged.thread()), (StoreErrorKind::Corrupt, Some(&thread)));
/// assert_eq!(StoreError::corrupt_row("a column is NULL").kind(), StoreErrorKind::Corrupt);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store wrote nothing, and a later retry may succeed.
    Unavailable,
    /// The connection was lost during a commit, and the database may have written the commit.
    /// If the commit adds a message with an idempotency key, send the draft again with the same
    /// key. In all other cases, read the thread first.
    OutcomeUnknown,
    /// The stored data is invalid, and a retry does not help. If one of the threads that a call
    /// reads is invalid, the whole call fails. To let the call succeed, repair or remove the
    /// stored data of the thread that [`StoreError::thread`] names.
    Corrupt,
    /// Any other failure; the store wrote nothing.
    Other,
}

impl StoreError {
    fn new(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, thread: None, source: Some(source.into()) }
    }

    /// Makes an error of kind [`Unavailable`](StoreErrorKind::Unavailable).
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Unavailable, source)
    }

    /// Makes an error of kind [`OutcomeUnknown`](StoreErrorKind::OutcomeUnknown).
    pub fn outcome_unknown(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::OutcomeUnknown, source)
    }

    /// Makes an error of kind [`Corrupt`](StoreErrorKind::Corrupt) for the stored data of a
    /// thread.
    pub fn corrupt(thread: ThreadId, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { thread: Some(thread), ..Self::corrupt_row(source) }
    }

    /// Makes an error of kind [`Corrupt`](StoreErrorKind::Corrupt) for a row whose thread is
    /// not known.
    pub fn corrupt_row(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Corrupt, source)
    }

    /// Makes an error of kind [`Other`](StoreErrorKind::Other).
    pub fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Other, source)
    }

    /// Returns the kind.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Returns the thread whose stored data is invalid, or `None` if the thread is not known or
    /// the error has another kind.
    pub fn thread(&self) -> Option<&ThreadId> {
        self.thread.as_ref()
    }
}

/// Turns an invalid record into an error of kind [`Corrupt`](StoreErrorKind::Corrupt), so that
/// `?` works. The error does not name the thread; [`StoreError::corrupt`] makes an error that
/// does.
impl From<InvalidRecord> for StoreError {
    fn from(invalid: InvalidRecord) -> Self {
        Self::corrupt_row(invalid)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.thread) {
            (StoreErrorKind::Unavailable, _) => f.write_str("store is unavailable"),
            (StoreErrorKind::OutcomeUnknown, _) => {
                f.write_str("outcome of the commit is unknown; a retry is safe if the draft has an idempotency key")
            }
            (StoreErrorKind::Corrupt, Some(thread)) => {
                write!(f, "stored data of thread {thread} is corrupt")
            }
            (StoreErrorKind::Corrupt, None) => f.write_str("stored data is corrupt"),
            (StoreErrorKind::Other, _) => f.write_str("store failed"),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
