use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::fmt_hidden;

/// Text encoded for HTML, once, at output (T5).
///
/// `Display` and `Serialize` only: there is no way back to a body, a name or a
/// preview by accident, so nothing is encoded twice. `& < > " ' /` become
/// character references; everything else stays.
///
/// **Safe** as element content and as an attribute value in double or single
/// quotes. **Not safe**, as no encoding of this kind is: in an unquoted
/// attribute value; inside `<script>`, `<style>` or a comment; as a whole URL in
/// `href` or `src` (`javascript:` has nothing to encode); in an `on...` handler.
/// Line breaks are kept: style the element with `white-space: pre-wrap`.
///
/// ```
/// use frontdesk::Html;
///
/// let title = Html::encode("Fish & \"chips\"");
/// assert_eq!(format!("<p title=\"{title}\">"), "<p title=\"Fish &amp; &quot;chips&quot;\">");
/// ```
///
/// ```compile_fail,E0277
/// # use frontdesk::Html;
/// let twice = Html::encode(&Html::encode("a < b"));
/// # fn needs_str(_: &str) {}
/// let text: &str = Html::encode("a < b").as_ref();
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Html(Arc<str>);

impl Html {
    /// Encodes any text. HTML itself turns CR into a line feed and drops NUL;
    /// the crate's own texts hold neither (T3).
    pub fn encode(text: &str) -> Self {
        let mut html = String::with_capacity(text.len() + text.len() / 8);
        Self::encode_into(text, &mut html);
        Self(html.into())
    }

    /// Encodes any text to the end of `html`, for pages that are built in one buffer.
    ///
    /// ```
    /// let mut page = String::from("<li>");
    /// frontdesk::Html::encode_into("a < b", &mut page);
    /// assert_eq!(page, "<li>a &lt; b");
    /// ```
    pub fn encode_into(text: &str, html: &mut String) {
        if needs_encoding(text) {
            // Writing to a String cannot fail.
            let _ = write!(html, "{}", v_htmlescape::escape(text));
        } else {
            html.push_str(text);
        }
    }

    /// Shares `text` when nothing in it needs encoding.
    pub(super) fn of_shared(text: &Arc<str>) -> Self {
        if needs_encoding(text) { Self::encode(text) } else { Self(Arc::clone(text)) }
    }
}

fn needs_encoding(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\'' | b'/'))
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_hidden("Html", &self.0, f)
    }
}

impl Serialize for Html {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// T5's encoding by its definition, a character at a time.
    fn naive(text: &str) -> String {
        text.chars()
            .map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                '"' => "&quot;".to_owned(),
                '\'' => "&#x27;".to_owned(),
                '/' => "&#x2f;".to_owned(),
                c => c.to_string(),
            })
            .collect()
    }

    /// T5: the encoder agrees with its definition at every length and every
    /// alignment its vector code could treat differently.
    #[test]
    fn t5_encoding_equals_its_definition_at_every_length_and_alignment() {
        let text: String = "ab<c>&é\"d'/👍x".chars().cycle().take(400).collect();
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(40).collect();
        for start in starts {
            for end in (start..=start + 300).filter(|&at| text.is_char_boundary(at)) {
                let part = &text[start..end];
                assert_eq!(Html::encode(part).to_string(), naive(part));
            }
        }
    }

    proptest! {
        /// T5: the encoder agrees with its definition on any text.
        #[test]
        fn t5_encoding_equals_its_definition(text in "\\PC*|[a&<>\"'/é]{0,200}") {
            prop_assert_eq!(Html::encode(&text).to_string(), naive(&text));
            let shared = Arc::<str>::from(text.as_str());
            prop_assert_eq!(Html::of_shared(&shared).to_string(), naive(&text));
        }
    }
}
