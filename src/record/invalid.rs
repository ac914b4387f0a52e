use crate::{BodyError, IdError, SingleLineError, TimestampError};

/// The reason why stored data is not valid for its type (T8).
///
/// No version of this crate writes such data, so the data was damaged or another program wrote it.
/// The conversions from records to domain
/// types return this error, for a database and for JSON alike.
///
/// ```
/// use frontdesk::{InvalidRecord, MessageNumber};
///
/// let error = MessageNumber::new(u32::MAX).unwrap_err();
/// assert_eq!(error.to_string(), "invalid message number: number is outside 0 to 2^31 - 1");
/// assert_eq!(error, InvalidRecord::rule("message number", "number is outside 0 to 2^31 - 1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRecord {
    /// Invalid id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Invalid body.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Invalid name, preview or other single-line text.
    #[error(transparent)]
    Line(#[from] SingleLineError),
    /// Invalid time.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// A value, or a combination of values, that a rule excludes.
    #[error("invalid {what}: {why}")]
    Rule {
        /// The type that the data stands for.
        what: &'static str,
        /// The rule that the data breaks.
        why: &'static str,
    },
}

impl InvalidRecord {
    /// Makes an error for invalid stored data. `what` names the type that the data stands for, and
    /// `why` is a clause that names the broken rule. A store can use this error for columns that it
    /// adds to the fields of a record.
    pub fn rule(what: &'static str, why: &'static str) -> Self {
        Self::Rule { what, why }
    }
}
