use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Text that is encoded for HTML, once, at output (T5).
///
/// The characters `& < > " ' /` become character references; all other characters stay. Only
/// `Display`, `Serialize` and [`encoded`](Self::encoded) give access to the text, so encoded text
/// cannot become a body, a name or a preview by accident.
///
/// **A template engine that escapes takes the text, not the encoded text.** An engine does not know
/// that this type is encoded already, and encodes it a second time in silence. Only the engine's
/// safe form (for example `{{ entry.html|safe }}`) prints it unchanged. With the feature `askama`
/// or `maud`, that engine prints this type unchanged without the safe form. The page
/// [`template_engines`](crate::template_engines) has the output of each engine.
///
/// Encoded text is **safe** as element content and as an attribute value in double or
/// single quotes. It is **not safe**:
///
/// - in an unquoted attribute value;
/// - inside `<script>`, `<style>` or a comment;
/// - as a whole URL in `href` or `src`, because encoding does not change `javascript:`;
/// - in an `on...` event handler.
///
/// Line breaks stay line feeds. To show them, style the element with
/// `white-space: pre-wrap`.
///
/// ```
/// use frontdesk::EncodedHtml;
///
/// let title = EncodedHtml::encode("Fish & \"chips\"");
/// assert_eq!(format!("<p title=\"{title}\">"), "<p title=\"Fish &amp; &quot;chips&quot;\">");
/// ```
///
/// ```compile_fail,E0308,E0599
/// # use frontdesk::EncodedHtml;
/// let twice = EncodedHtml::encode(&EncodedHtml::encode("a < b"));
/// # fn needs_str(_: &str) {}
/// let text: &str = EncodedHtml::encode("a < b").as_ref();
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EncodedHtml(Arc<str>);

impl EncodedHtml {
    /// Encodes any text.
    ///
    /// An HTML parser turns CR into a line feed and drops NUL, so it does not return these two
    /// characters. The texts of this crate contain neither of them (T3).
    pub fn encode(text: &str) -> Self {
        let mut html = String::with_capacity(text.len() + text.len() / 8);
        Self::encode_into(text, &mut html);
        Self(html.into())
    }

    /// Encodes any text and appends it to `html`, for pages that are built in one buffer.
    ///
    /// ```
    /// let mut page = String::from("<li>");
    /// frontdesk::EncodedHtml::encode_into("a < b", &mut page);
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

    /// Returns the encoded text, for the safe form of a template engine.
    ///
    /// ```
    /// let html = frontdesk::EncodedHtml::encode("a < b");
    /// assert_eq!(html.encoded(), "a &lt; b");
    /// ```
    pub fn encoded(&self) -> &str {
        &self.0
    }

    /// Encodes `text`, or shares it if it needs no encoding.
    pub(super) fn encode_shared(text: &Arc<str>) -> Self {
        if needs_encoding(text) { Self::encode(text) } else { Self(Arc::clone(text)) }
    }
}

/// Returns `true` if `text` contains a character that [`EncodedHtml`] encodes.
///
/// The search goes through blocks of fixed size, because the compiler turns the loop over
/// a block into vector instructions. The last block overlaps the block before it.
fn needs_encoding(text: &str) -> bool {
    fn any_special(block: &[u8]) -> bool {
        block.iter().fold(0, |any, &byte| any | special_bit(byte)) != 0
    }
    fn any_special_in_blocks<const N: usize>(bytes: &[u8]) -> Option<bool> {
        let last = bytes.last_chunk::<N>()?;
        let blocks = bytes.as_chunks::<N>().0;
        Some(blocks.iter().any(|block| any_special(block)) || any_special(last))
    }
    let bytes = text.as_bytes();
    any_special_in_blocks::<32>(bytes)
        .or_else(|| any_special_in_blocks::<8>(bytes))
        .unwrap_or_else(|| any_special(bytes))
}

/// Returns 1 for `&`, `'`, `<`, `>`, `"` and `/`, and 0 for any other byte.
fn special_bit(byte: u8) -> u8 {
    let pairs = u8::from(byte | 1 == b'\'') | u8::from(byte | 2 == b'>');
    pairs | u8::from(byte == b'"') | u8::from(byte == b'/')
}

impl fmt::Display for EncodedHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lets askama print the encoded text unchanged: `{{ entry.html }}` does not encode it twice.
#[cfg(feature = "askama")]
impl askama::filters::HtmlSafe for EncodedHtml {}

/// Lets maud print the encoded text unchanged: `(html)` does not encode it twice.
#[cfg(feature = "maud")]
impl maud::Render for EncodedHtml {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.0);
    }
}

impl fmt::Debug for EncodedHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedHtml({} bytes)", self.0.len())
    }
}

impl Serialize for EncodedHtml {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The encoding of T5, character by character.
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

    /// T5: `special_bit` returns 1 for exactly the bytes that the naive encoder encodes.
    #[test]
    fn t5_special_bytes_are_the_encoded_bytes() {
        for byte in 0..=127 {
            let text = char::from(byte).to_string();
            assert_eq!(special_bit(byte) == 1, naive(&text) != text, "byte {byte}");
        }
        assert!((128..=255).all(|byte| special_bit(byte) == 0));
    }

    /// T5: the encoder agrees with the naive encoder at every length and alignment that
    /// the vector code can treat differently.
    #[test]
    fn t5_the_encoder_agrees_with_the_naive_encoder_at_every_length_and_alignment() {
        let text: String = "ab<c>&é\"d'/👍x".chars().cycle().take(400).collect();
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(40).collect();
        for start in starts {
            for end in (start..=start + 300).filter(|&at| text.is_char_boundary(at)) {
                let part = &text[start..end];
                assert_eq!(EncodedHtml::encode(part).to_string(), naive(part));
            }
        }
        for len in 0..=300 {
            for special in 0..len {
                let mut plain = "a".repeat(len);
                plain.replace_range(special..=special, "<");
                assert_eq!(EncodedHtml::encode(&plain).to_string(), naive(&plain));
            }
        }
    }

    proptest! {
        /// T5: the encoder agrees with the naive encoder on any text.
        #[test]
        fn t5_the_encoder_agrees_with_the_naive_encoder(text in "\\PC*|[a&<>\"'/é]{0,200}") {
            prop_assert_eq!(EncodedHtml::encode(&text).to_string(), naive(&text));
            let shared = Arc::<str>::from(text.as_str());
            let html = EncodedHtml::encode_shared(&shared);
            prop_assert_eq!(html.to_string(), naive(&text));
            prop_assert_eq!(Arc::ptr_eq(&html.0, &shared), naive(&text) == text);
        }
    }
}
