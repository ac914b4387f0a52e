use super::conversation::Conversation;
use crate::cursor::PollCursor;
use crate::inbox::InboxList;
use crate::view::{Badge, InboxRow, OperatorPollView, OperatorUpdateView, ViewContext};
use crate::{Thread, Tombstone};

/// The answer to an operator's poll (P2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorPoll {
    /// The changes since the cursor.
    Update(OperatorUpdate),
    /// Polling cannot continue from the cursor (P7), for one of these reasons:
    /// - the cursor is ahead of the location's newest revision;
    /// - the cursor has another epoch, for example because a backup was restored;
    /// - more than [`MAX_POLL_CHANGES`](super::MAX_POLL_CHANGES) threads changed since the cursor;
    /// - the screen shows a message that the open conversation does not have.
    ///
    /// Load the inbox and the open conversation again, and poll with the cursor of the inbox page.
    StartOver {
        /// The cursor for clients that keep no list and so do not load the inbox.
        cursor: PollCursor,
    },
}

impl OperatorPoll {
    /// Makes the view of the answer.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorPollView {
        match self {
            Self::Update(update) => OperatorPollView::Update(update.view(context)),
            Self::StartOver { cursor } => OperatorPollView::StartOver { cursor: cursor.clone() },
        }
    }
}

/// The changes of a location, read in one snapshot. If the poll moved a read mark, the snapshot
/// contains the moved mark.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperatorUpdate {
    /// Each changed thread once, in its latest state, in the order of the changes.
    pub threads: Vec<Thread>,
    /// The threads that were erased.
    pub erased: Vec<Tombstone>,
    /// The open conversation with its new messages, or `None` if the conversation did not change
    /// or was erased. [`Conversation::apply`] merges it into the conversation on the screen.
    pub conversation: Option<Box<Conversation>>,
    /// The number of the location's threads with unread customer messages (U4).
    pub unread: u64,
    /// The number of the location's threads that wait for an operator's answer (U5).
    pub waiting: u64,
    /// The position from which the next poll continues.
    pub cursor: PollCursor,
}

impl OperatorUpdate {
    /// Applies the changes to a list.
    pub fn apply_to(&self, list: &mut InboxList<Thread>) {
        list.extend(self.threads.iter().cloned());
        for tombstone in &self.erased {
            list.remove(tombstone.booking());
        }
    }

    /// Returns `true` if there are no changes.
    pub fn is_empty(&self) -> bool {
        self.threads.is_empty() && self.erased.is_empty() && self.conversation.is_none()
    }

    /// Makes the view of the changes.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorUpdateView {
        OperatorUpdateView {
            rows: self.threads.iter().map(|thread| InboxRow::new(thread, context)).collect(),
            erased: self.erased.iter().map(|tombstone| tombstone.id.booking.clone()).collect(),
            conversation: self.conversation.as_ref().map(|open| open.view(context)),
            unread: self.unread,
            badge: Badge::new(self.unread),
            waiting: self.waiting,
            cursor: self.cursor.clone(),
        }
    }
}
