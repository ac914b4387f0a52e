use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::MessageNumber;
use crate::text::clean_machine_text;
use crate::{IdempotencyKey, TextCleaning};

/// A message to be sent: the text as typed, not validated yet.
///
/// In JSON a draft is `{"body": ..., "key": ..., "seen": ..., "onlyIfLatest": ...}`; all fields
/// but `body` are optional. An unknown field is an error: if a misspelled `key` were ignored, a
/// retry would store the message twice. A client cannot set [`automatic`](Self::automatic) or
/// [`cleaned`](Self::cleaned), which are not part of the JSON. `Debug` shows only the length of the text.
///
/// ```
/// use frontdesk::{Draft, IdempotencyKey, MessageNumber};
///
/// let draft = Draft::new("On our way!")
///     .with_key(IdempotencyKey::new("3f0c")?)
///     .with_seen(MessageNumber::new(4)?);
/// let from_json: Draft = serde_json::from_str(r#"{"body":"On our way!","key":"3f0c","seen":4}"#)?;
/// assert_eq!(draft, from_json);
///
/// let conditional = draft.only_if_latest();
/// assert!(conditional.only_if_latest && !conditional.automatic);
/// assert!(Draft::new("We are closed until 8 AM.").automatic().automatic);
/// assert!(Draft::new("From a mail gateway").cleaned().cleaned);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[non_exhaustive]
pub struct Draft {
    /// The text as typed.
    pub body: String,
    /// The idempotency key, which makes a retry safe (I4). The key is unique per thread, role and
    /// author; see [`IdempotencyKey`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// The number up to which the sender's screen showed every message. If the other side wrote
    /// after this number, sending marks messages as read only up to this number (U3). If this
    /// field is `None`, or the number is not below the thread's last number, sending marks all
    /// messages as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<MessageNumber>,
    /// `true` if an operator's reply is refused when the thread has a message after
    /// [`seen`](Self::seen) (L6). Without `seen`, any message refuses the reply. A customer's
    /// draft ignores this field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_if_latest: bool,
    /// `true` if a program wrote an operator's reply. The message then marks nothing as read and
    /// answers nothing (U3, U5). A customer's draft ignores this field.
    #[serde(skip)]
    pub automatic: bool,
    /// `true` if the text comes from a machine and is cleaned before it is validated (T3).
    #[serde(skip)]
    pub cleaned: bool,
}

impl Draft {
    /// Makes a draft from a text as typed, without the optional fields.
    pub fn new(body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            body,
            key: None,
            seen: None,
            only_if_latest: false,
            automatic: false,
            cleaned: false,
        }
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

    /// Lets the desk refuse an operator's reply if the thread has a message after
    /// [`seen`](Self::seen) (L6).
    #[must_use]
    pub fn only_if_latest(mut self) -> Self {
        self.only_if_latest = true;
        self
    }

    /// Makes an operator's reply an automatic one, for example an answer outside the opening hours.
    /// An automatic reply marks nothing as read (U3) and ends no wait (U5).
    #[must_use]
    pub fn automatic(mut self) -> Self {
        self.automatic = true;
        self
    }

    /// Lets the desk clean the text, which comes from a machine: a mail or SMS gateway, or another
    /// system (T3).
    ///
    /// Such texts contain control characters that no person typed. C1 characters become what they
    /// mean in windows-1252, and the other control characters except line breaks and tabs are
    /// removed. [`Sent::cleaning`](crate::desk::Sent::cleaning) counts both. A text that a person
    /// typed must not be cleaned, so that the person learns of an invalid character.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        self.cleaned = true;
        self
    }

    /// Returns the text to validate, and the changes that cleaning made.
    pub(crate) fn text(&self) -> (Cow<'_, str>, TextCleaning) {
        if self.cleaned {
            clean_machine_text(&self.body)
        } else {
            (Cow::Borrowed(&self.body), TextCleaning::default())
        }
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
            .field("only_if_latest", &self.only_if_latest)
            .field("automatic", &self.automatic)
            .field("cleaned", &self.cleaned)
            .finish()
    }
}
