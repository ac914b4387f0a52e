//! Somebody at each handle, with a marker in everything that no span may say.

use frontdesk::{
    Booking, BookingStatus, CustomerDesk, DisplayName, Draft, FrontDesk, IdempotencyKey,
    LocationDesk, OperatorDesk,
};
use futures::executor::block_on;

use crate::busy::Busy;
use crate::support::{at, booking_id, place, who};

/// In every text, name, key, code and person's id, and in no id of a place.
pub(crate) const MARKER: &str = "marker";

pub(crate) struct House {
    pub(crate) store: Busy,
    pub(crate) kim: OperatorDesk,
    pub(crate) ann: CustomerDesk,
    pub(crate) here: LocationDesk,
    pub(crate) desk: FrontDesk,
}

pub(crate) fn marked(id: &str) -> Booking {
    Booking::new(booking_id(id), "marker-code", "marker tour", at(0))
        .with_customer_name(DisplayName::new("marker customer"))
        .with_status(BookingStatus::from_word("marker"))
}

pub(crate) fn draft(text: &str) -> Draft {
    Draft::new(format!("{MARKER} {text}"))
}

#[track_caller]
pub(crate) fn keyed(text: &str) -> Draft {
    draft(text).with_key(IdempotencyKey::new("marker-key").unwrap())
}

impl House {
    pub(crate) fn new() -> Self {
        let store = Busy::default();
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        let name = || DisplayName::new("marker name");
        Self {
            kim: desk.operator(place("here"), who("marker-u"), name()),
            ann: desk.customer(place("here"), marked("b-1"), who("marker-c"), name()),
            here: desk.location(place("here")),
            store,
            desk,
        }
    }

    /// With a message of the customer's, number 1.
    pub(crate) fn with_a_thread() -> Self {
        let house = Self::new();
        block_on(house.ann.send(draft("hello"))).unwrap();
        house
    }
}
