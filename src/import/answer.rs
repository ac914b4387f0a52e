use super::refused::RefusedMessage;
use crate::{MessageNumber, TextCleaning, Thread};

/// The result of [`AdminDesk::import`](crate::AdminDesk::import).
///
/// Each message of the list is stored, was already stored, or is refused, so that
/// [`stored`](Self::stored), [`already_stored`](Self::already_stored) and the length of
/// [`refused`](Self::refused) add up to the length of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Imported {
    /// The thread after the import, or `None` if the booking has no thread: then no message of the
    /// list could be stored.
    pub thread: Option<Thread>,
    /// The number of messages that this call stored.
    pub stored: usize,
    /// The number of messages that were stored before, for example by an interrupted call.
    pub already_stored: usize,
    /// The number of stored messages whose time this call moved to the time of the message before
    /// them. It is 0 without [`clamp_times`](super::ThreadImport::clamp_times).
    pub clamped: usize,
    /// The changes that cleaning made to the texts that this call stored (T3). It made none without
    /// [`cleaned`](super::ThreadImport::cleaned).
    pub cleaning: TextCleaning,
    /// The messages that were not stored, by position.
    pub refused: Vec<RefusedMessage>,
    pub(crate) numbers: Vec<Option<MessageNumber>>,
}

impl Imported {
    /// Returns the number of the message at a position of the list, for example to assign the
    /// message's attachments. Returns `None` if the message was refused.
    pub fn number(&self, position: usize) -> Option<MessageNumber> {
        self.numbers.get(position).copied().flatten()
    }
}
