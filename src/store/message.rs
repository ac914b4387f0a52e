use crate::Message;
use crate::revision::Revision;

/// A message and the revision of the commit that added it.
///
/// ```
/// use frontdesk::record::MessageRecord;
/// use frontdesk::store::{Revision, StoredMessage};
///
/// let mut record = MessageRecord::default();
/// (record.number, record.ordinal, record.author) = (1, 1, "c-9".into());
/// record.body = Some("Hello!".into());
/// let stored = StoredMessage::new(record.try_into()?, Revision::try_from(7)?);
/// assert_eq!((stored.message.number().get(), stored.revision.get()), (1, 7));
/// # Ok::<(), frontdesk::InvalidRecord>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// The message.
    pub message: Message,
    /// The revision of the commit that added the message, or [`Revision::ZERO`] if the message
    /// is older than the database schema that keeps revisions of messages.
    pub revision: Revision,
}

impl StoredMessage {
    /// Makes the value from its parts. Stores call this when they read a message back.
    pub fn new(message: Message, revision: Revision) -> Self {
        Self { message, revision }
    }
}
