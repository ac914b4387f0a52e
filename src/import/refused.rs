use crate::BodyError;

/// A message of an import that was not stored.
///
/// ```
/// use frontdesk::BodyError;
/// use frontdesk::import::{RefusalReason, RefusedMessage};
///
/// let refused = RefusedMessage::new(3, BodyError::Blank);
/// assert_eq!((refused.position, &refused.reason), (3, &RefusalReason::Body(BodyError::Blank)));
/// assert_eq!(
///     RefusalReason::Future.to_string(),
///     "message was sent in the future, by the clock of this system",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedMessage {
    /// The position of the message in the list, from 0.
    pub position: usize,
    /// The reason.
    pub reason: RefusalReason,
}

impl RefusedMessage {
    /// Makes the entry for the message at `position`.
    pub fn new(position: usize, reason: impl Into<RefusalReason>) -> Self {
        Self { position, reason: reason.into() }
    }
}

/// The reason why a message of an import was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The text is not a valid message: it is blank, too long, or it contains a control character
    /// (T2, T3, T4). [`ThreadImport::cleaned`](super::ThreadImport::cleaned) removes control
    /// characters.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The time is in the future. Often the unit or the zone of the time was read wrong.
    #[error("message was sent in the future, by the clock of this system")]
    Future,
    /// The time is before the time of the last message of the list that was kept. Sort the list, or
    /// use [`ThreadImport::clamp_times`](super::ThreadImport::clamp_times).
    #[error("message was sent before the message that it follows")]
    BeforePrevious,
    /// An earlier message of the list has the same author and the same key.
    #[error("message has the same author and key as an earlier message of the list")]
    DuplicateKey,
    /// The thread already has a message with this author and key, and its text is different (I4).
    /// The stored message stays unchanged.
    #[error("key was used for another message")]
    KeyReused,
    /// The message is new, but an import has already stored a later message of the list. Messages
    /// are numbered without gaps (I3), so that nothing can be inserted between them.
    #[error("message is new, but a later message of the list is already stored")]
    BeforeStored,
}
