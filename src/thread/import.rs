use std::sync::Arc;

use super::full::ThreadFull;
use super::head::{Head, Thread};
use crate::{
    LastMessage, Message, MessageBody, MessageNumber, Participant, PerRole, Preview, Role,
    Timestamp,
};

/// Messages of another system that are added to a thread in one step (I5).
#[derive(Debug)]
pub(crate) struct ImportBatch {
    /// The messages, with times that are in order and not before the thread's last message.
    pub(crate) messages: Vec<BatchMessage>,
    /// The part of the batch that each side has read, or `None` for no message.
    pub(crate) read: PerRole<Option<BatchMark>>,
    /// `true` if a customer's message starts a wait (U5).
    pub(crate) waiting: bool,
}

/// One message of an [`ImportBatch`].
#[derive(Debug)]
pub(crate) struct BatchMessage {
    pub(crate) author: Arc<Participant>,
    pub(crate) body: MessageBody,
    pub(crate) sent_at: Timestamp,
    pub(crate) automatic: bool,
}

/// The read mark of one side within an [`ImportBatch`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchMark {
    /// The number of messages of the batch that the side has read, at least 1.
    pub(crate) messages: usize,
    /// The time when the side read them.
    pub(crate) at: Timestamp,
}

impl ImportBatch {
    /// Makes a batch without messages.
    pub(crate) fn new(waiting: bool) -> Self {
        Self { messages: Vec::new(), read: PerRole::default(), waiting }
    }
}

impl Thread {
    /// Adds messages of another system, with their own times (I5). The creation of an empty thread
    /// moves back to the first message.
    ///
    /// A side's mark moves only if the side had no unread message before. A mark covers everything
    /// before it (U1), so the mark would otherwise hide a message that nobody has read.
    pub(crate) fn import(&self, batch: ImportBatch) -> Result<(Self, Vec<Message>), ThreadFull> {
        let count = u32::try_from(batch.messages.len()).map_err(|_| ThreadFull)?;
        let last = self.last_number().get().checked_add(count).ok_or(ThreadFull)?;
        MessageNumber::new(last).map_err(|_| ThreadFull)?;

        let mut head = Head::clone(&self.0);
        if let (None, Some(first)) = (&head.last, batch.messages.first()) {
            head.created_at = head.created_at.min(first.sent_at);
        }
        let had_unread = PerRole {
            customer: self.is_unread_by(Role::Customer),
            operator: self.is_unread_by(Role::Operator),
        };
        let preview = batch.messages.last().map(|message| Preview::of(&message.body));
        let mut messages = Vec::with_capacity(batch.messages.len());
        for (index, new) in batch.messages.into_iter().enumerate() {
            let role = new.author.role;
            head.totals[role] += 1;
            let number = head.last_number();
            for side in [Role::Customer, Role::Operator] {
                let mark = batch.read[side].filter(|mark| mark.messages == index + 1);
                if let Some(mark) = mark.filter(|_| !had_unread[side]) {
                    let covered = head.totals[side.opposite()];
                    head.marks[side] = head.marks[side].moved(number, covered, mark.at);
                }
            }
            let automatic = new.automatic && role == Role::Operator;
            match role {
                Role::Customer if batch.waiting => {
                    head.waiting_since.get_or_insert(new.sent_at);
                }
                Role::Operator if !automatic => head.waiting_since = None,
                Role::Customer | Role::Operator => {}
            }
            let (ordinal, sent_at) = (head.totals[role], new.sent_at);
            let message = Message::new(number, ordinal, new.author, new.body, sent_at).imported();
            messages.push(if automatic { message.automatic() } else { message });
        }
        if let Some(last) = messages.last() {
            head.last = Some(LastMessage::new(last.role(), last.sent_at(), preview));
        }
        Ok((Self(Arc::new(head)), messages))
    }
}
