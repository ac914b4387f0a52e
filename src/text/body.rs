use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::chars::{self, is_line_break};
use super::debug::impl_redacted_debug;
use super::html::EncodedHtml;
use super::string_serde::impl_string_serde;

/// Raw text of a message, which is validated on construction (T1 to T5).
///
/// - Line breaks become `\n`, and leading and trailing whitespace is trimmed. Inner line
///   breaks and spaces stay as typed (T1).
/// - A body has at least one visible character (T2).
/// - A body contains no control characters except `\n` and `\t` (T3).
/// - A body has at most [`DEFAULT_MAX_CHARS`](Self::DEFAULT_MAX_CHARS) `char`s, unless the host
///   application sets another limit (T4). It always has at most
///   [`MAX_BYTES`](Self::MAX_BYTES) bytes (T8).
///
/// A body is stored, compared and serialized raw. [`to_html`](Self::to_html) encodes the text
/// for output. Cloning shares the text. `Display` prints the raw text, for template engines that
/// escape. `Debug` shows only the length of the text.
///
/// ```
/// use frontdesk::{BodyError, MessageBody};
///
/// let body = MessageBody::new("  Can we bring <b>two</b> dogs?\r\n")?;
/// assert_eq!(body.as_str(), "Can we bring <b>two</b> dogs?");
/// assert_eq!(body.to_string(), body.as_str());
/// assert_eq!(body.to_html().to_string(), "Can we bring &lt;b&gt;two&lt;&#x2f;b&gt; dogs?");
///
/// assert_eq!(MessageBody::new(" \u{200B}\n"), Err(BodyError::Blank));
/// # Ok::<(), BodyError>(())
/// ```
///
/// Encoded text has a separate type and cannot become a body again (T5):
///
/// ```compile_fail,E0308
/// # use frontdesk::MessageBody;
/// let body = MessageBody::new("fish & chips").unwrap();
/// let twice = MessageBody::new(body.to_html());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageBody(Arc<str>);

/// Error for a text that is not a valid [`MessageBody`].
///
/// The error never contains the text. Lengths and offsets in the error refer to the text after
/// its ends were trimmed and its line breaks were replaced (T1).
///
/// ```
/// use frontdesk::{BodyError, MessageBody};
///
/// let error = MessageBody::with_limit("Hello!", 5).unwrap_err();
/// assert_eq!(error, BodyError::TooLong { chars: 6, limit: 5 });
/// assert_eq!(error.to_string(), "message has 6 characters, the limit is 5");
/// let bell = MessageBody::new("ding\u{7}");
/// assert_eq!(bell, Err(BodyError::Control { found: '\u{7}', at: 4 }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The text has no visible character (T2).
    #[error("message is blank: it has no visible character")]
    Blank,
    /// The text contains a forbidden control character (T3).
    #[error("message contains the control character U+{:04X} at byte {at}", u32::from(*.found))]
    Control {
        /// The first forbidden control character.
        found: char,
        /// The byte offset of the character.
        at: usize,
    },
    /// The text has more characters than the limit (T4).
    #[error("message has {chars} characters, the limit is {limit}")]
    TooLong {
        /// The number of `char`s.
        chars: usize,
        /// The maximum number of `char`s.
        limit: usize,
    },
    /// The text has more than [`MessageBody::MAX_BYTES`] bytes (T8). This limit applies even if
    /// the host application allows more characters.
    #[error("message has {bytes} bytes, the limit is {limit}", limit = MessageBody::MAX_BYTES)]
    TooLarge {
        /// The number of bytes.
        bytes: usize,
    },
}

impl MessageBody {
    /// Default maximum number of `char`s, which the host application can change (T4).
    pub const DEFAULT_MAX_CHARS: usize = 10_000;
    /// Maximum length in bytes, which the host application cannot change: 1 MiB (T8).
    pub const MAX_BYTES: usize = 1 << 20;

    /// Validates a text as typed, with the default limit.
    ///
    /// # Errors
    ///
    /// Returns a [`BodyError`] if the text is blank, contains a control character or is
    /// too long.
    pub fn new(text: &str) -> Result<Self, BodyError> {
        Self::with_limit(text, Self::DEFAULT_MAX_CHARS)
    }

    /// Validates a text as typed, with a limit in `char`s that the host application sets.
    ///
    /// # Errors
    ///
    /// Returns a [`BodyError`] if the text is blank, contains a control character or is
    /// too long.
    pub fn with_limit(text: &str, max_chars: usize) -> Result<Self, BodyError> {
        if is_plain(text) && text.len() <= max_chars.min(Self::MAX_BYTES) {
            return Ok(Self(text.into()));
        }
        Self::validate(text, max_chars)
    }

