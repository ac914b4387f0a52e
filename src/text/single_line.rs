use std::fmt;
use std::sync::Arc;

use super::clusters::cluster_indices;
use super::debug::impl_redacted_debug;
use super::html::EncodedHtml;
use super::string_serde::impl_string_serde;
use super::{chars, clean};

/// A single-line text from a profile or a booking (T6).
///
/// The text is cleaned, not rejected, because an unusual profile or booking must not prevent a
/// message. Cleaning trims the text, replaces each whitespace run by one space, drops control
/// and bidirectional formatting characters and invisible characters at the start, and cuts the text at
/// [`MAX_CLUSTERS`](Self::MAX_CLUSTERS) grapheme clusters and [`MAX_BYTES`](Self::MAX_BYTES)
/// bytes. The text can be empty. `Debug` shows only the length of the text, because the text
/// can be a person's name.
///
/// ```
/// use frontdesk::SingleLine;
///
/// let activity = SingleLine::new("  Harbour\n tour \u{202E}(2 h) ");
/// assert_eq!(activity.as_str(), "Harbour tour (2 h)");
/// assert_eq!(SingleLine::new("é".repeat(300)).as_str(), "é".repeat(SingleLine::MAX_CLUSTERS));
/// assert_eq!(SingleLine::new("Tea & cake").to_html().to_string(), "Tea &amp; cake");
/// assert!(SingleLine::new(" \n ").is_empty());
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SingleLine(Arc<str>);

/// Error for a stored single-line text that is not valid (T8).
///
/// ```
/// use frontdesk::{DisplayName, SingleLine, SingleLineError};
///
/// let bell = SingleLine::from_stored("ding\u{7}");
/// assert_eq!(bell, Err(SingleLineError::Control { found: '\u{7}', at: 4 }));
/// assert_eq!(DisplayName::from_stored(""), Err(SingleLineError::Empty));
/// let limit = SingleLine::MAX_BYTES;
/// let long = SingleLine::from_stored("x".repeat(600));
/// assert_eq!(long, Err(SingleLineError::TooLong { bytes: 600, limit }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SingleLineError {
    /// The text is empty, but its type does not allow that.
    #[error("single-line text is empty")]
    Empty,
    /// The text contains a control character.
    #[error(
        "single-line text contains the control character U+{:04X} at byte {at}",
        u32::from(*.found)
    )]
    Control {
        /// The first control character.
        found: char,
        /// The byte offset of the character.
        at: usize,
    },
    /// The text is longer than its type allows.
    #[error("single-line text has {bytes} bytes, the limit is {limit}")]
    TooLong {
        /// The length of the text in bytes.
        bytes: usize,
        /// The maximum length in bytes.
        limit: usize,
    },
}

impl SingleLine {
    /// Maximum number of extended grapheme clusters (UAX #29).
    pub const MAX_CLUSTERS: usize = 100;
    /// Maximum length in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Cleans a text into a single line (T6).
    pub fn new(text: impl AsRef<str>) -> Self {
        let mut line = clean::single_line(text.as_ref());
        line.truncate(clean::prefix_len(&line, Self::MAX_CLUSTERS, Self::MAX_BYTES));
        clean::trim_end(&mut line);
        Self(line.into())
    }

    /// Reads a stored single-line text and keeps it unchanged (T8).
    ///
    /// # Errors
    ///
    /// Returns a [`SingleLineError`] if the text contains a control character or is
    /// longer than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, SingleLineError> {
        let text = text.into();
        check_stored(&text, Self::MAX_BYTES)?;
        Ok(Self(text))
    }

    /// Returns `true` if `stored` can be the same text, cut by a build that counts grapheme clusters by
    /// another version of Unicode. Such a text is longer than this line and reaches a limit.
    ///
    /// If two such builds store the same text in turns, the longer one of their two lines stays.
    pub(crate) fn is_shorter_cut_of(&self, stored: &Self) -> bool {
        // A longer text at the limit of bytes can end within a cluster of this build. No cluster
        // that people write is longer.
        const LONGEST_CLUSTER_BYTES: usize = 128;
        let Some(rest) = stored.as_str().strip_prefix(self.as_str()) else {
            return false;
        };
        let end = clean::prefix_len(stored.as_str(), Self::MAX_CLUSTERS, Self::MAX_BYTES);
        let has_more_clusters = end < stored.0.len()
            && stored.0[..end].trim_end_matches(chars::is_trimmed) == self.as_str();
        let is_near_limit = stored.0.len() + LONGEST_CLUSTER_BYTES > Self::MAX_BYTES;
        has_more_clusters || is_near_limit && cluster_indices(rest.trim_start()).count() == 1
    }

    /// Returns the raw text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if the text has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if the text has no visible character.
    pub(crate) fn is_blank(&self) -> bool {
        chars::is_blank(&self.0)
    }

    /// Encodes the text for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> EncodedHtml {
        EncodedHtml::encode_shared(&self.0)
    }
}

/// Checks that a stored single-line text has no control characters and at most `limit` bytes (T8).
pub(super) fn check_stored(text: &str, limit: usize) -> Result<(), SingleLineError> {
    if let Some((at, found)) = text.char_indices().find(|(_, c)| c.is_control()) {
        return Err(SingleLineError::Control { found, at });
    }
    if text.len() > limit {
        return Err(SingleLineError::TooLong { bytes: text.len(), limit });
    }
    Ok(())
}

impl AsRef<str> for SingleLine {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SingleLine {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for SingleLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl_redacted_debug!(SingleLine);
impl_string_serde!(SingleLine, as_str, from_stored);

#[cfg(test)]
mod tests {
    use super::*;

    /// T6: a line is cut at 100 grapheme clusters or 512 bytes. The cut is only between grapheme
    /// clusters, and the line does not end with a space.
    #[test]
    fn t6_a_line_is_cut_between_clusters() {
        let family = "👨‍👩‍👧‍👦";
        let longest = family.repeat(20);
        assert_eq!(SingleLine::new(family.repeat(101)).as_str(), longest, "21 exceed 512 bytes");
        assert_eq!(SingleLine::new("e\u{301}".repeat(101)).as_str(), "e\u{301}".repeat(100));
        assert_eq!(SingleLine::new(format!("{} b", "a".repeat(99))).as_str(), "a".repeat(99));
        assert_eq!(SingleLine::new(format!("a{}", "\u{301}".repeat(300))).as_str(), "");
    }

    /// T8: a stored line is read unchanged, unless no version of this crate could have stored it.
    #[test]
    fn t8_a_stored_line_is_read_unchanged() {
        for stored in ["", "two  spaces ", "\u{202E}", &"x".repeat(512)] {
            assert_eq!(SingleLine::from_stored(stored).unwrap().as_str(), stored);
        }
        assert_eq!(
            SingleLine::from_stored("a\nb"),
            Err(SingleLineError::Control { found: '\n', at: 1 })
        );
        let long = SingleLineError::TooLong { bytes: 513, limit: 512 };
        assert_eq!(SingleLine::from_stored("x".repeat(513)), Err(long));
    }
}
