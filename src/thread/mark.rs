use super::head::Thread;
use crate::{Message, MessageNumber, Role, Timestamp};

impl Thread {
    /// Marks `message` and everything before it as read by the side of `reader` (U3).
    ///
    /// Returns the next thread. Returns `None` if the mark is already at `message` or after
    /// `message`, because marks do not move back. Also returns `None` if the thread does not
    /// contain `message`, for example because the thread was erased and started again (P6).
    pub fn mark_read(&self, reader: Role, message: &Message, now: Timestamp) -> Option<Self> {
        let covered = self.covered_by(reader, message)?;
        if message.number() <= self.mark(reader).number() {
            return None;
        }
        // A clock that stepped back must not date the mark before the message.
        Some(self.with_mark(reader, message.number(), covered, now.max(message.sent_at())))
    }

    /// Marks `messages` as read by the side of `reader` if the other side wrote any of them (P3,
    /// U3). The messages are those of a poll's answer, oldest first. Returns the next thread, or
    /// `None` if no mark moves.
    pub(crate) fn mark_polled(
        &self,
        reader: Role,
        messages: &[Message],
        now: Timestamp,
    ) -> Option<Self> {
        let any_from_other_side = messages.iter().any(|message| message.role() != reader);
        let last = messages.last().filter(|_| any_from_other_side)?;
        self.mark_read(reader, last, now)
    }

    /// Marks `message` and everything after it as unread by the side of `reader`:
    /// "mark unread from here" (U3).
    ///
    /// Returns the next thread. Returns `None` if the mark is already before `message`, or if the
    /// thread does not contain `message` (P6).
    pub fn mark_unread(&self, reader: Role, message: &Message, now: Timestamp) -> Option<Self> {
        let covered = self.covered_by(reader, message)?;
        if message.number() > self.mark(reader).number() {
            return None;
        }
        let covered = covered - u32::from(message.role() != reader);
        let number = message.number().previous();
        Some(self.with_mark(reader, number, covered, now.max(message.sent_at())))
    }

    /// Returns the number of messages up to `message` that the side opposite to `reader` wrote.
    /// The number and the ordinal of `message` are enough to compute this: the ordinal counts the
    /// messages of the author's side, and the remaining messages up to `message` are from the
    /// other side (U2). Returns `None` if the thread cannot contain `message`.
    pub(super) fn covered_by(&self, reader: Role, message: &Message) -> Option<u32> {
        let up_to_it = message.number().get().checked_sub(self.first_number().previous().get())?;
        let own = message.ordinal();
        let others = up_to_it.checked_sub(own)?;
        let (side, other_side) = (message.role(), message.role().opposite());
        let fits = own <= self.messages_by(side) && others <= self.messages_by(other_side);
        let covered = if side == reader { others } else { own };
        (self.has_message(message.number()) && fits).then_some(covered)
    }

    fn with_mark(&self, reader: Role, number: MessageNumber, covered: u32, at: Timestamp) -> Self {
        self.with(|head| head.marks[reader] = head.marks[reader].moved(number, covered, at))
    }
}
