use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::line::check_stored;
use super::{Html, LineError, MessageBody, chars, fmt_hidden, simple};

/// The beginning of a message on one line, for a list (T7).
///
/// At most [`MAX_CLUSTERS`](Self::MAX_CLUSTERS) extended grapheme clusters
/// (UAX #29) of the raw text, never cut inside one. Whitespace runs are one
/// space, bidirectional formatting characters are dropped. Its cost is bounded
/// whatever the text: at most [`MAX_READ_BYTES`](Self::MAX_READ_BYTES) of the
/// body are read and at most [`MAX_BYTES`](Self::MAX_BYTES) are held, and
/// reaching a bound counts as cut.
///
/// `as_str` is the text alone, `Display` adds `…` when it was cut. `Debug` shows
/// its length only.
///
/// ```
/// use frontdesk::{MessageBody, Preview};
///
/// let short = Preview::of(&MessageBody::new("See you\nat  9!")?);
/// assert_eq!(short.to_string(), "See you at 9!");
/// let asked = Preview::of(&MessageBody::new("Is 4 < 5?")?);
/// assert_eq!(asked.to_html().to_string(), "Is 4 &lt; 5?");
///
/// let long = Preview::of(&MessageBody::new(&"🇳🇱".repeat(100))?);
/// assert!(long.is_cut());
/// assert_eq!(long.as_str(), "🇳🇱".repeat(Preview::MAX_CLUSTERS));
/// assert!(long.to_string().ends_with("🇳🇱…"));
///
/// let blanks = "x".to_owned() + &" ".repeat(Preview::MAX_READ_BYTES) + "y";
/// assert_eq!(Preview::of(&MessageBody::new(&blanks)?).to_string(), "x…", "y is not read");
/// # Ok::<(), frontdesk::BodyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PreviewRecord")]
pub struct Preview {
    text: Arc<str>,
    cut: bool,
}

#[derive(Deserialize)]
struct PreviewRecord {
    text: String,
    cut: bool,
}

impl Preview {
    /// The most grapheme clusters that are shown.
    pub const MAX_CLUSTERS: usize = 80;
    /// The most bytes of a body that are read.
    pub const MAX_READ_BYTES: usize = 4096;
    /// The most bytes that are held.
    pub const MAX_BYTES: usize = 2048;

    /// The preview of a message.
    pub fn of(body: &MessageBody) -> Self {
        // Most previews end in the first bytes: of a text that is much longer, no more
        // is read at first.
        const MOST_END_BY: usize = 512;
        const MUCH_LONGER: usize = 4 * MOST_END_BY;
        let text = body.as_shared();
        if let Some(end) = simple::end_of_preview(text) {
            let cut = end < text.len();
            let text = if cut { text[..end].trim_end().into() } else { Arc::clone(text) };
            return Self { text, cut };
        }
        if text.len() > MUCH_LONGER
            && let (preview, true) = Self::of_beginning(text, MOST_END_BY)
        {
            return preview;
        }
        Self::of_beginning(text, Self::MAX_READ_BYTES).0
    }

    /// The preview when no more than `most` bytes are read, and whether reading on
    /// would not change it.
    fn of_beginning(text: &str, most: usize) -> (Self, bool) {
        let read = &text[..floor_char_boundary(text, most)];
        let is_whole = read.len() == text.len();
        let mut line = chars::one_line(read);
        if is_whole {
            chars::trim_end(&mut line);
        }
        let (mut end, mut is_sure) = (line.len(), is_whole);
        for (count, (start, cluster)) in line.grapheme_indices(true).enumerate() {
            let is_known = is_whole || start + cluster.len() < line.len();
            let fits = count < Self::MAX_CLUSTERS && start + cluster.len() <= Self::MAX_BYTES;
            // The last cluster may go on in what was not read.
            if !(is_known && fits) {
                // What is cut off may be trimmed with what was not read.
                is_sure = is_known && !line[start..].chars().all(chars::is_trimmed);
                end = start;
                break;
            }
        }
        let cut = !is_whole || end < line.len();
        line.truncate(end);
        chars::trim_end(&mut line);
        (Self { text: line.into(), cut }, is_sure)
    }

