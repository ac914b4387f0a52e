use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{IdempotencyKey, ThreadId};
use crate::message::{Message, MessageNumber};
use crate::record::Corrupt;
use crate::thread::{Thread, Tombstone};

/// A location's commit counter: what a store compares before it writes, and what
/// polls ask after (P1).
///
/// Never above [`MAX`](Self::MAX), so that a JavaScript number holds it.
///
/// ```
/// use frontdesk::store::Revision;
///
/// let first = Revision::ZERO.next().expect("there are more");
/// assert_eq!((first.get(), first.previous()), (1, Revision::ZERO));
/// assert_eq!(Revision::try_from(1)?, first);
/// assert_eq!(Revision::MAX.next(), None);
/// # Ok::<(), frontdesk::Corrupt>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Revision(u64);

impl Revision {
    /// Before the first commit.
    pub const ZERO: Self = Self(0);
    /// 2^53 - 1. At a million commits a second it lasts for 285 years.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The number; 0 for [`ZERO`](Self::ZERO).
    pub fn get(self) -> u64 {
        self.0
    }

    /// The revision after this one, unless this is the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        (self < Self::MAX).then(|| Self(self.0 + 1))
    }

    /// The revision before this one; [`ZERO`](Self::ZERO) stays.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

/// From a database column.
impl TryFrom<i64> for Revision {
    type Error = Corrupt;

    fn try_from(revision: i64) -> Result<Self, Corrupt> {
        match u64::try_from(revision) {
            Ok(revision) if revision <= Self::MAX.0 => Ok(Self(revision)),
            _ => Err(Corrupt::rule("revision", "it is outside of 0 to 2^53 - 1")),
        }
    }
}

/// For a database column.
impl From<Revision> for i64 {
    fn from(revision: Revision) -> Self {
        // At most 2^53 - 1.
        i64::try_from(revision.0).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl<'de> Deserialize<'de> for Revision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

/// A thread that is there, or what is left of it.
///
/// In JSON `{"live": ...}` or `{"erased": ...}`, for stores that keep documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ThreadState {
    /// A thread.
    Live(Thread),
    /// An erased one (L3).
    Erased(Tombstone),
}

impl ThreadState {
    /// Its location and booking.
    pub fn id(&self) -> &ThreadId {
        match self {
            Self::Live(thread) => thread.id(),
            Self::Erased(tombstone) => &tombstone.id,
        }
    }

    /// The last number that it has given (L3).
    pub(crate) fn last_number(&self) -> MessageNumber {
        match self {
            Self::Live(thread) => thread.last_number(),
            Self::Erased(tombstone) => tombstone.last,
        }
    }

    /// The thread, if it is there.
    pub fn live(&self) -> Option<&Thread> {
        match self {
            Self::Live(thread) => Some(thread),
            Self::Erased(_) => None,
        }
    }
}

/// What a store has under a thread's id, and since which revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The revision of the commit that put it there.
    pub revision: Revision,
    /// What it put there.
    pub state: ThreadState,
}

/// What a store writes, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// The state after it.
    pub next: ThreadState,
    /// The revision it was computed from; `None` when the id was never used.
    pub expected: Option<Revision>,
    /// The message that it adds, if any.
    pub message: Option<NewMessage>,
}

/// A message that a commit adds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewMessage {
    /// The message; its number is the thread's last.
    pub message: Message,
    /// What makes sending it again safe (I4).
    pub key: Option<IdempotencyKey>,
}

impl Commit {
    /// A commit without a message, computed from what was `found`.
    pub fn new(next: ThreadState, found: Option<&Stored>) -> Self {
        Self { next, expected: found.map(|stored| stored.revision), message: None }
    }

    /// The same with a message.
    #[must_use]
    pub fn with_message(mut self, message: Message, key: Option<IdempotencyKey>) -> Self {
        self.message = Some(NewMessage { message, key });
        self
    }

    /// The thread it is about.
    pub fn id(&self) -> &ThreadId {
        self.next.id()
    }
}

/// What came of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum CommitOutcome {
    /// It was written, at this revision.
    Committed(Revision),
    /// Nothing was written: this is stored, at another revision than expected.
    Conflict(Option<Stored>),
    /// Nothing was written: the message was sent with this key before (I4).
    KeyTaken(Message),
}
