use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::body::MessageBody;
use super::clusters::cluster_indices;
use super::debug::impl_redacted_debug;
use super::html::EncodedHtml;
use super::limits::PREVIEW_MAX_CLUSTERS;
use super::single_line::{SingleLine, SingleLineError, check_stored};
use super::{chars, clean, fast_path};

/// The beginning of a message on a single line, for lists (T7).
///
/// A preview has at most [`MAX_CLUSTERS`](Self::MAX_CLUSTERS) extended grapheme clusters
/// (UAX #29) of the raw text and is cut only between grapheme clusters. Whitespace runs become
/// one space, and bidirectional formatting characters are dropped. A thread keeps the preview
/// that its last message got when it was written, also if a later build counts by another
/// [Unicode version](crate::UNICODE_VERSION).
///
/// The cost has a fixed bound: a preview reads at most
/// [`MAX_READ_BYTES`](Self::MAX_READ_BYTES) of the body and holds at most
/// [`MAX_BYTES`](Self::MAX_BYTES). A preview that reaches one of these limits counts as cut.
///
/// [`as_str`](Self::as_str) returns the text, and `Display` adds `…` if the preview was
/// cut. `Debug` shows only the length of the text.
///
/// ```
/// use frontdesk::{MessageBody, Preview};
///
/// let short = Preview::of(&MessageBody::new("See you\nat  9!")?);
/// assert_eq!(short.to_string(), "See you at 9!");
/// let question = Preview::of(&MessageBody::new("Is 4 < 5?")?);
/// assert_eq!(question.to_html().to_string(), "Is 4 &lt; 5?");
///
/// let long = Preview::of(&MessageBody::new(&"🇳🇱".repeat(100))?);
/// assert!(long.is_cut());
/// assert_eq!(long.as_str(), "🇳🇱".repeat(Preview::MAX_CLUSTERS));
/// assert!(long.to_string().ends_with("🇳🇱…"));
///
/// let spaces = "x".to_owned() + &" ".repeat(Preview::MAX_READ_BYTES) + "y";
/// assert_eq!(Preview::of(&MessageBody::new(&spaces)?).to_string(), "x…", "y is beyond the limit");
/// # Ok::<(), frontdesk::BodyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(try_from = "PreviewRecord")]
pub struct Preview {
    #[cfg_attr(feature = "schemars", schemars(length(max = 2_048)))]
    text: Arc<str>,
    cut: bool,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
struct PreviewRecord {
    #[cfg_attr(feature = "schemars", schemars(length(max = 2_048)))]
    text: String,
    cut: bool,
}

impl Preview {
    /// Maximum number of extended grapheme clusters: 80.
    pub const MAX_CLUSTERS: usize = PREVIEW_MAX_CLUSTERS;
    /// Maximum number of bytes that are read from a body.
    pub const MAX_READ_BYTES: usize = 4096;
    /// Maximum length of the preview in bytes.
    pub const MAX_BYTES: usize = 2048;

    /// Creates the preview of a message.
    pub fn of(body: &MessageBody) -> Self {
        // Most previews end within the first 512 bytes, so the first attempt on a much
        // longer text reads only these bytes.
        const FIRST_ATTEMPT_BYTES: usize = 512;
        const LONG_TEXT_BYTES: usize = 4 * FIRST_ATTEMPT_BYTES;
        let text = body.as_shared();
        if let Some(end) = fast_path::preview_end(text) {
            let cut = end < text.len();
            let text = if cut { text[..end].trim_end().into() } else { Arc::clone(text) };
            return Self { text, cut };
        }
        if text.len() > LONG_TEXT_BYTES
            && let (preview, true) = Self::of_prefix(text, FIRST_ATTEMPT_BYTES)
        {
            return preview;
        }
        Self::of_prefix(text, Self::MAX_READ_BYTES).0
    }

    /// Creates the preview from at most `max_bytes` bytes of `text`. The returned `bool` is `true`
    /// if the preview is final, which means that reading more bytes cannot change it.
    fn of_prefix(text: &str, max_bytes: usize) -> (Self, bool) {
        let prefix = &text[..floor_char_boundary(text, max_bytes)];
        let is_whole = prefix.len() == text.len();
        let mut line = clean::single_line(prefix);
        if is_whole {
            clean::trim_end(&mut line);
        }
        let (mut end, mut is_final) = (line.len(), is_whole);
        for (count, (start, cluster)) in cluster_indices(&line).enumerate() {
            // The bytes after the prefix can extend the last cluster.
            let is_complete = is_whole || start + cluster.len() < line.len();
            let fits = count < Self::MAX_CLUSTERS && start + cluster.len() <= Self::MAX_BYTES;
            if !(is_complete && fits) {
                // If only whitespace of the prefix is cut off, the bytes after the prefix decide
                // if the message ends there.
                is_final = is_complete && !line[start..].chars().all(chars::is_trimmed);
                end = start;
                break;
            }
        }
        let cut = !is_whole || end < line.len();
        line.truncate(end);
        clean::trim_end(&mut line);
        (Self { text: line.into(), cut }, is_final)
    }

    /// Makes a preview from a label.
    pub(crate) fn of_line(label: &SingleLine) -> Self {
        Self { text: label.as_str().into(), cut: false }
    }

