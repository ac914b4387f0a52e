use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EncodedHtml, SingleLine, SingleLineError};

/// The confirmation code of a booking, which the customer knows, for example `K7Q2-XH41` (T6).
///
/// ```
/// use frontdesk::ConfirmationCode;
///
/// assert_eq!(ConfirmationCode::new(" K7Q2-XH41-0001 ").prefix(), "K7Q2");
/// assert_eq!(ConfirmationCode::new("K7Q2").prefix(), "K7Q2");
///
/// let code = ConfirmationCode::new("K7&Q2");
/// assert_eq!((code.as_str(), code.to_html().to_string().as_str()), ("K7&Q2", "K7&amp;Q2"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ConfirmationCode(SingleLine);

impl ConfirmationCode {
    /// Cleans a text and makes a code of it. The code can be empty.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(SingleLine::new(text))
    }

    /// Reads a stored code and keeps it unchanged. Checks only for control characters and for more
    /// than [`SingleLine::MAX_BYTES`] bytes (T8).
    pub(super) fn from_stored(text: String) -> Result<Self, SingleLineError> {
        SingleLine::from_stored(text).map(Self)
    }

    /// Returns the code as a single-line text.
    pub(super) fn as_line(&self) -> &SingleLine {
        &self.0
    }

    /// Returns the part before the first hyphen, which is short enough for a list. Returns the
    /// whole code if it contains no hyphen.
    pub fn prefix(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }

    /// Returns the whole code.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Encodes the code for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> EncodedHtml {
        self.0.to_html()
    }
}

impl AsRef<str> for ConfirmationCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_first_hyphen() {
        for (code, prefix) in
            [("K7-X-1", "K7"), ("K7", "K7"), ("", ""), ("-K7", ""), ("码-1", "码")]
        {
            assert_eq!(ConfirmationCode::new(code).prefix(), prefix, "{code:?}");
        }
    }
}
