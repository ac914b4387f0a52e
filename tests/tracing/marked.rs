//! Operator desks, customer desks and values with a marker in every part that no span may contain.

use frontdesk::{
    Booking, BookingStatus, CustomerDesk, DisplayName, Draft, IdempotencyKey, OperatorDesk,
};
use futures::executor::block_on;

use crate::support::faulty_store::FaultyStore;
use crate::support::{at, booking_id, participant_id};

/// A word in every text, name, key, code and participant's id, and in no location or
/// booking id.
pub(crate) const MARKER: &str = "marker";

pub(crate) type Fixture = crate::support::fixture::Fixture<FaultyStore>;

pub(crate) fn fixture() -> Fixture {
    Fixture::over(FaultyStore::in_memory())
}

/// Returns a fixture whose customer has sent a message.
pub(crate) fn fixture_with_thread() -> Fixture {
    let fixture = fixture();
    block_on(ann(&fixture).send(draft("hello"))).unwrap();
    fixture
}

pub(crate) fn kim(fixture: &Fixture) -> OperatorDesk {
    let location = fixture.location.clone();
    fixture.desk.operator(location, participant_id("marker-u"), DisplayName::new("marker name"))
}

pub(crate) fn ann(fixture: &Fixture) -> CustomerDesk {
    let customer = fixture.customer("b-1", "marker-c").starting_with(marked_booking("b-1"));
    customer.with_name(DisplayName::new("marker name"))
}

pub(crate) fn marked_booking(id: &str) -> Booking {
    Booking::new(booking_id(id), "marker-code", "marker tour")
        .with_start(at(0))
        .with_customer_name(DisplayName::new("marker customer"))
        .with_status(BookingStatus::from_word("marker"))
}

pub(crate) fn draft(text: &str) -> Draft {
    Draft::new(format!("{MARKER} {text}"))
}

#[track_caller]
pub(crate) fn keyed_draft(text: &str) -> Draft {
    draft(text).with_key(IdempotencyKey::new("marker-key").unwrap())
}
