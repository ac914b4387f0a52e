use std::fmt;
use std::str::{FromStr, Split};

use crate::MessageNumber;
use crate::epoch::Epoch;

/// The epoch of a cursor: a number that the host application sets, and the store's epoch (P7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CursorEpoch {
    pub(crate) host: u64,
    pub(crate) store: Epoch,
}

/// Writes `host-store`, or only `host` if the store's epoch is zero.
impl fmt::Display for CursorEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        if self.store == Epoch::ZERO { Ok(()) } else { write!(f, "-{}", self.store.get()) }
    }
}

/// An id that is written in hexadecimal, because ids can contain the separator `.`.
pub(crate) struct Hex<'a>(pub(crate) &'a str);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The fields of a cursor's text after the first field, which is a letter for the cursor's kind.
pub(super) struct Fields<'a>(Split<'a, char>);

impl<'a> Fields<'a> {
    pub(super) fn of(kind: &str, text: &'a str) -> Option<Self> {
        let mut fields = text.split('.');
        (fields.next() == Some(kind)).then_some(Self(fields))
    }

    pub(super) fn number<T: FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }

    pub(super) fn epoch(&mut self) -> Option<CursorEpoch> {
        let field = self.0.next()?;
        let (host, store) = field.split_once('-').unwrap_or((field, "0"));
        Some(CursorEpoch { host: host.parse().ok()?, store: Epoch::new(store.parse().ok()?) })
    }

    pub(super) fn id<T: for<'s> TryFrom<&'s str>>(&mut self) -> Option<T> {
        let hex = self.0.next()?;
        let bytes: Option<Vec<u8>> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
            .collect();
        T::try_from(&String::from_utf8(bytes?).ok()?).ok()
    }

    pub(super) fn message_number(&mut self) -> Option<MessageNumber> {
        MessageNumber::new(self.number()?).ok()
    }
}

/// Implements `FromStr`, `Serialize` and `Deserialize` for a cursor that has a function `parse`
/// and implements `Display`. Each cursor has exactly one text form. A text that `parse` accepts
/// but `Display` would write differently is therefore malformed.
macro_rules! impl_text {
    ($cursor:ty) => {
        impl std::str::FromStr for $cursor {
            type Err = $crate::cursor::error::CursorError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
                    .filter(|cursor| cursor.to_string() == text)
                    .ok_or($crate::cursor::error::CursorError::Malformed)
            }
        }

        impl serde::Serialize for $cursor {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $cursor {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use impl_text;
