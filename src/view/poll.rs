use serde::Serialize;

use super::badge::Badge;
use super::conversation::{CustomerConversationView, OperatorConversationView};
use super::row::InboxRow;
use crate::BookingId;
use crate::cursor::PollCursor;

/// The answer to an operator's poll. In JSON its `kind` is `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all answers are updates")]
pub enum OperatorPollView {
    /// The changes, to be merged with what is shown.
    Update(OperatorUpdateView),
    /// The cursor cannot be continued: load the inbox and the open conversation again (P7).
    StartOver {
        /// The position from which the next poll continues.
        cursor: PollCursor,
    },
}

/// The changes that a dashboard merges with what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperatorUpdateView {
    /// Each changed row once.
    pub rows: Vec<InboxRow>,
    /// The bookings whose threads were erased.
    pub erased: Vec<BookingId>,
    /// The open conversation with its new messages; [`PageInfo`](super::PageInfo) says how to
    /// merge it.
    pub conversation: Option<OperatorConversationView>,
    /// The number of the location's threads with unread customer messages (U4).
    pub unread: u64,
    /// The unread number as a badge.
    pub badge: Badge,
    /// The position from which the next poll continues.
    pub cursor: PollCursor,
}

/// The answer to a customer's poll. In JSON its `kind` is `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all answers are updates")]
pub enum CustomerPollView {
    /// The new messages, to be merged with what is shown; [`PageInfo`](super::PageInfo) says
    /// how.
    Update(CustomerConversationView),
    /// The cursor cannot be continued: open the conversation again (P7).
    StartOver,
}
