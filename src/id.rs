//! Ids and idempotency keys, which are validated on construction (I1, I4).

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text::{impl_redacted_debug, impl_string_serde};

/// Maximum length of an id or an idempotency key, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// The kind of an id, for error messages.
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

impl IdKind {
    /// Returns the names of the forbidden characters, for an error message.
    fn forbidden(self) -> &'static str {
        if self == Self::Key { "control characters" } else { "control characters and whitespace" }
    }

    /// Returns `true` if a text of this kind must not contain `c`.
    fn forbids(self, c: char) -> bool {
        c.is_control() || self != Self::Key && c.is_whitespace()
    }
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

/// Error for a text that is not a valid id (I1) or idempotency key (I4).
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
        /// The kind of the id.
        kind: IdKind,
    },
    /// The text is longer than [`MAX_ID_BYTES`].
    #[error("{kind} has {bytes} bytes, the limit is {MAX_ID_BYTES}")]
    TooLong {
        /// The kind of the id.
        kind: IdKind,
        /// The length of the text in bytes.
        bytes: usize,
    },
    /// The text contains a control character or, in an id, whitespace.
    #[error(
        "{kind} contains U+{:04X} at byte {at}: {} are not allowed",
        u32::from(*.found),
        .kind.forbidden()
    )]
    Forbidden {
        /// The kind of the id.
        kind: IdKind,
        /// The first forbidden character.
        found: char,
        /// The byte offset of the character.
        at: usize,
    },
}

/// Checks that `text` has 1 to 128 bytes and no forbidden character.
fn validate(kind: IdKind, text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > MAX_ID_BYTES {
        return Err(IdError::TooLong { kind, bytes: text.len() });
    }
    match text.char_indices().find(|&(_, c)| kind.forbids(c)) {
        Some((at, found)) => Err(IdError::Forbidden { kind, found, at }),
        None => Ok(()),
    }
}

macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident, $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Validates a text and keeps it unchanged.
            ///
            /// # Errors
            ///
            /// Returns an [`IdError`] if the text is empty, longer than
            /// [`MAX_ID_BYTES`], or contains a forbidden character.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                validate(IdKind::$kind, text)?;
                Ok(Self(text.into()))
            }

            /// Returns the id as text.
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

        impl_string_serde!($name, as_str, new);
    };
}

macro_rules! impl_display_and_debug {
    ($($name:ident),+) => {$(
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
    )+};
}
impl_display_and_debug!(LocationId, BookingId, ParticipantId, ProfileId);

define_id! {
    /// Id of a location, which is one site of a business (I1). Apart from the list of all
    /// locations, every query reads the data of one location only.
    ///
    /// An id has 1 to 128 bytes and contains no control characters or whitespace.
    /// Ids are compared by bytes. Cloning an id copies no text.
    ///
    /// ```
    /// use frontdesk::LocationId;
    ///
    /// let location = LocationId::new("harbour-tours")?;
    /// assert_eq!(location.as_str(), "harbour-tours");
    /// assert!(LocationId::new("harbour tours").is_err());
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    LocationId, Location
}

define_id! {
    /// Id that the host application uses for a booking (I1). A location id and a booking id
    /// together identify a thread (I2).
    ///
    /// ```
    /// use frontdesk::{BookingId, IdError};
    ///
    /// assert!(BookingId::new("b-1042").is_ok());
    /// assert!(matches!(BookingId::new(""), Err(IdError::Empty { .. })));
    /// ```
    BookingId, Booking
}

define_id! {
    /// Id that the host application uses for an author of messages (I1). It must outlive a login
    /// session, because retries are recognized by author and [key](IdempotencyKey).
    ///
    /// ```
    /// use frontdesk::ParticipantId;
    ///
    /// assert_eq!(ParticipantId::new("user:7")?.to_string(), "user:7");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    ParticipantId, Participant
}

