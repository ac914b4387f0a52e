use std::fmt;

use serde::{Deserialize, Serialize};

use super::MessageNumber;
use crate::IdempotencyKey;

/// A message to be sent: the text as typed, not validated yet.
///
/// In JSON a draft is `{"body": ..., "key": ..., "seen": ...}`; `key` and `seen` are optional.
/// An unknown field is an error: if a misspelled `key` were ignored, a retry would store the
/// message twice. `Debug` shows only the length of the text.
///
/// ```
/// use frontdesk::{Draft, IdempotencyKey, MessageNumber};
///
/// let draft = Draft::new("On our way!")
///     .with_key(IdempotencyKey::new("3f0c")?)
///     .with_seen(MessageNumber::new(4)?);
/// let from_json: Draft = serde_json::from_str(r#"{"body":"On our way!","key":"3f0c","seen":4}"#)?;
/// assert_eq!(draft, from_json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Draft {
    /// The text as typed.
    pub body: String,
    /// The idempotency key, which makes a retry safe (I4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// The number up to which the sender's screen showed every message. If the other side wrote
    /// after this number, sending marks messages as read only up to this number (U3). If this
    /// field is `None`, or the number is not below the thread's last number, sending marks all
    /// messages as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<MessageNumber>,
}

impl Draft {
    /// Makes a draft from a text as typed, without the optional fields.
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), key: None, seen: None }
    }

    /// Adds an idempotency key, so that the draft can be sent again safely.
    #[must_use]
    pub fn with_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets [`seen`](Self::seen), the number up to which the sender's screen showed every message.
    #[must_use]
    pub fn with_seen(mut self, seen: MessageNumber) -> Self {
        self.seen = Some(seen);
        self
    }
}

impl From<&str> for Draft {
    fn from(body: &str) -> Self {
        Self::new(body)
    }
}

impl From<String> for Draft {
    fn from(body: String) -> Self {
        Self::new(body)
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("key", &self.key)
            .field("seen", &self.seen)
            .finish()
    }
}
