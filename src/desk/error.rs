use super::core::MAX_ATTEMPTS;
use super::cursor::CursorError;
use super::page::MAX_PAGE;
use crate::message::MessageNumber;
use crate::store::StoreError;
use crate::text::BodyError;
use crate::thread::ThreadFull;

/// Why a use case was not done. Nothing was written then, but see
/// [`StoreErrorKind::OutcomeUnknown`](crate::store::StoreErrorKind::OutcomeUnknown).
///
/// | variant | over HTTP, for instance |
/// |---|---|
/// | `NotFound`, `NoSuchMessage` | 404 Not Found |
/// | `Body`, `PageLimit`, `Cursor` | 422 Unprocessable Content |
/// | `MessagingOff` | 403 Forbidden |
/// | `KeyReused`, `ThreadFull` | 409 Conflict |
/// | `Busy`, `Store` when unavailable or of unknown outcome | 503 Service Unavailable, to be retried with the same key |
/// | `Store` otherwise | 500 Internal Server Error |
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// There is no such thread, or it is out of the handle's reach, which looks
    /// the same (A1).
    #[error("there is no such thread")]
    NotFound,
    /// The text is not a message (T2, T3, T4).
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Customers cannot write here (L4).
    #[error("messaging is switched off for this location")]
    MessagingOff,
    /// The idempotency key was used for another text (I4). The first message stays.
    #[error("the idempotency key was used for another message")]
    KeyReused,
    /// The thread has no message with this number.
    #[error("there is no message {asked}: the last is {last}")]
    NoSuchMessage {
        /// The number that was asked for.
        asked: MessageNumber,
        /// The thread's last number.
        last: MessageNumber,
    },
    /// The thread has the last number there is.
    #[error(transparent)]
    ThreadFull(#[from] ThreadFull),
    /// A page of nothing, or of too much.
    #[error("a page has 1 to {MAX_PAGE} items, not {limit}")]
    PageLimit {
        /// The limit that was asked for.
        limit: usize,
    },
    /// The cursor was not made for this.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// Others were faster, [`MAX_ATTEMPTS`] times in a row. Try again.
    #[error("others were faster {MAX_ATTEMPTS} times in a row")]
    Busy,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
