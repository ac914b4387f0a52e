use super::limits::{MAX_ATTEMPTS, MAX_LOCATIONS, MAX_PAGE};
use super::newer_messages::NewerMessages;
use crate::cursor::CursorError;
use crate::import::OutOfOrderImport;
use crate::store::StoreError;
use crate::{BodyError, MessageNumber, ThreadFull};

/// The reason why a use case failed.
///
/// A failed use case has written nothing. The exception is
/// [`StoreErrorKind::OutcomeUnknown`](crate::store::StoreErrorKind::OutcomeUnknown), after
/// which the write may have happened. An [`import`](crate::AdminDesk::import) that failed has
/// written no batch or some whole batches; repeat the import to store the others.
///
/// | variant | HTTP status, as an example |
/// |---|---|
/// | `NotFound`, `NoSuchMessage` | 404 Not Found |
/// | `Body`, `PageLimit`, `LocationLimit`, `Cursor` | 422 Unprocessable Content |
/// | `MessagingOff` | 403 Forbidden |
/// | `KeyReused`, `NotLatest`, `AlreadyHasThread`, `ImportOutOfOrder`, `ThreadErased`, `ThreadFull` | 409 Conflict |
/// | `Busy`, `Store` if unavailable or of unknown outcome | 503 Service Unavailable; the client retries with the same key |
/// | `NoBooking`, `WrongBooking`, `Store` otherwise | 500 Internal Server Error |
/// | [`IdError`](crate::IdError), when the host application makes ids and keys | 404 in a path, otherwise 422 |
///
/// `open`, `later` and polls write, because they mark messages as read: use POST, or a GET that no
/// client prefetches or caches. `inbox`, `history`, `unread_threads` and `unread_messages` only
/// read. Answer 201 Created for a message that was sent, and 200 OK for a message that
/// `is_replayed`.
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
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// assert!(matches!(kim.open(&booking.id).await, Err(DeskError::NotFound)));
/// assert!(matches!(ann.send(" ").await, Err(DeskError::Body(_))));
///
/// let too_many = kim.inbox(&PageRequest::first(MAX_PAGE + 1)).await.unwrap_err();
/// assert_eq!(too_many.to_string(), "page limit is 201, the allowed range is 1 to 200");
/// assert!(DeskError::Busy.to_string().contains(&MAX_ATTEMPTS.to_string()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The thread does not exist, or the desk cannot reach the thread. The error is the same in
    /// both cases (A1).
    #[error("thread does not exist")]
    NotFound,
    /// The text is not a valid message (T2, T3, T4).
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Messaging is switched off for customers (L4).
    #[error("messaging is switched off for this location")]
    MessagingOff,
    /// The idempotency key was used for another text (I4). The first message stays unchanged.
    #[error("idempotency key was used for another message")]
    KeyReused,
    /// The thread is not started, and the customer desk has no booking to start the thread with;
    /// see [`starting_with`](super::CustomerDesk::starting_with).
    #[error("thread is not started, and the customer desk has no booking to start it with")]
    NoBooking,
    /// The booking to start the thread with is not the booking that the customer desk was made
    /// for.
    #[error("booking to start the thread with is not the booking of the customer desk")]
    WrongBooking,
    /// The thread has no message with this number.
    #[error("message {asked} does not exist, the last number is {last}")]
    NoSuchMessage {
        /// The number that was asked for.
        asked: MessageNumber,
        /// The thread's last number.
        last: MessageNumber,
    },
    /// The reply is conditional, and the thread has a message that its sender's screen did not show
    /// (L6).
    /// Nothing was written or marked as read.
    #[error("reply is not to the last message, {} or more messages are newer", .0.messages.len())]
    NotLatest(Box<NewerMessages>),
    /// The booking to be linked has or had a thread of its own, or it is linked to another thread
    /// (I2).
    #[error("booking already has a thread")]
    AlreadyHasThread,
    /// The thread has a message that is newer than a message of the import (I5).
    #[error(
        "message at position {} of the import is older than the thread's last message {}",
        .0.position, .0.last
    )]
    ImportOutOfOrder(Box<OutOfOrderImport>),
    /// The thread of an import was erased, and the import does not
    /// [restart](crate::import::ThreadImport::restart_erased) an erased thread, or the thread was
    /// erased during the import (I5).
    #[error("thread of the import was erased")]
    ThreadErased,
    /// The thread has used up its message numbers.
    #[error(transparent)]
    ThreadFull(#[from] ThreadFull),
    /// The limit of a page is 0 or above [`MAX_PAGE`].
    #[error("page limit is {limit}, the allowed range is 1 to {MAX_PAGE}")]
    PageLimit {
        /// The limit that was asked for.
        limit: usize,
    },
    /// The limit of a list of locations is 0 or above [`MAX_LOCATIONS`].
    #[error("limit of locations is {limit}, the allowed range is 1 to {MAX_LOCATIONS}")]
    LocationLimit {
        /// The limit that was asked for.
        limit: usize,
    },
    /// The cursor is malformed, or it belongs to another location or thread.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// Other writers committed first in [`MAX_ATTEMPTS`] consecutive attempts. Retry.
    #[error("write conflicts in {MAX_ATTEMPTS} consecutive attempts")]
    Busy,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
