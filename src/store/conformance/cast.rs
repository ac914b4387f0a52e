//! Who and what the cases are about. All of it is possible, so that a panic here
//! is a mistake of the kit.

use std::ops::RangeInclusive;

use crate::booking::Booking;
use crate::id::{BookingId, IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::message::MessageNumber;
use crate::participant::Participant;
use crate::store::Revision;
use crate::text::DisplayName;
use crate::timestamp::Timestamp;

pub(super) const HERE: &str = "here";
/// More than any case writes.
pub(super) const MANY: usize = 10_000;
pub(super) const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

#[track_caller]
pub(super) fn place(id: &str) -> LocationId {
    LocationId::new(id).expect("a location id")
}

#[track_caller]
pub(super) fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).expect("a booking id")
}

#[track_caller]
pub(super) fn booking(id: &str) -> Booking {
    Booking::new(booking_id(id), "K7Q2-XH41", "Harbour tour", at(0))
}

#[track_caller]
pub(super) fn thread_id(location: &str, booking: &str) -> ThreadId {
    ThreadId::new(place(location), booking_id(booking))
}

#[track_caller]
pub(super) fn customer(id: &str) -> Participant {
    let id = ParticipantId::new(id).expect("a participant id");
    Participant::customer(id, DisplayName::new("Ann"))
}

#[track_caller]
pub(super) fn operator(id: &str) -> Participant {
    Participant::operator(ParticipantId::new(id).expect("a participant id"), None)
}

#[track_caller]
pub(super) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("an idempotency key")
}

#[track_caller]
pub(super) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).expect("a message number")
}

#[track_caller]
pub(super) fn revision(revision: u64) -> Revision {
    Revision::try_from(revision.cast_signed()).expect("a revision")
}

/// So many seconds after midday of 15 March 2027.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros((1_805_112_000 + seconds) * 1_000_000)
}

/// What a store could put between two ids to make one of them: nothing, or a mark.
pub(super) fn marks() -> impl Iterator<Item = String> {
    let ascii = ('!'..='~').filter(char::is_ascii_punctuation).map(String::from);
    std::iter::once(String::new()).chain(ascii)
}
