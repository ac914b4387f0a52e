//! Valid ids, participants, bookings and times for the cases. A panic in this file is
//! an error of the kit, not of the store under test.

use std::ops::RangeInclusive;

use frontdesk::store::{MessageQuery, Revision, ThreadList};
use frontdesk::{
    Booking, BookingId, DisplayName, IdempotencyKey, LocationId, MessageNumber, Participant,
    ParticipantId, ThreadId, Timestamp,
};

/// The location of cases that need only one.
pub(crate) const LOCATION: &str = "harbour";
/// A limit above the number of rows that any case writes.
pub(crate) const NO_LIMIT: usize = 10_000;
pub(crate) const ALL_NUMBERS: RangeInclusive<MessageNumber> =
    MessageNumber::START..=MessageNumber::MAX;
/// Makes a query for a range of numbers, in one of the two orders.
pub(crate) type RangeQuery =
    for<'a> fn(&'a ThreadId, RangeInclusive<MessageNumber>, usize) -> MessageQuery<'a>;
pub(crate) const BOTH_ORDERS: [RangeQuery; 2] = [
    |thread, range, limit| MessageQuery::oldest_first(thread, range, limit),
    |thread, range, limit| MessageQuery::newest_first(thread, range, limit),
];
/// The three lists of a location, each from its start.
pub(crate) const LISTS: [ThreadList<'static>; 3] =
    [ThreadList::All(None), ThreadList::Unread(None), ThreadList::Waiting(None)];

#[track_caller]
pub(crate) fn location_id(id: &str) -> LocationId {
    LocationId::new(id).expect("a valid location id")
}

#[track_caller]
pub(crate) fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).expect("a valid booking id")
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
pub(crate) fn customer(id: &str) -> Participant {
    let id = ParticipantId::new(id).expect("a valid participant id");
    Participant::customer(id, DisplayName::new("Ann"))
}

#[track_caller]
pub(crate) fn operator(id: &str) -> Participant {
    Participant::operator(ParticipantId::new(id).expect("a valid participant id"), None)
}

#[track_caller]
pub(crate) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a valid idempotency key")
}

#[track_caller]
pub(crate) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).expect("a valid message number")
}

#[track_caller]
pub(crate) fn revision(revision: u64) -> Revision {
    Revision::try_from(revision.cast_signed()).expect("a valid revision")
}

/// Returns the time `seconds` after noon of 15 March 2027, UTC.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros((1_805_112_000 + seconds) * 1_000_000)
}

/// Returns the query for all messages of a thread, oldest first.
pub(crate) fn all_messages(thread: &ThreadId) -> MessageQuery<'_> {
    MessageQuery::oldest_first(thread, ALL_NUMBERS, NO_LIMIT)
}

/// Returns the separators with which a store could join two ids into one key: none, and
/// each ASCII punctuation mark.
pub(crate) fn separators() -> impl Iterator<Item = String> {
    let ascii = ('!'..='~').filter(char::is_ascii_punctuation).map(String::from);
    std::iter::once(String::new()).chain(ascii)
}
