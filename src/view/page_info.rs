use serde::Serialize;

#[cfg(doc)]
use crate::calendar::group_by_date;
use crate::{Message, MessageNumber, Thread};

/// The part of a thread that a conversation view contains.
///
/// A screen that already shows a part of the thread merges the part from a poll in four steps:
///
/// 1. Remove the messages below [`first_number`](Self::first_number).
/// 2. Add the entries whose numbers the screen does not show yet. The screen may already show a
///    message that was just sent.
/// 3. Put an added entry into the last section if both have the same date. A screen that keeps
///    entries by number makes the sections again with [`group_by_date`] instead.
/// 4. Show "read" on the viewer's own messages up to `read_to`.
///
/// In Rust, [`Conversation::apply`](crate::desk::Conversation::apply) does all four steps for
/// operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageInfo {
    /// The number of the thread's first message; the screen removes messages below this number
    /// (L3).
    pub first_number: MessageNumber,
    /// The last number up to which a screen shows every message after the screen has merged this
    /// part. The screen sends this number with the next poll, and in a draft as `seen`. Reading
    /// the history does not change this number.
    pub shown: MessageNumber,
    /// `true` if this part has messages and the thread has messages before them.
    pub has_earlier: bool,
    /// `true` if the thread has messages after this part. The next poll and
    /// [`later`](crate::OperatorDesk::later) return those messages.
    /// This field has no meaning for a history answer without messages.
    pub has_later: bool,
}

impl PageInfo {
    /// Describes `messages` of `thread`, oldest first. An empty list means that the part begins
    /// after the thread's last message.
    pub fn of(thread: &Thread, messages: &[Message]) -> Self {
        let (first_number, last) = (thread.first_number(), thread.last_number());
        let shown = messages.last().map_or(last, Message::number);
        let has_earlier = messages.first().is_some_and(|first| first.number() > first_number);
        Self { first_number, shown, has_earlier, has_later: shown < last }
    }
}
