//! The order of the inbox (L1). It is a total order, and every way of sorting a list gives this
//! order.

mod activity;
mod cost;
mod generators;
mod list;
mod sort;
mod total_order;

use std::time::Duration;

use frontdesk::inbox::InboxItem;
use frontdesk::{
    Booking, BookingId, LocationId, Message, MessageBody, Participant, ParticipantId, Post, Role,
    Thread, Timestamp,
};

/// Booking ids whose order by bytes differs from their order by letters or by length.
pub(crate) const IDS: [&str; 14] =
    ["b-1", "b-10", "b-2", "B-1", "b_1", "b-1-", "-", "é", "e", "z", "漢", "𝒳", "\u{FFFD}", "Z"];

/// Returns the time that is `minutes` minutes after the Unix epoch.
pub(crate) fn time(minutes: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH.saturating_add(Duration::from_secs(60 * minutes))
}

pub(crate) fn booking_id(id: &str) -> BookingId {
    BookingId::new(id).unwrap()
}

pub(crate) fn booking(id: &str) -> Booking {
    Booking::new(booking_id(id), "K7Q2", "Harbour tour").with_start(time(0))
}

/// Returns a thread without messages.
pub(crate) fn empty_thread(id: &str, created: Timestamp) -> Thread {
    Thread::start(LocationId::new("here").unwrap(), booking(id), created)
}

/// Adds a message to a thread.
pub(crate) fn post(thread: &Thread, role: Role, now: Timestamp) -> (Thread, Message) {
    let author = Participant::new(role, ParticipantId::new("p-1").unwrap(), None);
    let body = MessageBody::new("Hello").unwrap();
    let posted = thread.post(Post::new(author, body, now)).unwrap();
    (posted.thread, posted.message)
}

/// An item of a type that a host application defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) active_at: Timestamp,
    pub(crate) booking: BookingId,
}

impl InboxItem for Item {
    fn active_at(&self) -> Timestamp {
        self.active_at
    }

    fn booking_id(&self) -> &BookingId {
        &self.booking
    }
}

/// Sorts threads exactly as L1 says: by the time of the last message, newest first, then by the
/// bytes of the booking id. For a thread without messages, the time of its creation counts.
pub(crate) fn sorted_by_definition(threads: &[Thread]) -> Vec<Thread> {
    let active_at = |thread: &Thread| {
        thread.last_message().map_or(thread.created_at(), |last| last.sent_at).unix_micros()
    };
    let id = |thread: &Thread| thread.booking().id.as_str().as_bytes().to_vec();
    let mut sorted = threads.to_vec();
    sorted.sort_by_key(|thread| (-active_at(thread), id(thread)));
    sorted
}
