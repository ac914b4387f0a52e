use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frontdesk::store::{Revision, StoredMessage, VersionedThread};
use frontdesk::{IdempotencyKey, LocationId, Message, ThreadId};
use frontdesk_conformance::Fault;

/// A message and its thread.
#[derive(Clone)]
pub(crate) struct MessageRow {
    pub(crate) thread: ThreadId,
    pub(crate) stored: StoredMessage,
}

impl MessageRow {
    pub(crate) fn new(thread: &ThreadId, message: Message, revision: Revision) -> Self {
        Self { thread: thread.clone(), stored: StoredMessage::new(message, revision) }
    }
}

/// A key and a copy of its message.
#[derive(Clone)]
pub(crate) struct KeyRow {
    pub(crate) message: MessageRow,
    pub(crate) key: IdempotencyKey,
}

impl KeyRow {
    /// Returns `true` if both rows have the same key of the same author and thread.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let author = |row: &Self| row.message.stored.message.author().clone();
        self.key == other.key
            && self.message.thread == other.message.thread
            && author(self) == author(other)
    }
}

/// The content of a broken store.
#[derive(Default, Clone)]
pub(crate) struct Lists {
    pub(crate) counters: BTreeMap<LocationId, Revision>,
    pub(crate) heads: Vec<VersionedThread>,
    /// Every head that was ever written.
    pub(crate) versions: Vec<VersionedThread>,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) keys: Vec<KeyRow>,
    pub(crate) forgotten_keys: Vec<KeyRow>,
    pub(crate) once_unread: Vec<ThreadId>,
    pub(crate) erased_unread: Vec<ThreadId>,
    pub(crate) erased_waiting: Vec<ThreadId>,
    /// The fault of the next commit.
    pub(crate) fault: Option<Fault>,
    /// The threads whose heads are damaged.
    pub(crate) damaged: Arc<Mutex<Vec<ThreadId>>>,
    /// The number of heads and counters that polls have read.
    pub(crate) work: u64,
    /// A copy that is one commit behind.
    pub(crate) replica: Option<Box<Lists>>,
}

impl Lists {
    /// Adds a message and its key.
    pub(crate) fn add_message(&mut self, message: MessageRow, key: Option<IdempotencyKey>) {
        self.keys.extend(key.map(|key| KeyRow { message: message.clone(), key }));
        self.messages.push(message);
    }

    /// Changes the messages that `select` selects, in both places.
    pub(crate) fn update_messages(
        &mut self,
        select: impl Fn(&MessageRow) -> bool,
        change: impl Fn(&mut StoredMessage),
    ) {
        let of_keys = self.keys.iter_mut().map(|row| &mut row.message);
        for row in self.messages.iter_mut().chain(of_keys).filter(|row| select(row)) {
            change(&mut row.stored);
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
