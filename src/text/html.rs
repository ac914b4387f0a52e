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
/// ```compile_fail,E0308,E0599
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

/// In blocks of bytes, which the compiler makes vector instructions of (a sixth
/// of what `bytes().any(..)` takes on English messages); the last block overlaps
/// the one before it.
fn needs_encoding(text: &str) -> bool {
    fn any_in(block: &[u8]) -> bool {
        block.iter().fold(0, |any, &byte| any | special(byte)) != 0
    }
    fn in_blocks<const N: usize>(bytes: &[u8]) -> Option<bool> {
        let last = bytes.last_chunk::<N>()?;
        Some(bytes.as_chunks::<N>().0.iter().any(|block| any_in(block)) || any_in(last))
    }
    let bytes = text.as_bytes();
    in_blocks::<32>(bytes).or_else(|| in_blocks::<8>(bytes)).unwrap_or_else(|| any_in(bytes))
}

/// 1 for `&` and `'`, `<` and `>`, `"`, `/`, else 0.
fn special(byte: u8) -> u8 {
    let pairs = u8::from(byte | 1 == b'\'') | u8::from(byte | 2 == b'>');
    pairs | u8::from(byte == b'"') | u8::from(byte == b'/')
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

    /// T5: a byte is special exactly when the definition encodes it.
    #[test]
    fn t5_the_special_bytes_are_those_that_are_encoded() {
        for byte in 0..=127 {
            let text = char::from(byte).to_string();
            assert_eq!(special(byte) == 1, naive(&text) != text, "byte {byte}");
        }
        assert!((128..=255).all(|byte| special(byte) == 0));
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
        for len in 0..=300 {
            for special in 0..len {
                let mut plain = "a".repeat(len);
                plain.replace_range(special..=special, "<");
                assert_eq!(Html::encode(&plain).to_string(), naive(&plain));
            }
        }
    }

    proptest! {
        /// T5: the encoder agrees with its definition on any text.
        #[test]
        fn t5_encoding_equals_its_definition(text in "\\PC*|[a&<>\"'/é]{0,200}") {
            prop_assert_eq!(Html::encode(&text).to_string(), naive(&text));
            let shared = Arc::<str>::from(text.as_str());
            let html = Html::of_shared(&shared);
            prop_assert_eq!(html.to_string(), naive(&text));
            prop_assert_eq!(Arc::ptr_eq(&html.0, &shared), naive(&text) == text);
        }
    }
}
