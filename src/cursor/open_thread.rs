use serde::{Deserialize, Serialize};

use crate::{BookingId, MessageNumber};

/// The conversation that a screen has open.
///
/// For a query string, declare `booking` and `shown` as separate fields of your own type. Do not
/// use `serde(flatten)`: numbers would then arrive as text, and deserializing this type would fail.
///
/// ```
/// use frontdesk::cursor::OpenThread;
/// use frontdesk::{BookingId, MessageNumber};
///
/// let open = OpenThread::new(BookingId::new("b-1")?, MessageNumber::new(7)?);
/// let from_json: OpenThread = serde_json::from_str(r#"{"booking":"b-1","shown":7}"#)?;
/// assert_eq!(open, from_json);
///
/// // The window has no focus, and the end of the conversation is not in view.
/// let scrolled_up = open.with_redactions(2).with_read(MessageNumber::new(5)?);
/// assert_eq!((scrolled_up.redactions, scrolled_up.read.unwrap().get()), (2, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
// A misspelt `read` would mark everything as read.
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OpenThread {
    /// The booking. Use the `booking` of the conversation's view: with a linked id (I2), each poll
    /// needs two reads more.
    pub booking: BookingId,
    /// The last number up to which the screen shows every message, as of the last
    /// [`open`](crate::OperatorDesk::open) or poll. Do not use the number of a message that was
    /// just sent, because earlier messages may be missing on the screen.
    pub shown: MessageNumber,
    /// The number of redacted messages that the screen knows, from
    /// [`redactions`](crate::view::OperatorConversationView::redactions) of the last answer. The
    /// poll returns the messages that were redacted later (T9).
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "schemars", schemars(range(max = u32::MAX)))]
    pub redactions: u32,
    /// The number of the last message that was in view while the window had the focus, or `None` if
    /// the host application does not know it. With this number, a poll marks messages as read only
    /// up to the number, even if the poll returns no message (U3). A message that somebody marked as
    /// unread stays unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<MessageNumber>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl OpenThread {
    /// Makes a value from a conversation's booking and the last number up to which the screen shows
    /// every message.
    pub fn new(booking: BookingId, shown: MessageNumber) -> Self {
        Self { booking, shown, redactions: 0, read: None }
    }

    /// Sets the number of redacted messages that the screen knows.
    #[must_use]
    pub fn with_redactions(mut self, redactions: u32) -> Self {
        self.redactions = redactions;
        self
    }

    /// Sets the number of the last message that was in view while the window had the focus.
    #[must_use]
    pub fn with_read(mut self, read: MessageNumber) -> Self {
        self.read = Some(read);
        self
    }
}
