use super::event::Event;
use super::event_id::EventId;
use crate::revision::Revision;
use crate::store::StoredMessage;
use crate::{Role, Thread, Tombstone};

/// An event that a follower of a location gets (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedEvent {
    /// The id, which stays the same if the event is delivered again.
    pub id: EventId,
    /// The revision of the commit that stored the message, of the latest change of the thread, or of
    /// the erasure. If the thread was started again, the erasure has the revision of the thread's
    /// latest change. A message that is older than the database schema that keeps revisions of
    /// messages has [`Revision::ZERO`].
    pub revision: Revision,
    /// One of these kinds:
    /// - [`MessageReceived`](Event::MessageReceived) or [`ReplySent`](Event::ReplySent) for each
    ///   message. The message says if it was [imported](crate::Message::is_imported), is
    ///   [automatic](crate::Message::is_automatic) or was [redacted](crate::Message::redaction)
    ///   meanwhile;
    /// - [`ThreadErased`](Event::ThreadErased) for each erasure; but if a thread that never had a
    ///   message was erased and started again before the follower came, only its change comes;
    /// - [`ThreadChanged`](Event::ThreadChanged) for every other change.
    ///
    /// The thread in the event is as of the delivery, so it can be newer than the message.
    pub event: Event,
}

impl FeedEvent {
    pub(super) fn message(thread: Thread, stored: StoredMessage) -> Self {
        let StoredMessage { message, revision } = stored;
        let id = EventId::of_message(thread.id(), message.number());
        let event = match message.role() {
            Role::Customer => Event::MessageReceived { thread, message },
            Role::Operator => Event::ReplySent { thread, message },
        };
        Self { id, revision, event }
    }

    pub(super) fn erasure(tombstone: Tombstone, revision: Revision) -> Self {
        let id = EventId::of_erasure(&tombstone.id, tombstone.last);
        Self { id, revision, event: Event::ThreadErased { tombstone } }
    }

    pub(super) fn change(thread: Thread, revision: Revision) -> Self {
        let id = EventId::of_change(thread.id(), revision);
        Self { id, revision, event: Event::ThreadChanged { thread } }
    }
}