    fn validate(text: &str, max_chars: usize) -> Result<Self, BodyError> {
        let text = normalize(text);
        if chars::is_blank(&text) {
            return Err(BodyError::Blank);
        }
        Self::check_stored(&text)?;
        let chars = text.chars().count();
        if chars > max_chars {
            return Err(BodyError::TooLong { chars, limit: max_chars });
        }
        Ok(Self(text.into()))
    }

    /// Reads a stored body and keeps it unchanged.
    ///
    /// This method checks only what a body guarantees in every version of this crate (T8). A body
    /// that was accepted under a newer Unicode version or a larger limit is therefore read without
    /// an error.
    ///
    /// ```
    /// use frontdesk::MessageBody;
    ///
    /// let long = "x".repeat(MessageBody::DEFAULT_MAX_CHARS + 1);
    /// assert!(MessageBody::new(&long).is_err());
    /// assert!(MessageBody::from_stored(long).is_ok());
    /// assert!(MessageBody::from_stored("x".repeat(MessageBody::MAX_BYTES + 1)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a [`BodyError`] if the text is empty, contains a control character (for
    /// example a carriage return) or is larger than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, BodyError> {
        let text = text.into();
        if text.is_empty() {
            return Err(BodyError::Blank);
        }
        Self::check_stored(&text)?;
        Ok(Self(text))
    }

    fn check_stored(text: &str) -> Result<(), BodyError> {
        let is_forbidden = |c: char| c.is_control() && c != '\n' && c != '\t';
        if let Some((at, found)) = text.char_indices().find(|&(_, c)| is_forbidden(c)) {
            return Err(BodyError::Control { found, at });
        }
        if text.len() > Self::MAX_BYTES {
            return Err(BodyError::TooLarge { bytes: text.len() });
        }
        Ok(())
    }

    /// Returns `true` if `text`, with its ends trimmed and its line breaks replaced (T1), equals
    /// this body.
    ///
    /// ```
    /// # use frontdesk::MessageBody;
    /// let body = MessageBody::new("One\r\ntwo ")?;
    /// assert!(body.matches_input(" One\ntwo"));
    /// assert!(!body.matches_input("One two"));
    /// # Ok::<(), frontdesk::BodyError>(())
    /// ```
    pub fn matches_input(&self, text: &str) -> bool {
        *self.0 == *normalize(text)
    }

    /// Returns the raw text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the raw text as a pointer that can be shared.
    pub(super) fn as_shared(&self) -> &Arc<str> {
        &self.0
    }

    /// Encodes the text for element content and quoted attribute values (T5).
    ///
    /// A text that needs no encoding is shared, not copied.
    pub fn to_html(&self) -> EncodedHtml {
        EncodedHtml::encode_shared(&self.0)
    }
}

/// Returns `true` if `text` is not empty, has only visible ASCII characters, spaces and line
/// feeds, and is already trimmed. Validation accepts a text of this kind unchanged (T1 to T3).
///
/// Most English messages are plain. This check reads many bytes at once. With it, the validation
/// of such a message takes a tenth of the instructions
/// (`cargo bench -p frontdesk-benches --bench instructions`).
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_trimmed = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
    // The loop has no early exit, so that the compiler vectorizes it.
    let is_allowed = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
    is_trimmed(bytes.first())
        && is_trimmed(bytes.last())
        && bytes.iter().fold(true, |plain, &byte| plain & is_allowed(byte))
}

/// Replaces line breaks by `\n` and trims the ends (T1).
fn normalize(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(chars::is_trimmed);
    if !text.contains(is_line_break) {
        return Cow::Borrowed(text);
    }
    let mut normalized = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' {
            chars.next_if_eq(&'\n');
        }
        normalized.push(if is_line_break(c) { '\n' } else { c });
    }
    Cow::Owned(normalized)
}

impl AsRef<str> for MessageBody {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl_redacted_debug!(MessageBody);
impl_string_serde!(MessageBody, as_str, from_stored);

impl FromStr for MessageBody {
    type Err = BodyError;

    fn from_str(text: &str) -> Result<Self, BodyError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// T1: each line break becomes `\n`, the ends are trimmed, and inner spaces stay.
    #[test]
    fn t1_line_breaks_become_line_feeds_and_the_ends_are_trimmed() {
        let typed = "\u{FEFF} \t\u{3000}a\r\nb\rc\u{B}d\u{C}e\u{85}f\u{2028}g\u{2029}h\n\n  i \
                     \u{A0}\r\n\u{FEFF}";
        let body = MessageBody::new(typed).unwrap();
        assert_eq!(body.as_str(), "a\nb\nc\nd\ne\nf\ng\nh\n\n  i");
        assert!(body.matches_input(typed));
        assert!(!body.matches_input("a"));
    }

