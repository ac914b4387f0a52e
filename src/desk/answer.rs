use std::sync::Arc;

use serde::Serialize;

use super::cursor::CustomerCursor;
use super::send::Sent;
use crate::booking::Booking;
use crate::message::{Message, MessageNumber};
use crate::thread::Thread;
use crate::view::{CustomerConversation, Entry, Screen};

/// A run of messages as a customer may know them: it shows itself as a view, and
/// its records stay inside (A2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerHistory {
    /// The thread and the messages, or the last number that a thread had here.
    pub(super) found: Result<(Thread, Vec<Message>), MessageNumber>,
    pub(super) booking: Arc<Booking>,
}

impl CustomerHistory {
    /// The messages for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> CustomerConversation {
        match &self.found {
            Ok((thread, messages)) => CustomerConversation::new(thread, messages, screen),
            Err(last) => CustomerConversation::not_started(&self.booking, *last, screen),
        }
    }

    /// Whether the thread is started.
    pub fn is_started(&self) -> bool {
        self.found.is_ok()
    }

    /// How many messages came with this answer.
    pub fn message_count(&self) -> usize {
        self.found.as_ref().map_or(0, |(_, messages)| messages.len())
    }
}

/// What a visit or a poll answers a customer, and where polling goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerAnswer {
    pub(super) history: CustomerHistory,
    pub(super) cursor: CustomerCursor,
}

impl CustomerAnswer {
    /// The conversation for a screen. Of an answer to a poll it has what is new;
    /// see [`Part`](crate::view::Part) for how to add it to what is shown.
    pub fn view(&self, screen: &Screen<'_>) -> CustomerConversationView {
        let conversation = self.history.view(screen);
        CustomerConversationView { conversation, cursor: self.cursor.clone() }
    }

    /// Whether the thread is started.
    pub fn is_started(&self) -> bool {
        self.history.is_started()
    }

    /// How many messages came with this answer.
    pub fn message_count(&self) -> usize {
        self.history.message_count()
    }

    /// Where polling goes on.
    pub fn cursor(&self) -> &CustomerCursor {
        &self.cursor
    }
}

/// What a customer's portal shows, and where polling goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomerConversationView {
    /// The conversation. In JSON its fields stand among these.
    #[serde(flatten)]
    pub conversation: CustomerConversation,
    /// Where polling goes on.
    pub cursor: CustomerCursor,
}

/// What a customer's poll answers (P2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerPoll {
    /// What is new; with at most [`MAX_PAGE`](super::MAX_PAGE) messages, the rest
    /// with the next poll. Drop from the screen what is below its first number (L3).
    Update(CustomerAnswer),
    /// The cursor cannot go on, as after a restored backup (P7): visit again, and
    /// poll on with that visit's cursor.
    StartOver,
}

impl CustomerPoll {
    /// The answer for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> CustomerPollView {
        match self {
            Self::Update(answer) => CustomerPollView::Update(answer.view(screen)),
            Self::StartOver => CustomerPollView::StartOver,
        }
    }
}

/// What a portal does with the answer to its poll. In JSON its `kind` is
/// `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all are updates")]
pub enum CustomerPollView {
    /// Add this to what is shown; see [`Part`](crate::view::Part).
    Update(CustomerConversationView),
    /// Visit again (P7).
    StartOver,
}

/// What came of a customer's sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerSent(pub(super) Sent);

impl CustomerSent {
    /// The message's place in the thread.
    pub fn number(&self) -> MessageNumber {
        self.0.number()
    }

    /// Whether it was there already, sent with the same key, and nothing was done
    /// now (I4).
    pub fn is_replayed(&self) -> bool {
        self.0.is_replayed()
    }

    /// The message for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> Entry {
        self.0.view(screen).entry
    }
}
