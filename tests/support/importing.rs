//! Lists to import.

use frontdesk::import::{ImportedMessage, ThreadImport};
use frontdesk::{IdempotencyKey, Participant, Timestamp};

use super::{at, booking, customer, key, operator};

/// Returns an import without messages for a booking.
pub(crate) fn import(id: &str) -> ThreadImport {
    ThreadImport::new(booking(id))
}

/// Returns the customer Ann's message, sent `seconds` seconds after `at(0)`. Its key is `id`.
#[track_caller]
pub(crate) fn asked(id: &str, seconds: i64, text: &str) -> (IdempotencyKey, ImportedMessage) {
    (key(id), message(customer("ann"), at(seconds), text))
}

/// Returns the operator Kim's message, sent `seconds` seconds after `at(0)`. Its key is `id`.
#[track_caller]
pub(crate) fn replied(id: &str, seconds: i64, text: &str) -> (IdempotencyKey, ImportedMessage) {
    (key(id), message(operator("kim"), at(seconds), text))
}

fn message(author: Participant, sent_at: Timestamp, text: &str) -> ImportedMessage {
    ImportedMessage::new(author, sent_at, text)
}

/// Returns `count` messages of the customer and the operator in turn, one each second from
/// `at(-100_000)`. The key and the text of a message contain its position.
pub(crate) fn history(count: usize) -> Vec<(IdempotencyKey, ImportedMessage)> {
    let new = |position: usize| {
        let seconds = i64::try_from(position).unwrap() - 100_000;
        let (id, text) = (format!("old-{position}"), format!("message {position}"));
        if position.is_multiple_of(2) {
            asked(&id, seconds, &text)
        } else {
            replied(&id, seconds, &text)
        }
    };
    (0..count).map(new).collect()
}
