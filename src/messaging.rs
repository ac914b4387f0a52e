use serde::{Deserialize, Serialize};

/// The switch that lets the customers of a location write (L4).
///
/// ```
/// use frontdesk::{CustomerDesk, DeskError, Messaging};
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
/// let ann: CustomerDesk = ann.with_messaging(Messaging::Off);
/// assert!(ann.open().await.is_ok());
/// assert!(matches!(ann.send("Hello?").await, Err(DeskError::MessagingOff)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Messaging {
    /// Customers can read and write.
    #[default]
    On,
    /// Customers can read; sending fails with
    /// [`DeskError::MessagingOff`](crate::DeskError::MessagingOff).
    Off,
}
