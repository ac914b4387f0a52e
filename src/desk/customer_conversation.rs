use std::sync::Arc;

use super::read::Excerpt;
use crate::cursor::CustomerCursor;
use crate::view::{
    CustomerConversationView, CustomerHistoryView, CustomerPollView, Entry, ViewContext,
};
use crate::{Booking, MessageNumber, Messaging, Thread};

/// Messages of a conversation for its customer. The type hides the thread and the messages, and
/// gives access only to a view of them (A2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerHistory {
    pub(super) content: CustomerContent,
    pub(super) messaging: Messaging,
}

/// The content of a customer's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CustomerContent {
    Started(Thread, Excerpt),
    /// There is no thread. Contains the booking of the customer desk, if the desk has a booking,
    /// and the last message number that was used under the thread's id.
    NotStarted(Option<Arc<Booking>>, MessageNumber),
}

impl CustomerHistory {
    /// Makes the view of the messages.
    pub fn view(&self, context: &ViewContext<'_>) -> CustomerHistoryView {
        let view = match &self.content {
            CustomerContent::Started(thread, excerpt) => {
                let entry = |message| Entry::new(message, thread, context);
                CustomerHistoryView {
                    redacted: excerpt.redacted.iter().map(entry).collect(),
                    first_unread: excerpt.first_unread,
                    ..CustomerHistoryView::new(thread, &excerpt.messages, context)
                }
            }
            CustomerContent::NotStarted(booking, last) => {
                CustomerHistoryView::not_started(booking.as_deref(), *last, context)
            }
        };
        view.with_messaging(self.messaging, context)
    }

    /// Returns `true` if the thread is started.
    pub fn is_started(&self) -> bool {
        matches!(self.content, CustomerContent::Started(..))
    }

    /// Returns the number of messages in this answer.
    pub fn message_count(&self) -> usize {
        match &self.content {
            CustomerContent::Started(_, excerpt) => excerpt.messages.len(),
            CustomerContent::NotStarted(..) => 0,
        }
    }
}

/// A conversation for its customer, returned by `open` or by a poll, with the cursor for the next
/// poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerConversation {
    pub(super) history: CustomerHistory,
    pub(super) cursor: CustomerCursor,
}

impl CustomerConversation {
    /// Makes the view of the conversation. The answer to a poll contains only new messages.
    /// [`PageInfo`](crate::view::PageInfo) says how to merge them with the messages that the
    /// screen shows.
    pub fn view(&self, context: &ViewContext<'_>) -> CustomerConversationView {
        let (conversation, cursor) = (self.history.view(context), self.cursor.clone());
        CustomerConversationView { conversation, cursor }
    }

    /// Returns `true` if the thread is started.
    pub fn is_started(&self) -> bool {
        self.history.is_started()
    }

    /// Returns the number of messages in this answer.
    pub fn message_count(&self) -> usize {
        self.history.message_count()
    }

    /// Returns the cursor for the next poll.
    pub fn cursor(&self) -> &CustomerCursor {
        &self.cursor
    }
}

/// The answer to a customer's poll (P2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerPoll {
    /// The new messages, at most [`MAX_PAGE`](super::MAX_PAGE). If there are more, the next poll
    /// returns them. The screen has to remove messages that it shows from before an erasure: those
    /// below the answer's [`first_number`](crate::view::PageInfo::first_number) (L3).
    Update(CustomerConversation),
    /// Polling cannot continue from the cursor, for example after a backup was restored (P7).
    /// Open the conversation again and poll with the new cursor.
    StartOver,
}

impl CustomerPoll {
    /// Makes the view of the answer.
    pub fn view(&self, context: &ViewContext<'_>) -> CustomerPollView {
        match self {
            Self::Update(answer) => CustomerPollView::Update(answer.view(context)),
            Self::StartOver => CustomerPollView::StartOver,
        }
    }
}
