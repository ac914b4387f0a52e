/// The reason why a cursor cannot be used.
///
/// A client that gets this error loads everything again, as it does when a poll answers "start
/// over". A cursor that one version of this crate made may be malformed for another version. A host
/// application that wants to send its own error response for a malformed cursor receives the
/// cursor as text and calls `parse`.
///
/// ```
/// use frontdesk::DeskError;
/// use frontdesk::cursor::{CursorError, PollCursor};
/// use frontdesk::desk::PageRequest;
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
/// assert_eq!("p.0".parse::<PollCursor>(), Err(CursorError::Malformed));
///
/// let here = kim.inbox(&PageRequest::first(50)).await?.cursor;
/// let lee = desk.operator(LocationId::new("airport")?, ParticipantId::new("u-8")?, None);
/// let error = lee.poll(&here, None).await.unwrap_err();
/// assert!(matches!(error, DeskError::Cursor(CursorError::WrongLocation)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// The text is not a cursor of this kind.
    #[error("cursor is malformed")]
    Malformed,
    /// The cursor was made for another location or another thread.
    #[error("cursor is for another location or thread")]
    WrongLocation,
}
