use super::refused::RefusedMessage;
use crate::{MessageNumber, TextCleaning, Thread};

/// The result of [`AdminDesk::import`](crate::AdminDesk::import).
///
/// Each message of the list is stored, was already stored, or is refused, so that
/// [`stored`](Self::stored), [`already_stored`](Self::already_stored) and the length of
/// [`refused`](Self::refused) add up to the length of the list.
///
/// ```
/// use frontdesk::import::{Imported, ImportedMessage, ThreadImport};
/// use frontdesk::{IdempotencyKey, Participant};
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let admin = desk.admin(LocationId::new("harbour")?);
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let texts = ["It\u{92}s us again!", "Can we bring a dog?", "\u{0}"];
/// let sent_at = ["2026-07-29T20:15:00Z", "2026-07-29T20:14:00Z", "2026-07-29T20:16:00Z"];
/// let mut list = ThreadImport::new(booking);
/// for (position, (text, sent_at)) in texts.into_iter().zip(sent_at).enumerate() {
///     let key = IdempotencyKey::new(format!("m-{position}"))?;
///     list = list.message(key, ImportedMessage::new(ann.clone(), sent_at.parse()?, text));
/// }
///
/// let imported: Imported = admin.import(&list.clamp_times().cleaned()).await?;
/// assert_eq!((imported.stored, imported.clamped, imported.refused.len()), (2, 1, 1));
/// assert_eq!((imported.cleaning.replaced, imported.cleaning.removed), (1, 0));
/// assert_eq!(imported.number(1).map(|number| number.get()), Some(2));
/// assert_eq!(imported.number(2), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Imported {
    /// The thread after the import, or `None` if the booking has no thread: then no message of the
    /// list could be stored.
    pub thread: Option<Thread>,
    /// The number of messages that this call stored.
    pub stored: usize,
    /// The number of messages that were stored before, for example by an interrupted call.
    pub already_stored: usize,
    /// The number of stored messages whose time this call moved to the time of the message before
    /// them. It is 0 without [`clamp_times`](super::ThreadImport::clamp_times).
    pub clamped: usize,
    /// The changes that cleaning made to the texts that this call stored (T3). It made none without
    /// [`cleaned`](super::ThreadImport::cleaned).
    pub cleaning: TextCleaning,
    /// The messages that were not stored, by position.
    pub refused: Vec<RefusedMessage>,
    pub(crate) numbers: Vec<Option<MessageNumber>>,
}

impl Imported {
    /// Returns the number of the message at a position of the list, for example to assign the
    /// message's attachments. Returns `None` if the message was refused.
    pub fn number(&self, position: usize) -> Option<MessageNumber> {
        self.numbers.get(position).copied().flatten()
    }
}
