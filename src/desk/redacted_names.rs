use crate::cursor::PollCursor;

/// The result of one step of [`AdminDesk::redact_author`](crate::AdminDesk::redact_author).
///
/// ```
/// use frontdesk::desk::RedactedNames;
/// use frontdesk::{DisplayName, Participant};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let (id, name) = (ParticipantId::new("u-7")?, DisplayName::new("Kim"));
/// let kim = desk.operator(harbour.clone(), id.clone(), name);
/// kim.start(booking.clone()).await?;
/// kim.reply(&booking.id, "Gladly!").await?;
///
/// let admin = desk.admin(harbour);
/// let step: RedactedNames = admin.redact_author(&Participant::operator(id, None), None, 100).await?;
/// assert_eq!((step.threads, step.next), (1, None));
/// assert_eq!(kim.open(&booking.id).await?.messages[0].author().name, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedactedNames {
    /// The number of threads that had messages with the name.
    pub threads: usize,
    /// The cursor for the next step, or `None` after the last step.
    pub next: Option<PollCursor>,
}
