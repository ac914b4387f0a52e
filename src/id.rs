//! The host's own ids, checked once at the door (I1, I4).

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bytes an id or an idempotency key may have.
pub const MAX_ID_BYTES: usize = 128;

/// Which kind of id was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdKind {
    /// A [`LocationId`].
    Location,
    /// A [`BookingId`].
    Booking,
    /// A [`ParticipantId`].
    Participant,
    /// A [`ProfileId`].
    Profile,
    /// An [`IdempotencyKey`].
    Key,
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Location => "location id",
            Self::Booking => "booking id",
            Self::Participant => "participant id",
            Self::Profile => "profile id",
            Self::Key => "idempotency key",
        })
    }
}

/// Why a text is not an id (I1) or not an idempotency key (I4).
///
/// ```
/// use frontdesk::{BookingId, IdError, IdKind, MAX_ID_BYTES};
///
/// let kind = IdKind::Booking;
/// assert_eq!(BookingId::new("b 1"), Err(IdError::Forbidden { kind, found: ' ', at: 1 }));
/// assert_eq!(BookingId::new("b".repeat(129)), Err(IdError::TooLong { kind, bytes: 129 }));
/// assert!(BookingId::new("b".repeat(MAX_ID_BYTES)).is_ok());
/// assert_eq!(IdError::Empty { kind }.to_string(), "booking id is empty");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty.
    #[error("{kind} is empty")]
    Empty {
        /// Which kind of id.
        kind: IdKind,
    },
    /// The text is longer than [`MAX_ID_BYTES`].
    #[error("{kind} has {bytes} bytes, more than {MAX_ID_BYTES}")]
    TooLong {
        /// Which kind of id.
        kind: IdKind,
        /// How long it is, in bytes.
        bytes: usize,
    },
    /// The text holds a control character or, in an id, whitespace.
    #[error("{kind} holds U+{:04X} at byte {at}: control characters and whitespace are not allowed", u32::from(*.found))]
    Forbidden {
        /// Which kind of id.
        kind: IdKind,
        /// The character.
        found: char,
        /// Its byte offset.
        at: usize,
    },
}

/// The check behind every id: 1 to 128 bytes, nothing `forbidden`.
fn check(kind: IdKind, text: &str, forbidden: fn(char) -> bool) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > MAX_ID_BYTES {
        let bytes = text.len();
        return Err(IdError::TooLong { kind, bytes });
    }
    match text.char_indices().find(|&(_, c)| forbidden(c)) {
        Some((at, found)) => Err(IdError::Forbidden { kind, found, at }),
        None => Ok(()),
    }
}

