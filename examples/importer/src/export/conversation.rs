use std::fmt;
use std::ops::AddAssign;

use frontdesk::{Role, Timestamp};

/// One conversation of an export, with the oldest message first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportedConversation {
    /// The other system's id of the conversation.
    pub id: String,
    /// The subject, which is empty if the export has none.
    pub subject: String,
    /// The customer's name, if the export has it outside of the messages.
    pub customer_name: Option<String>,
    /// The messages that people or programs sent to the other side.
    pub messages: Vec<ExportedMessage>,
    /// The numbers of entries that are not among the messages.
    pub left_out: LeftOut,
    /// Remarks for the person who runs the import, without any text of a message.
    pub remarks: Vec<String>,
}

/// One message of an export. `Debug` shows only the length of the text.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportedMessage {
    /// The side of the author.
    pub role: Role,
    /// The other system's id of the author, unique among the authors of the role.
    pub author_id: String,
    /// The author's name.
    pub author_name: Option<String>,
    /// The time at which the message was sent.
    pub sent_at: Timestamp,
    /// The last text of the message, without markup.
    pub text: String,
    /// The other system's id of the message, unique in its conversation.
    pub external_id: String,
    /// Is `true` if a program wrote the message.
    pub is_automatic: bool,
}

/// The numbers of entries of an export that are not imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Messages whose text was deleted or redacted.
    pub deleted: u64,
    /// Lines that the other system wrote, such as "Kim joined the conversation".
    pub system_lines: u64,
    /// Notes that the customer must not see.
    pub private_notes: u64,
    /// Messages that consist only of attachments, stickers or the like.
    pub without_text: u64,
}

impl LeftOut {
    /// Returns the sum of all numbers.
    pub fn total(&self) -> u64 {
        self.deleted + self.system_lines + self.private_notes + self.without_text
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.deleted += other.deleted;
        self.system_lines += other.system_lines;
        self.private_notes += other.private_notes;
        self.without_text += other.without_text;
    }
}

impl ExportedConversation {
    /// Sorts the messages by their time. Messages of the same time keep their order.
    pub(crate) fn sort(&mut self) {
        self.messages.sort_by_key(|message| message.sent_at);
    }
}

impl fmt::Debug for ExportedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportedMessage")
            .field("role", &self.role)
            .field("sent_at", &self.sent_at)
            .field("external_id", &self.external_id)
            .field("text", &format_args!("{} bytes", self.text.len()))
            .finish_non_exhaustive()
    }
}
