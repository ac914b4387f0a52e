use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Html, chars, fmt_hidden};

/// What somebody wrote: raw text, checked once at the door (T1 to T5).
///
/// - Line breaks are `\n`; leading and trailing whitespace is gone; what is
///   inside stays as typed (T1).
/// - Something in it is visible (T2).
/// - No control characters but `\n` and `\t` (T3).
/// - At most [`DEFAULT_MAX_CHARS`](Self::DEFAULT_MAX_CHARS) `char`s, or what the
///   host sets instead (T4), and never more than [`MAX_BYTES`](Self::MAX_BYTES) (T8).
///
/// It is stored, compared and serialized raw. [`to_html`](Self::to_html) is for
/// output. Cloning shares the text. `Debug` shows its length only.
///
/// ```
/// use frontdesk::{BodyError, MessageBody};
///
/// let body = MessageBody::new("  Can we bring <b>two</b> dogs?\r\n")?;
/// assert_eq!(body.as_str(), "Can we bring <b>two</b> dogs?");
/// assert_eq!(body.to_html().to_string(), "Can we bring &lt;b&gt;two&lt;&#x2f;b&gt; dogs?");
///
/// assert_eq!(MessageBody::new(" \u{200B}\n"), Err(BodyError::Blank));
/// # Ok::<(), BodyError>(())
/// ```
///
/// Encoded text is a type of its own and cannot become a body again (T5):
///
/// ```compile_fail,E0308
/// # use frontdesk::MessageBody;
/// let body = MessageBody::new("fish & chips").unwrap();
/// let twice = MessageBody::new(body.to_html());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageBody(Arc<str>);

/// Why a text is not a [`MessageBody`]. The text itself is never in the error.
///
/// ```
/// use frontdesk::{BodyError, MessageBody};
///
/// let error = MessageBody::with_limit("Hello!", 5).unwrap_err();
/// assert_eq!(error, BodyError::TooLong { chars: 6, limit: 5 });
/// assert_eq!(error.to_string(), "message has 6 characters, more than 5");
/// let bell = MessageBody::new("ding\u{7}");
/// assert_eq!(bell, Err(BodyError::Control { found: '\u{7}', at: 4 }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Nothing in it is visible (T2).
    #[error("message is blank")]
    Blank,
    /// A control character is left after T1 (T3).
    #[error("message holds the control character U+{:04X} at byte {at}", u32::from(*.found))]
    Control {
        /// The character.
        found: char,
        /// Its byte offset in the text after T1.
        at: usize,
    },
    /// More characters than allowed (T4).
    #[error("message has {chars} characters, more than {limit}")]
    TooLong {
        /// How many `char`s it has after T1.
        chars: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// More than [`MessageBody::MAX_BYTES`], whatever the limit in characters (T8).
    #[error("message has {bytes} bytes, more than {max}", max = MessageBody::MAX_BYTES)]
    TooLarge {
        /// How many bytes it has after T1.
        bytes: usize,
    },
}

impl MessageBody {
    /// How many `char`s a body may have unless the host says otherwise (T4).
    pub const DEFAULT_MAX_CHARS: usize = 10_000;
    /// How many bytes a body may ever have: 1 MiB (T8).
    pub const MAX_BYTES: usize = 1 << 20;

    /// Takes what somebody typed, with the default limit.
    ///
    /// # Errors
    ///
    /// [`BodyError`] when it is blank, holds a control character or is too long.
    pub fn new(text: &str) -> Result<Self, BodyError> {
        Self::with_limit(text, Self::DEFAULT_MAX_CHARS)
    }

    /// Takes what somebody typed, with the host's limit in `char`s.
    ///
    /// # Errors
    ///
    /// [`BodyError`] when it is blank, holds a control character or is too long.
    pub fn with_limit(text: &str, max_chars: usize) -> Result<Self, BodyError> {
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

    /// Takes a text that was a body before: only what T8 guarantees is checked,
    /// so that what a newer Unicode version or a larger limit let in is read back.
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
    /// [`BodyError`] when it is empty, holds a control character (a carriage
    /// return is one) or is larger than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn from_stored(text: impl Into<Arc<str>>) -> Result<Self, BodyError> {
        let text = text.into();
        if text.is_empty() {
            return Err(BodyError::Blank);
        }
        Self::check_stored(&text)?;
        Ok(Self(text))
    }

    fn check_stored(text: &str) -> Result<(), BodyError> {
        let forbidden = |c: char| c.is_control() && c != '\n' && c != '\t';
        if let Some((at, found)) = text.char_indices().find(|&(_, c)| forbidden(c)) {
            return Err(BodyError::Control { found, at });
        }
        if text.len() > Self::MAX_BYTES {
            return Err(BodyError::TooLarge { bytes: text.len() });
        }
        Ok(())
    }

    /// Whether `text`, typed again, is this body: compared after T1.
    ///
    /// ```
    /// # use frontdesk::MessageBody;
    /// let body = MessageBody::new("One\r\ntwo ")?;
    /// assert!(body.is_what_was_typed(" One\ntwo"));
    /// assert!(!body.is_what_was_typed("One two"));
    /// # Ok::<(), frontdesk::BodyError>(())
    /// ```
    pub fn is_what_was_typed(&self, text: &str) -> bool {
        *self.0 == *normalize(text)
    }

    /// The raw text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The raw text, to be shared.
    pub(super) fn as_shared(&self) -> &Arc<str> {
        &self.0
    }

    /// The text for element content and quoted attribute values (T5). Nothing is
    /// copied when nothing needs encoding.
    pub fn to_html(&self) -> Html {
        Html::of_shared(&self.0)
    }
}

