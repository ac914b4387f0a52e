use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Html, chars, fmt_hidden};

/// A one-line text from a profile or a booking: cleaned rather than refused,
/// since it must never stop a message (T6).
///
/// Trimmed, whitespace runs made one space, control and bidirectional formatting
/// characters dropped, cut at [`MAX_CLUSTERS`](Self::MAX_CLUSTERS) grapheme
/// clusters and [`MAX_BYTES`](Self::MAX_BYTES) bytes. It may be empty. `Debug`
/// shows its length only: a line can be somebody's name.
///
/// ```
/// use frontdesk::OneLine;
///
/// let activity = OneLine::new("  Harbour\n tour \u{202E}(2 h) ");
/// assert_eq!(activity.as_str(), "Harbour tour (2 h)");
/// assert_eq!(OneLine::new("é".repeat(300)).as_str(), "é".repeat(OneLine::MAX_CLUSTERS));
/// assert_eq!(OneLine::new("Tea & cake").to_html().to_string(), "Tea &amp; cake");
/// assert!(OneLine::new(" \n ").is_empty());
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OneLine(Arc<str>);

/// Why a text cannot have been stored as a one-line text (T8).
///
/// ```
/// use frontdesk::{DisplayName, LineError, OneLine};
///
/// let bell = OneLine::from_stored("ding\u{7}");
/// assert_eq!(bell, Err(LineError::Control { found: '\u{7}', at: 4 }));
/// assert_eq!(DisplayName::from_stored(""), Err(LineError::Empty));
/// let limit = OneLine::MAX_BYTES;
/// let long = OneLine::from_stored("x".repeat(600));
/// assert_eq!(long, Err(LineError::TooLong { bytes: 600, limit }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It is empty where something must be.
    #[error("one-line text is empty")]
    Empty,
    /// It holds a control character.
    #[error("one-line text holds the control character U+{:04X} at byte {at}", u32::from(*.found))]
    Control {
        /// The character.
        found: char,
        /// Its byte offset.
        at: usize,
    },
    /// It is longer than its type allows.
    #[error("one-line text has {bytes} bytes, more than {limit}")]
    TooLong {
        /// How many bytes it has.
        bytes: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl OneLine {
    /// The most extended grapheme clusters (UAX #29) of a line.
    pub const MAX_CLUSTERS: usize = 100;
    /// The most bytes of a line.
    pub const MAX_BYTES: usize = 512;

    /// Cleans any text into one line (T6).
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut line = chars::one_line(text.as_ref());
        line.truncate(chars::cut_at(&line, Self::MAX_CLUSTERS, Self::MAX_BYTES));
        chars::trim_end(&mut line);
        Self(line.into())
    }

    /// Takes a text that was a line before, as it is; only T8 is checked.
    ///
    /// # Errors
    ///
    /// [`LineError`] when it holds a control character or is longer than
    /// [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, LineError> {
        let text = text.into();
        check_stored(&text, Self::MAX_BYTES)?;
        Ok(Self(text))
    }

    /// The raw text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing of it would be seen.
    pub(super) fn is_blank(&self) -> bool {
        chars::is_blank(&self.0)
    }

    /// The text for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> Html {
        Html::of_shared(&self.0)
    }
}

/// T8 for everything that is on one line: no control characters, a byte ceiling.
pub(super) fn check_stored(text: &str, limit: usize) -> Result<(), LineError> {
    if let Some((at, found)) = text.char_indices().find(|(_, c)| c.is_control()) {
        return Err(LineError::Control { found, at });
    }
    if text.len() > limit {
        return Err(LineError::TooLong { bytes: text.len(), limit });
    }
    Ok(())
}

impl AsRef<str> for OneLine {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for OneLine {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for OneLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for OneLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_hidden("OneLine", &self.0, f)
    }
}

impl Serialize for OneLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OneLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T6: cut at 100 clusters, never inside one, with no space left at the cut.
    #[test]
    fn t6_a_line_is_cut_between_clusters() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(OneLine::new(family.repeat(101)).as_str(), family.repeat(20), "512 bytes");
        assert_eq!(OneLine::new("e\u{301}".repeat(101)).as_str(), "e\u{301}".repeat(100));
        assert_eq!(OneLine::new(format!("{} b", "a".repeat(99))).as_str(), "a".repeat(99));
        assert_eq!(OneLine::new(format!("a{}", "\u{301}".repeat(300))).as_str(), "");
    }

    /// T8: what was stored is read back as it is, unless no version could have stored it.
    #[test]
    fn t8_a_stored_line_is_read_back_as_it_is() {
        for stored in ["", "two  spaces ", "\u{202E}", &"x".repeat(512)] {
            assert_eq!(OneLine::from_stored(stored).unwrap().as_str(), stored);
        }
        assert_eq!(OneLine::from_stored("a\nb"), Err(LineError::Control { found: '\n', at: 1 }));
        let long = LineError::TooLong { bytes: 513, limit: 512 };
        assert_eq!(OneLine::from_stored("x".repeat(513)), Err(long));
    }
}
