use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Html, LineError, OneLine, fmt_hidden};

/// How somebody is called: one line, cleaned rather than refused, and never
/// empty (T6).
///
/// The limits are those of a [`OneLine`]. `Debug` shows its length only.
///
/// ```
/// use frontdesk::DisplayName;
///
/// let name = DisplayName::from_parts(" Ann\t", "Lee ").unwrap();
/// assert_eq!(name.as_str(), "Ann Lee");
/// assert_eq!(name.as_line().to_html().to_string(), "Ann Lee");
/// assert_eq!(DisplayName::from_parts("", "Lee").unwrap().as_str(), "Lee");
/// assert!(DisplayName::new(" \u{200B} ").is_none());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct DisplayName(OneLine);

impl DisplayName {
    /// Cleans any text into a name; `None` when nothing visible is left.
    pub fn new(text: impl AsRef<str>) -> Option<Self> {
        let line = OneLine::new(text);
        (!line.is_blank()).then_some(Self(line))
    }

    /// A name whose first and last part are given apart; either may be empty.
    pub fn from_parts(first: impl AsRef<str>, last: impl AsRef<str>) -> Option<Self> {
        Self::new(format!("{} {}", first.as_ref(), last.as_ref()))
    }

    /// Takes a text that was a name before, as it is; only T8 is checked.
    ///
    /// # Errors
    ///
    /// [`LineError`] when it is empty, holds a control character or is longer
    /// than [`OneLine::MAX_BYTES`].
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, LineError> {
        let line = OneLine::from_stored(text)?;
        if line.is_empty() { Err(LineError::Empty) } else { Ok(Self(line)) }
    }

    /// The raw text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The name as a line of text.
    pub fn as_line(&self) -> &OneLine {
        &self.0
    }

    /// The name for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> Html {
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

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_hidden("DisplayName", self.as_str(), f)
    }
}

impl<'de> Deserialize<'de> for DisplayName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T6: cleaned, never refused; nothing visible left means no name.
    #[test]
    fn t6_a_name_is_cleaned_and_nothing_left_is_no_name() {
        let cleaned = [
            ("Ann", "Ann"),
            ("  Ann \r\n\t Lee  ", "Ann Lee"),
            ("A\0n\u{7}n", "Ann"),
            ("Ann \u{202E} Lee\u{2069}", "Ann Lee"),
            ("\0\u{FEFF} Ann", "Ann"),
            ("<b>Ann</b>", "<b>Ann</b>"),
        ];
        for (given, name) in cleaned {
            assert_eq!(DisplayName::new(given).unwrap().as_str(), name, "{given:?}");
        }
        for nothing in ["", " \t\n", "\u{202E}", "\0\u{1}", "\u{200B}\u{3164}", "\u{FEFF}"] {
            assert!(DisplayName::new(nothing).is_none(), "{nothing:?}");
        }
    }

    /// T8: a name read back is as it was, but never empty.
    #[test]
    fn t8_a_stored_name_is_never_empty() {
        assert_eq!(DisplayName::from_stored("\u{200B}").unwrap().as_str(), "\u{200B}");
        assert_eq!(DisplayName::from_stored(""), Err(LineError::Empty));
        assert!(serde_json::from_str::<DisplayName>("\"a\\nb\"").is_err());
    }
}
