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
/// | [`IdError`](crate::IdError), of ids and keys before they come here | 404 in a path, else 422 |
///
/// `open`, `visit` and polls write, since they mark as read: a POST, or a GET that
/// nobody fetches ahead or keeps. `inbox`, `history` and `unread` only read. An answer
/// with `is_replayed` is a 200, any other message sent a 201.
///
/// ```
/// use frontdesk::DeskError;
/// use frontdesk::desk::{MAX_ATTEMPTS, MAX_PAGE, PageRequest};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// assert!(matches!(kim.open(&booking.id).await, Err(DeskError::NotFound)));
/// assert!(matches!(ann.send(" ").await, Err(DeskError::Body(_))));
///
/// let too_much = kim.inbox(&PageRequest::first(MAX_PAGE + 1)).await.unwrap_err();
/// assert_eq!(too_much.to_string(), "a page has 1 to 200 items, not 201");
/// assert!(DeskError::Busy.to_string().contains(&MAX_ATTEMPTS.to_string()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
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