define_id! {
    /// Id that the host application uses for a customer's CRM profile (I1). Operators see this
    /// id, but customers do not (A2).
    ///
    /// ```
    /// use frontdesk::ProfileId;
    ///
    /// assert_eq!(ProfileId::new("crm-88")?.as_str(), "crm-88");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    ProfileId, Profile
}

define_id! {
    /// A key that makes it safe to send a message again (I4). A key is unique per thread, role
    /// and author.
    ///
    /// A key has 1 to 128 bytes and contains no control characters. A client creates a
    /// new key, for example a UUID, for each message and sends the same key with each
    /// retry.
    ///
    /// The author is part of the key, so a retry must have the same [`ParticipantId`]. If a guest's
    /// participant id is that of the browser session, a retry after a new login is from another
    /// author and stores the message twice. Use an id that outlives the session: that of the
    /// account, or for guests without an account one that belongs to the booking, such as
    /// `guest:b-1`, or the id in the link that the guest was sent.
    ///
    /// `Debug` prints only the length of the key, because the client program chooses the
    /// text and can put private data into it.
    ///
    /// ```
    /// use frontdesk::IdempotencyKey;
    ///
    /// let key = IdempotencyKey::new("8f14e45f-ceea-467f-a9d6-3f1c2b4d5e6f")?;
    /// assert_eq!(format!("{key:?}"), "IdempotencyKey(36 bytes)");
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    IdempotencyKey, Key
}

impl_redacted_debug!(IdempotencyKey);

/// Id of a thread: its location and its booking (I2).
///
/// The id has no other parts, so a booking has at most one thread. A booking that is linked to the
/// thread of another booking reaches that thread, whose id names the other booking. The `Display` text is only
/// for people. It cannot be parsed, because the ids of locations and bookings can contain a slash.
///
/// ```
/// use frontdesk::{BookingId, LocationId, ThreadId};
///
/// let id = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// assert_eq!(id.to_string(), "harbour/b-1");
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct ThreadId {
    /// The location of the booking.
    pub location: LocationId,
    /// The booking that the thread is about.
    pub booking: BookingId,
}

impl ThreadId {
    /// Creates the id of the thread about `booking` at `location`.
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

    /// I1: an id has 1 to 128 bytes, no control characters and no whitespace; the error
    /// names the kind of the id.
    #[test]
    fn i1_an_id_has_1_to_128_bytes_without_control_characters_or_whitespace() {
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

    /// I1: ids are compared by bytes, without Unicode normalization.
    #[test]
    fn i1_ids_compare_by_bytes() {
        let composed = BookingId::new("\u{e9}").unwrap();
        let decomposed = BookingId::new("e\u{301}").unwrap();
        assert_ne!(composed, decomposed);
        assert!(decomposed < composed);
        assert!(BookingId::new("Z").unwrap() < BookingId::new("a").unwrap());
    }

    /// I2: a thread is identified by its location and its booking.
    #[test]
    fn i2_a_thread_is_identified_by_its_location_and_its_booking() {
        let id = ThreadId::new("harbour".try_into().unwrap(), "b-1".try_into().unwrap());
        assert_eq!(id.to_string(), "harbour/b-1");
    }

    /// I4: a key has 1 to 128 bytes and no control characters; spaces are allowed.
    #[test]
    fn i4_a_key_has_1_to_128_bytes_without_control_characters() {
        assert!(IdempotencyKey::new("x".repeat(128)).is_ok());
        assert!(IdempotencyKey::new("a b").is_ok());
        assert!(IdempotencyKey::new("x".repeat(129)).is_err());
        assert!(IdempotencyKey::new("").is_err());
        assert!(IdempotencyKey::new("a\nb").is_err());
    }

    /// I1, I4: the error names the characters that the kind of id forbids.
    #[test]
    fn i1_i4_an_error_names_the_forbidden_characters() {
        let error = BookingId::new("a\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "booking id contains U+000A at byte 1: \
             control characters and whitespace are not allowed"
        );
        let error = IdempotencyKey::new("a\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "idempotency key contains U+000A at byte 1: control characters are not allowed"
        );
    }
}