    /// Takes a text that was a preview before, as it is; only T8 is checked.
    ///
    /// ```
    /// use frontdesk::Preview;
    ///
    /// let preview = Preview::from_stored("See you", true)?;
    /// assert_eq!(preview.to_string(), "See you…");
    /// assert!(Preview::from_stored("x".repeat(Preview::MAX_BYTES + 1), false).is_err());
    /// # Ok::<(), frontdesk::LineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LineError`] when it holds a control character or is longer than
    /// [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>, cut: bool) -> Result<Self, LineError> {
        let text = text.into();
        check_stored(&text, Self::MAX_BYTES)?;
        Ok(Self { text, cut })
    }

    /// The text alone, without the `…`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is more in the message than is shown.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The text and its `…` for element content and quoted attribute values (T5).
    pub fn to_html(&self) -> Html {
        if self.cut { Html::encode(&self.to_string()) } else { Html::of_shared(&self.text) }
    }
}

/// The last character boundary of `text` at or before `at`.
/// (`str::floor_char_boundary` is newer than our `rust-version`.)
fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cut { f.pad(&format!("{}…", self.text)) } else { f.pad(&self.text) }
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_hidden("Preview", &self.text, f)
    }
}

impl TryFrom<PreviewRecord> for Preview {
    type Error = LineError;

    fn try_from(record: PreviewRecord) -> Result<Self, LineError> {
        Self::from_stored(record.text, record.cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn preview(text: &str) -> Preview {
        Preview::of(&MessageBody::with_limit(text, usize::MAX).unwrap())
    }

    /// T7: 80 clusters fit, the 81st is cut, and no space is left at the cut.
    #[test]
    fn t7_a_preview_has_at_most_80_clusters() {
        let fits = preview(&"é".repeat(80));
        assert_eq!((fits.as_str(), fits.is_cut()), (&*"é".repeat(80), false));
        let cut = preview(&"e\u{301}".repeat(81));
        assert_eq!((cut.as_str(), cut.is_cut()), (&*"e\u{301}".repeat(80), true));
        assert_eq!(preview(&format!("{} b", "a".repeat(79))).to_string(), "a".repeat(79) + "…");
    }

    /// T7: clusters are counted in the text that is shown.
    #[test]
    fn t7_clusters_are_counted_in_what_is_shown() {
        let spaced = "\u{202E}a \n ".repeat(40);
        let shown = preview(&spaced);
        assert_eq!((shown.as_str(), shown.is_cut()), ("a ".repeat(40).trim(), false));
        // A dropped character no longer stands between a letter and its mark.
        assert_eq!(preview("e\u{202E}\u{301}").as_str(), "e\u{301}");
    }

    /// T7: reaching a bound counts as cut; what is read and held is bounded.
    #[test]
    fn t7_what_is_read_and_held_is_bounded() {
        let one_cluster = preview(&format!("a{}", "\u{301}".repeat(5000)));
        assert_eq!((one_cluster.as_str(), one_cluster.is_cut()), ("", true));
        assert_eq!(one_cluster.to_string(), "…");

        let wide_clusters = preview(&format!("a{}", "\u{301}".repeat(49)).repeat(30));
        assert!(wide_clusters.is_cut() && wide_clusters.as_str().len() <= Preview::MAX_BYTES);
        assert_eq!(wide_clusters.as_str().graphemes(true).count(), 2048 / 99);

        let spaces = preview(&format!("a{}b", " ".repeat(5000)));
        assert_eq!(spaces.to_string(), "a…", "the end was not read");
    }

    /// T7: what is trimmed at the end is not a cut, however long it is.
    #[test]
    fn t7_a_long_end_that_is_trimmed_is_no_cut() {
        for trimmed in ["\u{FEFF}", " "] {
            let stored = format!("a{}", trimmed.repeat(2_100 / trimmed.len()));
            let shown = Preview::of(&MessageBody::from_stored(stored).unwrap());
            assert_eq!((shown.as_str(), shown.is_cut()), ("a", false));
        }
    }

    /// T8: a stored preview is read back as it is, up to 2,048 bytes.
    #[test]
    fn t8_a_stored_preview_is_read_back_as_it_is() {
        let json = serde_json::json!({ "text": "a ".repeat(1024), "cut": false });
        let read: Preview = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert!(Preview::from_stored("a ".repeat(1024) + "b", true).is_err());
        assert!(Preview::from_stored("a\tb", true).is_err());
    }
}
