use serde::{Deserialize, Serialize};

use crate::revision::Revision;
use crate::{Link, MessageNumber, Thread, ThreadId, Tombstone};

/// The state of a thread's id: a thread, a link to one, or the tombstone of one.
///
/// Stores match this enum exhaustively. In JSON a state is `{"live": ...}`, `{"linked": ...}`
/// or `{"erased": ...}`, for stores that keep documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ThreadState {
    /// A thread.
    Live(Thread),
    /// A link to the thread of another booking (I2).
    Linked(Link),
    /// An erased thread (L3).
    Erased(Tombstone),
}

impl ThreadState {
    /// Returns the id.
    pub fn id(&self) -> &ThreadId {
        match self {
            Self::Live(thread) => thread.id(),
            Self::Linked(link) => &link.id,
            Self::Erased(tombstone) => &tombstone.id,
        }
    }

    /// Returns the thread, or `None` for a link or a tombstone.
    pub fn live(&self) -> Option<&Thread> {
        match self {
            Self::Live(thread) => Some(thread),
            Self::Linked(_) | Self::Erased(_) => None,
        }
    }

    /// Returns the last number that was used under this id (L3); a link has used none.
    pub fn last_number(&self) -> MessageNumber {
        match self {
            Self::Live(thread) => thread.last_number(),
            Self::Linked(_) => MessageNumber::START,
            Self::Erased(tombstone) => tombstone.last,
        }
    }
}

/// The state of a thread's id and the revision of the commit that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VersionedThread {
    /// The revision of the commit.
    pub revision: Revision,
    /// The state that the commit wrote.
    pub state: ThreadState,
}

impl VersionedThread {
    /// Makes the entry from its parts, for a store that reads it back.
    pub fn new(revision: Revision, state: ThreadState) -> Self {
        Self { revision, state }
    }
}
