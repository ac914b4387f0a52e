use super::answer::Imported;
use crate::{MessageNumber, Timestamp};

/// An import that was refused, because the thread has a message that is newer than a message of the
/// list (I5).
///
/// If the thread had the newer message before the import, the import stored nothing. If the message
/// arrived during the import, [`imported`](Self::imported) contains what was stored before it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutOfOrderImport {
    /// The position of the first message of the list that could not be stored, from 0.
    pub position: usize,
    /// The number of the thread's last message.
    pub last: MessageNumber,
    /// The time of the thread's last message.
    pub last_sent_at: Timestamp,
    /// The result for the messages before [`position`](Self::position).
    pub imported: Imported,
}
