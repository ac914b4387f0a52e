use serde::Serialize;

use super::badge::Badge;
use super::row::InboxRow;
use crate::cursor::{PageCursor, PollCursor};

/// The view of an inbox page, for the operators' Conversations panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InboxView {
    /// The rows, in inbox order.
    pub rows: Vec<InboxRow>,
    /// The number of the location's threads with unread customer messages (U4).
    pub unread: u64,
    /// The number of unread threads as a badge.
    pub badge: Badge,
    /// The number of the location's threads that wait for an operator's answer (U5).
    pub waiting: u64,
    /// The position of the next page; `None` on the last page.
    pub next: Option<PageCursor>,
    /// The position from which polling continues.
    pub cursor: PollCursor,
}
