use serde::{Deserialize, Serialize};

use crate::revision::Revision;
use crate::{Link, MessageNumber, Thread, ThreadId, Tombstone};

/// The stored state of a thread id: a thread, a link to a thread, or the tombstone of an erased
/// thread.
///
/// Stores match this enum exhaustively. A store that keeps JSON documents can serialize a state
/// as `{"live": ...}`, `{"linked": ...}` or `{"erased": ...}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ThreadState {
    /// A thread that is not erased.
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

    /// Returns the last message number that was used under this id (L3). No message has a link's
    /// id, so a link returns [`MessageNumber::START`].
    pub fn last_number(&self) -> MessageNumber {
        match self {
            Self::Live(thread) => thread.last_number(),
            Self::Linked(_) => MessageNumber::START,
            Self::Erased(tombstone) => tombstone.last,
        }
    }
}

/// The stored state of a thread id, and the revision of the commit that wrote the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct VersionedThread {
    /// The revision of the commit.
    pub revision: Revision,
    /// The state that the commit wrote.
    pub state: ThreadState,
}

impl VersionedThread {
    /// Makes the value from its parts. Stores call this when they read a state back.
    pub fn new(revision: Revision, state: ThreadState) -> Self {
        Self { revision, state }
    }
}
