//! What reading back can find wrong.

use crate::id::IdError;
use crate::text::{BodyError, LineError};
use crate::timestamp::TimestampError;

/// Something that cannot have been stored by any version of this crate (T8).
///
/// Plain records ([`ThreadRecord`](crate::ThreadRecord),
/// [`MessageRecord`](crate::MessageRecord)) become domain types through
/// `TryFrom`; this is what stops them, from a database and from JSON alike.
///
/// ```
/// use frontdesk::{BodyError, Corrupt, Message, MessageRecord, Role, Timestamp};
///
/// let empty = MessageRecord {
///     number: 1,
///     ordinal: 1,
///     role: Role::Customer,
///     author: "c-9".into(),
///     name: None,
///     body: String::new(),
///     sent_at: Timestamp::UNIX_EPOCH,
/// };
/// assert_eq!(Message::try_from(empty), Err(Corrupt::Body(BodyError::Blank)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Corrupt {
    /// An id that is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A body that is none.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// A name, a preview or another one-line text that is none.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A time that is none.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// Values that are each possible, but not together or not here.
    #[error("{what} is not possible: {why}")]
    Rule {
        /// What it was to become.
        what: &'static str,
        /// The rule that it breaks.
        why: &'static str,
    },
}

impl Corrupt {
    pub(crate) fn rule(what: &'static str, why: &'static str) -> Self {
        Self::Rule { what, why }
    }
}
