//! Fixtures, values and test doubles that several test programs share.
#![allow(dead_code, reason = "each test program uses only some of these items")]

pub(crate) mod dashboard;
pub(crate) mod faulty_store;
pub(crate) mod fixture;
pub(crate) mod hooked_store;
pub(crate) mod importing;
pub(crate) mod interrupted_import;
pub(crate) mod naive;
pub(crate) mod recount;

use frontdesk::{
    Booking, BookingId, DisplayName, IdempotencyKey, LocationId, MessageNumber, Participant,
    ParticipantId, ThreadId, Timestamp,
};

#[track_caller]
pub(crate) fn location_id(id: &str) -> LocationId {
    LocationId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn booking(id: &str) -> Booking {
    Booking::new(booking_id(id), "K7Q2-XH41", "Harbour tour").with_start(at(0))
}

#[track_caller]
pub(crate) fn thread_id(location: &str, booking: &str) -> ThreadId {
    ThreadId::new(location_id(location), booking_id(booking))
}

#[track_caller]
pub(crate) fn participant_id(id: &str) -> ParticipantId {
    ParticipantId::new(id).unwrap()
}

#[track_caller]
pub(crate) fn customer(id: &str) -> Participant {
    Participant::customer(participant_id(id), DisplayName::new("Ann"))
}

#[track_caller]
pub(crate) fn operator(id: &str) -> Participant {
    Participant::operator(participant_id(id), None)
}

#[track_caller]
pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

#[track_caller]
pub(crate) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

/// Returns the time that is `seconds` seconds after 12:00 UTC on 15 March 2027.
#[track_caller]
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros((1_805_112_000 + seconds) * 1_000_000).unwrap()
}