/// T1: line breaks become `\n`, then the ends are trimmed.
fn normalize(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(chars::is_trimmed);
    if !text.contains(is_line_break) {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' {
            chars.next_if_eq(&'\n');
        }
        normal.push(if is_line_break(c) { '\n' } else { c });
    }
    Cow::Owned(normal)
}

/// The line breaks of T1 but `\n` itself: CR, VT, FF, NEL, LS, PS.
fn is_line_break(c: char) -> bool {
    matches!(c, '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

impl AsRef<str> for MessageBody {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_hidden("MessageBody", &self.0, f)
    }
}

impl FromStr for MessageBody {
    type Err = BodyError;

    fn from_str(text: &str) -> Result<Self, BodyError> {
        Self::new(text)
    }
}

impl Serialize for MessageBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Reads what was a body before, as [`from_stored`](MessageBody::from_stored) does.
impl<'de> Deserialize<'de> for MessageBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_stored(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// T1: every line break becomes `\n`, the ends are trimmed, the inside stays.
    #[test]
    fn t1_line_breaks_become_newlines_and_the_ends_are_trimmed() {
        let typed = "\u{FEFF} \t\u{3000}a\r\nb\rc\u{B}d\u{C}e\u{85}f\u{2028}g\u{2029}h\n\n  i \u{A0}\r\n\u{FEFF}";
        let body = MessageBody::new(typed).unwrap();
        assert_eq!(body.as_str(), "a\nb\nc\nd\ne\nf\ng\nh\n\n  i");
        assert!(body.is_what_was_typed(typed));
        assert!(!body.is_what_was_typed("a"));
    }

    /// T2: nothing visible is blank; the visible prepended marks are not.
    #[test]
    fn t2_nothing_visible_is_blank() {
        for blank in [
            "",
            " ",
            "\r\n\t",
            "\u{200B}",
            "\u{2060} \u{AD}\n\u{3164}",
            "\u{FEFF}",
            "\u{E0041}\u{FE0F}",
        ] {
            assert_eq!(MessageBody::new(blank), Err(BodyError::Blank), "{blank:?}");
        }
        for visible in ["\u{600}", "\u{6DD}", "\u{70F}", ".", "\u{2800}", "a\u{200B}"] {
            assert!(MessageBody::new(visible).is_ok(), "{visible:?}");
        }
    }

    /// T3: a control character is refused with its place in the text after T1.
    #[test]
    fn t3_control_characters_are_refused_with_their_place() {
        assert_eq!(MessageBody::new("  é\0b"), Err(BodyError::Control { found: '\0', at: 2 }));
        let allowed = ['\t', '\n', '\r', '\u{B}', '\u{C}', '\u{85}'];
        for c in ('\0'..='\u{9F}').filter(|c| c.is_control()) {
            assert_eq!(MessageBody::new(&format!("a{c}b")).is_ok(), allowed.contains(&c), "{c:?}");
        }
        assert_eq!(MessageBody::new("\u{7F}"), Err(BodyError::Control { found: '\u{7F}', at: 0 }));
    }

    /// T4: the limit counts `char`s after T1; the error says both numbers.
    #[test]
    fn t4_a_body_has_at_most_10_000_chars_unless_the_host_says_otherwise() {
        let most = "é".repeat(10_000);
        assert!(MessageBody::new(&format!(" {most} ")).is_ok());
        assert!(MessageBody::new(&"\r\n".repeat(9_998).replace("\r\n", "x\r\n")[..]).is_err());
        assert_eq!(
            MessageBody::new(&format!("{most}é")),
            Err(BodyError::TooLong { chars: 10_001, limit: 10_000 })
        );
        assert_eq!(
            MessageBody::with_limit("four", 3),
            Err(BodyError::TooLong { chars: 4, limit: 3 })
        );
    }

    /// T8: whatever the host's limit, a body has at most 1 MiB.
    #[test]
    fn t8_a_body_has_at_most_one_mebibyte() {
        let most = "x".repeat(MessageBody::MAX_BYTES);
        assert!(MessageBody::with_limit(&most, usize::MAX).is_ok());
        let more = most + "x";
        let error = BodyError::TooLarge { bytes: MessageBody::MAX_BYTES + 1 };
        assert_eq!(MessageBody::with_limit(&more, usize::MAX), Err(error.clone()));
        assert_eq!(MessageBody::from_stored(more), Err(error));
    }

    /// T8: reading back checks neither blankness, nor the limit in characters,
    /// nor trimming, but never lets in what no version would have stored.
    #[test]
    fn t8_reading_back_checks_only_what_no_version_changes() {
        for stored in ["\u{200B}".to_owned(), " x ".to_owned(), "x".repeat(20_000)] {
            assert_eq!(MessageBody::from_stored(stored.as_str()).unwrap().as_str(), stored);
        }
        for never in ["", "a\rb", "\0", "a\u{85}"] {
            assert!(MessageBody::from_stored(never).is_err(), "{never:?}");
        }
        let error = serde_json::from_str::<MessageBody>(r#""a\u0000b""#).unwrap_err();
        assert!(error.to_string().contains("control character U+0000 at byte 1"), "{error}");
    }

    proptest! {
        /// T1, T8: whatever is accepted is a fixed point, typed again and read back.
        #[test]
        fn t1_an_accepted_body_is_a_fixed_point(text in "\\PC{0,30}|[ \\r\\n\\t\u{85}\u{2028}ab\u{FEFF}\u{200B}]{0,20}") {
            if let Ok(body) = MessageBody::new(&text) {
                prop_assert_eq!(&MessageBody::new(body.as_str()).unwrap(), &body);
                prop_assert_eq!(&MessageBody::from_stored(body.as_str()).unwrap(), &body);
                prop_assert!(body.is_what_was_typed(&text));
            }
        }
    }
}
