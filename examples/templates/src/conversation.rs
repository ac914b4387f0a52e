//! A conversation to show.

use frontdesk::store::MemoryStore;
use frontdesk::view::{CustomerHistoryView, English};
use frontdesk::{
    Booking, BookingId, DisplayName, FrontDesk, LocationId, MessageNumber, ParticipantId,
};
use time::UtcOffset;

/// The view of a conversation in which a customer wrote each of `texts`. The booking's activity and
/// the customer's name are `name`.
///
/// # Errors
///
/// Returns an error if one of `texts` is no valid message.
pub async fn conversation(
    texts: &[&str],
    name: &str,
) -> Result<CustomerHistoryView, Box<dyn std::error::Error>> {
    let desk = FrontDesk::new(MemoryStore::new());
    let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", name)
        .with_customer_name(DisplayName::new(name));
    let customer = desk
        .customer(LocationId::new("harbour")?, booking.id.clone(), ParticipantId::new("c-9")?)
        .starting_with(booking);
    for text in texts {
        customer.send(*text).await?;
    }
    let history = customer.history(None, 50).await?;
    Ok(history.view(&desk.view_context(&UtcOffset::UTC, &English)))
}

/// The view of a [`conversation`] whose first message is redacted.
///
/// # Errors
///
/// Returns an error if one of `texts` is no valid message.
pub async fn redacted_conversation(
    texts: &[&str],
) -> Result<CustomerHistoryView, Box<dyn std::error::Error>> {
    let desk = FrontDesk::new(MemoryStore::new());
    let (harbour, booking) = (LocationId::new("harbour")?, BookingId::new("b-1")?);
    let customer = desk
        .customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?)
        .starting_with(Booking::new(booking.clone(), "K7Q2-XH41", "Harbour tour"));
    for text in texts {
        customer.send(*text).await?;
    }
    let operator = desk.operator(harbour, ParticipantId::new("u-7")?, None);
    operator.redact(&booking, MessageNumber::new(1)?).await?;
    let history = customer.history(None, 50).await?;
    Ok(history.view(&desk.view_context(&UtcOffset::UTC, &English)))
}
