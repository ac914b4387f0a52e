use std::fmt;

use crate::key_digest::KeyDigest;

/// The value of a column. `None` is NULL.
///
/// Drivers log parameters with `Debug`. The `Debug` output of a value shows its type and never
/// its content.
///
/// ```
/// use frontdesk_sql::Value;
///
/// assert_eq!(format!("{:?}", Value::Text(Some("Hello!"))), "text");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text.
    Text(Option<&'a str>),
    /// An integer of 64 bits.
    Integer(Option<i64>),
    /// A boolean.
    Boolean(Option<bool>),
    /// The digest of an idempotency key, 16 bytes.
    Digest(Option<KeyDigest>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(flag: Option<bool>) -> Self {
        Self::Boolean(flag)
    }
}

impl From<Option<KeyDigest>> for Value<'_> {
    fn from(digest: Option<KeyDigest>) -> Self {
        Self::Digest(digest)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "integer",
            Self::Boolean(_) => "boolean",
            Self::Digest(_) => "digest",
        })
    }
}
