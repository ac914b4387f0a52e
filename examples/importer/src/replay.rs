use frontdesk::{Booking, CustomerDesk};
use importer::input::{Conversation, Turn};

/// The progress of one conversation.
pub(crate) struct Replay<'a> {
    pub(crate) conversation: &'a Conversation,
    /// The index of the conversation's location.
    pub(crate) location: usize,
    pub(crate) customer: CustomerDesk,
    pub(crate) booking: Booking,
    pub(crate) next_turn: usize,
    /// Is `true` once this import has started the thread or sent a message to it.
    pub(crate) is_started: bool,
    /// The indices of the turns that were accepted, in the order of their message numbers.
    pub(crate) accepted: Vec<usize>,
}

impl<'a> Replay<'a> {
    /// Returns the turn to send next.
    pub(crate) fn turn(&self) -> &'a Turn {
        &self.conversation.turns[self.next_turn]
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.next_turn == self.conversation.turns.len()
    }
}