    /// Reads a stored preview and keeps it unchanged (T8).
    ///
    /// ```
    /// use frontdesk::Preview;
    ///
    /// let preview = Preview::from_stored("See you", true)?;
    /// assert_eq!(preview.to_string(), "See you…");
    /// assert!(Preview::from_stored("x".repeat(Preview::MAX_BYTES + 1), false).is_err());
    /// # Ok::<(), frontdesk::SingleLineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a [`SingleLineError`] if the text contains a control character or is
    /// longer than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>, cut: bool) -> Result<Self, SingleLineError> {
        let text = text.into();
        check_stored(&text, Self::MAX_BYTES)?;
        Ok(Self { text, cut })
    }

    /// Returns the text without the `…`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns `true` if the message has more text than the preview.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Encodes the text and its `…` for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> EncodedHtml {
        if self.cut {
            EncodedHtml::encode(&self.to_string())
        } else {
            EncodedHtml::encode_shared(&self.text)
        }
    }
}

/// Returns the last character boundary of `text` at or before `at`.
///
/// `str::floor_char_boundary` requires a newer compiler than the crate's `rust-version`.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cut { f.pad(&format!("{}…", self.text)) } else { f.pad(&self.text) }
    }
}

impl_redacted_debug!(Preview);

impl TryFrom<PreviewRecord> for Preview {
    type Error = SingleLineError;

    fn try_from(record: PreviewRecord) -> Result<Self, SingleLineError> {
        Self::from_stored(record.text, record.cut)
    }
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    #[track_caller]
    fn preview(text: &str) -> Preview {
        Preview::of(&MessageBody::with_limit(text, usize::MAX).unwrap())
    }

    /// T7: 80 grapheme clusters fit, the 81st is cut off, and no preview ends with a space.
    #[test]
    fn t7_a_preview_has_at_most_80_clusters() {
        let fits = preview(&"é".repeat(80));
        assert_eq!((fits.as_str(), fits.is_cut()), (&*"é".repeat(80), false));
        let cut = preview(&"e\u{301}".repeat(81));
        assert_eq!((cut.as_str(), cut.is_cut()), (&*"e\u{301}".repeat(80), true));
        assert_eq!(preview(&format!("{} b", "a".repeat(79))).to_string(), "a".repeat(79) + "…");
    }

    /// T7: grapheme clusters are counted in the text that is shown.
    #[test]
    fn t7_clusters_are_counted_in_the_shown_text() {
        let shown = preview(&"\u{202E}a \n ".repeat(40));
        assert_eq!((shown.as_str(), shown.is_cut()), ("a ".repeat(40).trim(), false));
        // If the formatting character between a letter and a combining mark is dropped, the letter
        // and the mark form one grapheme cluster.
        assert_eq!(preview("e\u{202E}\u{301}").as_str(), "e\u{301}");
    }

    /// T7: leading invisible characters are not shown and do not count.
    #[test]
    fn t7_leading_invisible_characters_do_not_count() {
        for invisible in ["\u{200B}", "\u{2800}", "\u{AD} ", "\u{2060}\n", "\u{FE0F}"] {
            for count in [1, 80, 600] {
                let shown = preview(&(invisible.repeat(count) + "Your room is ready"));
                assert_eq!((shown.as_str(), shown.is_cut()), ("Your room is ready", false));
            }
        }
        let hidden = preview(&("\u{200B}".repeat(80) + &"é".repeat(81)));
        assert_eq!((hidden.as_str(), hidden.is_cut()), (&*"é".repeat(80), true));
        let beyond = preview(&("\u{200B}".repeat(1_366) + "Your room is ready"));
        assert_eq!(beyond.to_string(), "…", "the text is beyond the read limit");
    }

    /// T7: a preview reads and holds a limited number of bytes. If it reaches one of these limits,
    /// it counts as cut.
    #[test]
    fn t7_a_preview_reads_and_holds_a_limited_number_of_bytes() {
        let one_cluster = preview(&format!("a{}", "\u{301}".repeat(5000)));
        assert_eq!((one_cluster.as_str(), one_cluster.is_cut()), ("", true));
        assert_eq!(one_cluster.to_string(), "…");

        let wide_clusters = preview(&format!("a{}", "\u{301}".repeat(49)).repeat(30));
        assert!(wide_clusters.is_cut() && wide_clusters.as_str().len() <= Preview::MAX_BYTES);
        assert_eq!(wide_clusters.as_str().graphemes(true).count(), 2048 / 99);

        let spaces = preview(&format!("a{}b", " ".repeat(5000)));
        assert_eq!(spaces.to_string(), "a…", "b is beyond the read limit");
    }

    /// T7: trimming the end of a text does not count as a cut, even if many characters are trimmed.
    #[test]
    fn t7_trimming_many_characters_is_not_a_cut() {
        for trimmed in ["\u{FEFF}", " "] {
            let stored = format!("a{}", trimmed.repeat(2_100 / trimmed.len()));
            let shown = Preview::of(&MessageBody::from_stored(stored).unwrap());
            assert_eq!((shown.as_str(), shown.is_cut()), ("a", false));
        }
    }

    /// T8: a stored preview of at most 2,048 bytes is read unchanged.
    #[test]
    fn t8_a_stored_preview_is_read_unchanged() {
        let json = serde_json::json!({ "text": "a ".repeat(1024), "cut": false });
        let read: Preview = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert!(Preview::from_stored("a ".repeat(1024) + "b", true).is_err());
        assert!(Preview::from_stored("a\tb", true).is_err());
    }
}
