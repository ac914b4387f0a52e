use serde::{Deserialize, Serialize};

use crate::{Preview, Role, Timestamp};

/// The part of a thread's last message that a [`Thread`](crate::Thread) contains.
///
/// ```
/// use frontdesk::{LastMessage, Post, Role, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Participant};
/// # use frontdesk::{ParticipantId, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
///
/// assert!(thread.last_message().is_none());
/// let posted = thread.post(Post::new(ann, hello, now))?;
/// let last: &LastMessage = posted.thread.last_message().unwrap();
/// assert_eq!(last.preview.as_ref().unwrap().as_str(), "Hello!");
/// assert_eq!(last.role, Role::Customer);
/// assert_eq!(*last, LastMessage::new(last.role, last.sent_at, last.preview.clone()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LastMessage {
    /// The role of the author.
    pub role: Role,
    /// The time when the message was sent.
    pub sent_at: Timestamp,
    /// The beginning of the text (T7), or `None` if the message is redacted (T9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
}

impl LastMessage {
    /// Makes the value from its parts, for a store that reads a thread back. The preview of a
    /// redacted message is `None`.
    pub fn new(role: Role, sent_at: Timestamp, preview: impl Into<Option<Preview>>) -> Self {
        Self { role, sent_at, preview: preview.into() }
    }
}
