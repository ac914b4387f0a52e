use std::fmt;
use std::sync::Arc;

use super::debug::impl_redacted_debug;
use super::html::EncodedHtml;
use super::single_line::{SingleLine, SingleLineError};
use super::string_serde::impl_string_serde;

/// Display name of a person: a single line that is never empty (T6).
///
/// A name is cleaned, not rejected, and has the limits of a [`SingleLine`]. `Debug` shows only
/// the length of the name.
///
/// ```
/// use frontdesk::DisplayName;
///
/// let name = DisplayName::from_parts(" Ann\t", "Lee ").unwrap();
/// assert_eq!(name.as_str(), "Ann Lee");
/// assert_eq!(name.as_line().to_html().to_string(), "Ann Lee");
/// assert_eq!(DisplayName::from_parts("", "Lee").unwrap().as_str(), "Lee");
/// assert!(DisplayName::new(" \u{200B} ").is_none());
/// let name = DisplayName::new("\u{200B}".repeat(100) + "Ann").unwrap();
/// assert_eq!(name.as_str(), "Ann");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DisplayName(SingleLine);

impl DisplayName {
    /// Cleans a text into a name. Returns `None` if no visible character remains.
    pub fn new(text: impl AsRef<str>) -> Option<Self> {
        let line = SingleLine::new(text);
        (!line.is_blank()).then_some(Self(line))
    }

    /// Joins a first and a last name into a display name. Either name can be empty. Returns `None`
    /// if no visible character remains.
    pub fn from_parts(first: impl AsRef<str>, last: impl AsRef<str>) -> Option<Self> {
        Self::new(format!("{} {}", first.as_ref(), last.as_ref()))
    }

    /// Reads a stored name and keeps it unchanged (T8).
    ///
    /// # Errors
    ///
    /// Returns a [`SingleLineError`] if the text is empty, contains a control character
    /// or is longer than [`SingleLine::MAX_BYTES`].
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, SingleLineError> {
        let line = SingleLine::from_stored(text)?;
        if line.is_empty() { Err(SingleLineError::Empty) } else { Ok(Self(line)) }
    }

    /// Returns the raw text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the name as a single-line text.
    pub fn as_line(&self) -> &SingleLine {
        &self.0
    }

    /// Encodes the name for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> EncodedHtml {
        self.0.to_html()
    }
}

impl AsRef<str> for DisplayName {
    fn as_ref(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl_redacted_debug!(DisplayName);
impl_string_serde!(DisplayName, as_str, from_stored);

#[cfg(test)]
mod tests {
    use super::*;

    /// T6: a name is cleaned, not rejected; without a visible character there is no name.
    #[test]
    fn t6_a_name_is_cleaned_or_absent() {
        let cleaned = [
            ("Ann", "Ann"),
            ("  Ann \r\n\t Lee  ", "Ann Lee"),
            ("A\0n\u{7}n", "Ann"),
            ("Ann \u{202E} Lee\u{2069}", "Ann Lee"),
            ("\0\u{FEFF} Ann", "Ann"),
            ("<b>Ann</b>", "<b>Ann</b>"),
        ];
        for (input, name) in cleaned {
            assert_eq!(DisplayName::new(input).unwrap().as_str(), name, "{input:?}");
        }
        for blank in ["", " \t\n", "\u{202E}", "\0\u{1}", "\u{200B}\u{3164}", "\u{FEFF}"] {
            assert!(DisplayName::new(blank).is_none(), "{blank:?}");
        }
    }

    /// T8: a stored name is read unchanged, but an empty text is rejected.
    #[test]
    fn t8_a_stored_name_is_never_empty() {
        assert_eq!(DisplayName::from_stored("\u{200B}").unwrap().as_str(), "\u{200B}");
        assert_eq!(DisplayName::from_stored(""), Err(SingleLineError::Empty));
        assert!(serde_json::from_str::<DisplayName>("\"a\\nb\"").is_err());
    }
}
