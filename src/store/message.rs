use crate::Message;
use crate::revision::Revision;

/// A message and the revision of the commit that added it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// The message.
    pub message: Message,
    /// The revision of its commit; [`Revision::ZERO`] if a database was written before
    /// its store kept revisions of messages.
    pub revision: Revision,
}

impl StoredMessage {
    /// Makes the entry from its parts, for a store that reads it back.
    pub fn new(message: Message, revision: Revision) -> Self {
        Self { message, revision }
    }
}
