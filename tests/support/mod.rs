//! What several test programs share.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod naive;
pub(crate) mod recount;
pub(crate) mod rules;
#[cfg(feature = "conformance")]
pub(crate) mod spawning;

use frontdesk::{
    Booking, BookingId, DisplayName, IdempotencyKey, LocationId, MessageNumber, Participant,
    ParticipantId, ThreadId, Timestamp,
};

#[track_caller]
pub(crate) fn place(id: &str) -> LocationId {
    LocationId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn booking(id: &str) -> Booking {
    Booking::new(booking_id(id), "K7Q2-XH41", "Harbour tour", at(0))
}

#[track_caller]
pub(crate) fn thread_id(location: &str, booking: &str) -> ThreadId {
    ThreadId::new(place(location), booking_id(booking))
}

#[track_caller]
pub(crate) fn who(id: &str) -> ParticipantId {
    ParticipantId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn customer(id: &str) -> Participant {
    Participant::customer(who(id), DisplayName::new("Ann"))
}

#[track_caller]
pub(crate) fn operator(id: &str) -> Participant {
    Participant::operator(who(id), None)
}

#[track_caller]
pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

#[track_caller]
pub(crate) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

/// So many seconds after midday of 15 March 2027.
#[track_caller]
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros((1_805_112_000 + seconds) * 1_000_000).unwrap()
}