fn control_or_whitespace(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $forbidden:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the host's text as it is.
            ///
            /// # Errors
            ///
            /// [`IdError`] when it is empty, longer than [`MAX_ID_BYTES`], or
            /// holds a character that is not allowed.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                check(IdKind::$kind, text, $forbidden)?;
                Ok(Self(text.into()))
            }

            /// The text as the host gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;
            fn try_from(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! shown {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

id! {
    /// One site of a business: the tenant. Every query is inside one (I1).
    ///
    /// 1 to 128 bytes without control characters or whitespace, compared by
    /// bytes, cheap to clone.
    ///
    /// ```
    /// use frontdesk::LocationId;
    ///
    /// let location = LocationId::new("harbour-tours")?;
    /// assert_eq!(location.as_str(), "harbour-tours");
    /// assert!(LocationId::new("harbour tours").is_err());
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    LocationId, Location, control_or_whitespace
}
shown!(LocationId);

id! {
    /// The host's id of a booking; with its location it is the thread's id (I1, I2).
    ///
    /// ```
    /// use frontdesk::{BookingId, IdError};
    ///
    /// assert!(BookingId::new("b-1042").is_ok());
    /// assert!(matches!(BookingId::new(""), Err(IdError::Empty { .. })));
    /// ```
    BookingId, Booking, control_or_whitespace
}
shown!(BookingId);

id! {
    /// The host's id of somebody who writes (I1).
    ///
    /// ```
    /// use frontdesk::ParticipantId;
    ///
    /// assert_eq!(ParticipantId::new("user:7")?.to_string(), "user:7");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    ParticipantId, Participant, control_or_whitespace
}
shown!(ParticipantId);

id! {
    /// The host's id of the customer's CRM profile. Operators see it, customers
    /// never do (A2).
    ///
    /// ```
    /// use frontdesk::ProfileId;
    ///
    /// assert_eq!(ProfileId::new("crm-88")?.as_str(), "crm-88");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    ProfileId, Profile, control_or_whitespace
}
shown!(ProfileId);

id! {
    /// What makes a send safe to repeat: unique per thread, side and author (I4).
    ///
    /// 1 to 128 bytes without control characters; a client makes a new one, such
    /// as a UUID, for each message it composes and repeats it with each retry.
    /// Its `Debug` hides the text, since a client chose it.
    ///
    /// ```
    /// use frontdesk::IdempotencyKey;
    ///
    /// let key = IdempotencyKey::new("8f14e45f-ceea-467f-a9d6-3f1c2b4d5e6f")?;
    /// assert_eq!(format!("{key:?}"), "IdempotencyKey(36 bytes)");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    IdempotencyKey, Key, char::is_control
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({} bytes)", self.0.len())
    }
}

/// A thread's id *is* its location and booking, so that a booking cannot have
/// two threads (I2).
///
/// As text it is for people: ids may hold a slash, so it cannot be taken apart again.
///
/// ```
/// use frontdesk::{BookingId, LocationId, ThreadId};
///
/// let id = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// assert_eq!(id.to_string(), "harbour/b-1");
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadId {
    /// Where the booking is.
    pub location: LocationId,
    /// The booking the thread is about.
    pub booking: BookingId,
}

impl ThreadId {
    /// The id of the thread about `booking` at `location`.
    pub fn new(location: LocationId, booking: BookingId) -> Self {
        Self { location, booking }
    }
}

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.location, self.booking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I1: 1 to 128 bytes, no control characters or whitespace; the error names
    /// which kind of id it was.
    #[test]
    fn i1_an_id_is_one_to_128_bytes_without_controls_or_whitespace() {
        assert!(LocationId::new("é".repeat(64)).is_ok());
        assert_eq!(
            LocationId::new("é".repeat(65)),
            Err(IdError::TooLong { kind: IdKind::Location, bytes: 130 })
        );
        assert_eq!(BookingId::new(""), Err(IdError::Empty { kind: IdKind::Booking }));
        for found in ['\0', ' ', '\t', '\u{85}', '\u{a0}', '\u{2028}', '\u{7f}'] {
            assert_eq!(
                ParticipantId::new(format!("a{found}b")),
                Err(IdError::Forbidden { kind: IdKind::Participant, found, at: 1 })
            );
        }
    }

    /// I1: compared by bytes, not by meaning.
    #[test]
    fn i1_ids_compare_by_bytes() {
        let composed = BookingId::new("\u{e9}").unwrap();
        let decomposed = BookingId::new("e\u{301}").unwrap();
        assert_ne!(composed, decomposed);
        assert!(decomposed < composed);
        assert!(BookingId::new("Z").unwrap() < BookingId::new("a").unwrap());
    }

    /// I2: a thread is called by its location and its booking.
    #[test]
    fn i2_a_thread_is_called_by_its_location_and_its_booking() {
        let id = ThreadId::new("harbour".try_into().unwrap(), "b-1".try_into().unwrap());
        assert_eq!(id.to_string(), "harbour/b-1");
    }

    /// I4: a key is 1 to 128 bytes; spaces are the client's business.
    #[test]
    fn i4_a_key_is_one_to_128_bytes() {
        assert!(IdempotencyKey::new("x".repeat(128)).is_ok());
        assert!(IdempotencyKey::new("a b").is_ok());
        assert!(IdempotencyKey::new("x".repeat(129)).is_err());
        assert!(IdempotencyKey::new("").is_err());
        assert!(IdempotencyKey::new("a\nb").is_err());
    }
}
