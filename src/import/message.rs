use std::fmt;
use std::sync::Arc;

use crate::{Participant, Timestamp};

/// A message of another system: its author, its original time and its text, which is not validated
/// yet.
///
/// The author's role decides the side of the message. `Debug` shows only the length of the text.
///
/// ```
/// use frontdesk::import::ImportedMessage;
/// use frontdesk::{Participant, ParticipantId};
///
/// let robot = Participant::operator(ParticipantId::new("autoresponder")?, None);
/// let message = ImportedMessage::new(robot, "2026-07-29T20:15:00Z".parse()?, "We open at 8 AM.");
/// assert!(!message.automatic);
/// assert!(message.automatic().automatic);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedMessage {
    /// The author as of the time when the message was written.
    pub author: Arc<Participant>,
    /// The time when the message was sent. Times are UTC (W1); if the other system has local times,
    /// the host application converts them.
    pub sent_at: Timestamp,
    /// The raw text. An encoded text (`&#39;`, `<br>`) must be decoded first (T5).
    pub text: String,
    /// `true` if a program wrote an operator's message. The message then ends no wait (U5). A
    /// customer's message ignores this field.
    pub automatic: bool,
}

impl ImportedMessage {
    /// Makes a message that a person wrote. To share one author between many messages, pass an
    /// `Arc<Participant>`.
    pub fn new(
        author: impl Into<Arc<Participant>>,
        sent_at: Timestamp,
        text: impl Into<String>,
    ) -> Self {
        Self { author: author.into(), sent_at, text: text.into(), automatic: false }
    }

    /// Makes an operator's message an automatic one, for example an answer outside the opening
    /// hours.
    #[must_use]
    pub fn automatic(mut self) -> Self {
        self.automatic = true;
        self
    }
}

impl fmt::Debug for ImportedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportedMessage")
            .field("author", &self.author)
            .field("sent_at", &self.sent_at)
            .field("text", &format_args!("{} bytes", self.text.len()))
            .field("automatic", &self.automatic)
            .finish()
    }
}
