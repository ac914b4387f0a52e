use super::answer::Imported;
use crate::{MessageNumber, Timestamp};

/// An import that was refused, because the thread has a message that is newer than a message of the
/// list (I5).
///
/// If the thread had the newer message before the import, the import stored nothing. If the message
/// arrived during the import, [`imported`](Self::imported) contains what was stored before it.
///
/// ```
/// use frontdesk::DeskError;
/// use frontdesk::import::{ImportedMessage, OutOfOrderImport, ThreadImport};
/// use frontdesk::{IdempotencyKey, Participant};
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// // Ann writes before the history is imported.
/// ann.send("Can we bring a dog?").await?;
///
/// let kim = Participant::operator(ParticipantId::new("u-7")?, None);
/// let old = ImportedMessage::new(kim, "2020-07-30T08:01:00Z".parse()?, "Welcome!");
/// let list = ThreadImport::new(booking).message(IdempotencyKey::new("m-1")?, old);
/// let error = desk.admin(harbour).import(&list).await.unwrap_err();
/// let DeskError::ImportOutOfOrder(refused) = error else { panic!("the list is older") };
/// let refused: OutOfOrderImport = *refused;
/// assert_eq!((refused.position, refused.last.get(), refused.imported.stored), (0, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutOfOrderImport {
    /// The position of the first message of the list that could not be stored, from 0.
    pub position: usize,
    /// The number of the thread's last message.
    pub last: MessageNumber,
    /// The time of the thread's last message.
    pub last_sent_at: Timestamp,
    /// The result for the messages before [`position`](Self::position).
    pub imported: Imported,
}
