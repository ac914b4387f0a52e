use serde::Serialize;

use super::badge::Badge;
use super::conversation::{CustomerConversationView, OperatorConversationView};
use super::row::InboxRow;
use crate::BookingId;
use crate::cursor::PollCursor;

/// The answer to an operator's poll. In JSON its `kind` is `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all answers are updates")]
pub enum OperatorPollView {
    /// The changes, which the screen merges with the rows and messages that it shows.
    Update(OperatorUpdateView),
    /// Polling cannot continue from the cursor: load the inbox and the open conversation again
    /// (P7).
    StartOver {
        /// The position from which the next poll continues.
        cursor: PollCursor,
    },
}

/// The changes that a dashboard merges with the rows and messages that it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OperatorUpdateView {
    /// The changed rows. Each row occurs once.
    pub rows: Vec<InboxRow>,
    /// The bookings whose threads were erased.
    pub erased: Vec<BookingId>,
    /// The open conversation with its new messages; [`PageInfo`](super::PageInfo) says how to
    /// merge the messages.
    pub conversation: Option<OperatorConversationView>,
    /// The number of the location's threads with unread customer messages (U4).
    pub unread: u64,
    /// The number of unread threads as a badge.
    pub badge: Badge,
    /// The number of the location's threads that wait for an operator's answer (U5).
    pub waiting: u64,
    /// The position from which the next poll continues.
    pub cursor: PollCursor,
}

/// The answer to a customer's poll. In JSON its `kind` is `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all answers are updates")]
pub enum CustomerPollView {
    /// The new messages. [`PageInfo`](super::PageInfo) says how to merge them with the messages
    /// that the screen shows.
    Update(CustomerConversationView),
    /// Polling cannot continue from the cursor: open the conversation again (P7).
    StartOver,
}