    /// T2: a text without a visible character is blank; prepended marks are visible.
    #[test]
    fn t2_a_text_without_a_visible_character_is_blank() {
        for blank in [
            "",
            " ",
            "\r\n\t",
            "\u{200B}",
            "\u{2060} \u{AD}\n\u{3164}",
            "\u{FEFF}",
            "\u{E0041}\u{FE0F}",
            "\u{2800}",
            "\u{2800} \u{200B}\u{2800}",
        ] {
            assert_eq!(MessageBody::new(blank), Err(BodyError::Blank), "{blank:?}");
        }
        for visible in ["\u{600}", "\u{6DD}", "\u{70F}", ".", "\u{2801}", "a\u{200B}"] {
            assert!(MessageBody::new(visible).is_ok(), "{visible:?}");
        }
    }

    /// T3: a control character is rejected. The error contains its byte offset in the text after
    /// the normalization (T1).
    #[test]
    fn t3_control_characters_are_rejected_with_their_offset() {
        assert_eq!(MessageBody::new("  é\0b"), Err(BodyError::Control { found: '\0', at: 2 }));
        let allowed = ['\t', '\n', '\r', '\u{B}', '\u{C}', '\u{85}'];
        for c in ('\0'..='\u{9F}').filter(|c| c.is_control()) {
            assert_eq!(MessageBody::new(&format!("a{c}b")).is_ok(), allowed.contains(&c), "{c:?}");
        }
        assert_eq!(MessageBody::new("\u{7F}"), Err(BodyError::Control { found: '\u{7F}', at: 0 }));
    }

    /// T4: the limit counts `char`s after the normalization (T1). The error contains the length and
    /// the limit.
    #[test]
    fn t4_a_body_has_at_most_10_000_chars_or_the_hosts_limit() {
        let longest = "é".repeat(10_000);
        assert!(MessageBody::new(&format!(" {longest} ")).is_ok());
        assert!(MessageBody::new(&"\r\n".repeat(9_998).replace("\r\n", "x\r\n")[..]).is_err());
        assert_eq!(
            MessageBody::new(&format!("{longest}é")),
            Err(BodyError::TooLong { chars: 10_001, limit: 10_000 })
        );
        assert_eq!(
            MessageBody::with_limit("four", 3),
            Err(BodyError::TooLong { chars: 4, limit: 3 })
        );
    }

    /// T8: a body has at most 1 MiB, even if the host application allows more characters.
    #[test]
    fn t8_a_body_has_at_most_one_mebibyte() {
        let largest = "x".repeat(MessageBody::MAX_BYTES);
        assert!(MessageBody::with_limit(&largest, usize::MAX).is_ok());
        let too_large = largest + "x";
        let error = BodyError::TooLarge { bytes: MessageBody::MAX_BYTES + 1 };
        assert_eq!(MessageBody::with_limit(&too_large, usize::MAX), Err(error.clone()));
        assert_eq!(MessageBody::from_stored(too_large), Err(error));
    }

    /// T8: reading a stored body does not check blankness, trimming or the character limit,
    /// but rejects a text that no version could have stored.
    #[test]
    fn t8_a_stored_body_is_read_unless_no_version_could_have_stored_it() {
        for stored in ["\u{200B}".to_owned(), " x ".to_owned(), "x".repeat(20_000)] {
            assert_eq!(MessageBody::from_stored(stored.as_str()).unwrap().as_str(), stored);
        }
        for invalid in ["", "a\rb", "\0", "a\u{85}"] {
            assert!(MessageBody::from_stored(invalid).is_err(), "{invalid:?}");
        }
        let error = serde_json::from_str::<MessageBody>(r#""a\u0000b""#).unwrap_err();
        assert!(error.to_string().contains("control character U+0000 at byte 1"), "{error}");
    }

    proptest! {
        /// T1, T8: an accepted body does not change if it is validated again or read again.
        #[test]
        fn t1_an_accepted_body_is_a_fixed_point(
            text in "\\PC{0,30}|[ \\r\\n\\t\u{85}\u{2028}ab\u{FEFF}\u{200B}]{0,20}",
        ) {
            if let Ok(body) = MessageBody::new(&text) {
                prop_assert_eq!(&MessageBody::new(body.as_str()).unwrap(), &body);
                prop_assert_eq!(&MessageBody::from_stored(body.as_str()).unwrap(), &body);
                prop_assert!(body.matches_input(&text));
            }
        }

        /// T1 to T4: the check for plain texts changes no result.
        #[test]
        fn t1_the_check_for_plain_texts_changes_no_result(
            text in "[ -~\\n]{0,40}|[ \\r\\n\\t\\x00\\x7Fab\u{85}é]{0,8}",
            limit in 0_usize..40,
        ) {
            prop_assert_eq!(
                MessageBody::with_limit(&text, limit),
                MessageBody::validate(&text, limit)
            );
        }
    }
}
