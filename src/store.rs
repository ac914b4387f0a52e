//! The storage contract, which a host application implements for its database.
//!
//! A store knows no rules. It reads, and it writes one commit atomically if the thread did not
//! change since the read. The pure transitions of a [`Thread`](crate::Thread) compute numbers,
//! marks and counts, so every store has the same results. This crate contains [`MemoryStore`];
//! the crates `frontdesk-sqlite` and `frontdesk-postgres` contain stores for databases, and
//! `frontdesk-conformance` contains the contract as a test kit and a guide for implementors.
//!
//! # A commit by hand
//!
//! A desk commits like this for each use case, and a store's own tests can do the same:
//!
//! ```
//! use frontdesk::store::{
//!     Commit, CommitOutcome, KeyQuery, MemoryStore, MessageQuery, NewMessage, NewMessages,
//!     Revision, ThreadList, ThreadQuery, ThreadState, ThreadStore,
//! };
//! use frontdesk::{Booking, BookingId, IdempotencyKey, LocationId, MessageBody, MessageNumber};
//! use frontdesk::{Participant, ParticipantId, Post, Thread, Timestamp};
//!
//! # futures::executor::block_on(async {
//! # let now = Timestamp::UNIX_EPOCH;
//! # let harbour = LocationId::new("harbour")?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
//! # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
//! # let key = IdempotencyKey::new("3f0c")?;
//! let store = MemoryStore::new();
//! let thread = Thread::start(harbour.clone(), booking, now);
//! let id = thread.id().clone();
//! let posted = thread.post(Post::new(ann.clone(), MessageBody::new("Hello!")?, now))?;
//!
//! // The id is unused, so the commit expects nothing there.
//! let live = ThreadState::Live(posted.thread.clone());
//! let messages = NewMessages::one(NewMessage::new(posted.message.clone(), Some(key.clone())));
//! let commit = Commit::new(live.clone(), None).with_messages(messages)?;
//! let CommitOutcome::Committed(revision) = store.commit(commit).await?.value else {
//!     panic!("there is no other writer");
//! };
//!
//! // A second commit computed from the same state writes nothing.
//! let late = store.commit(Commit::new(live, None)).await?.value;
//! let CommitOutcome::Conflict(Some(found)) = late else { panic!("the thread is stored now") };
//! assert_eq!((found.revision, found.state.live()), (revision, Some(&posted.thread)));
//!
//! let by_key = store.message_by_key(&KeyQuery::new(&id, &ann, &key)).await?.value;
//! let all = MessageNumber::START..=MessageNumber::MAX;
//! let newest = store.messages(&MessageQuery::newest_first(&id, all, 1)).await?.value;
//! assert_eq!((by_key.as_ref(), newest[0].revision), (newest.first(), revision));
//!
//! let unread = ThreadQuery::new(&harbour, ThreadList::Unread(None), 50);
//! let page = store.threads(&unread).await?.value;
//! assert_eq!((page.threads.len(), page.counts.unread, page.counts.revision), (1, 1, revision));
//!
//! // After an erasure the feed brings a tombstone.
//! let erased = ThreadState::Erased(posted.thread.erase());
//! let _ = store.commit(Commit::new(erased.clone(), Some(&found))).await?;
//! let changes = store.changes(&harbour, Revision::ZERO, 50).await?.value;
//! assert_eq!((changes.changed.len(), changes.more), (1, false));
//! assert_eq!(changes.changed[0].state, erased);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod answer;
mod commit;
mod error;
mod feed;
mod key_index;
mod lock;
mod memory;
#[cfg(test)]
mod memory_schedules;
mod message;
mod page;
mod query;
mod state;
mod thread_store;

pub use crate::epoch::Epoch;
pub use crate::revision::Revision;
pub use answer::{Answer, StoreResult};
pub use commit::{
    AuthorRedaction, Change, Commit, CommitError, CommitOutcome, CommitParts, MAX_COMMIT_MESSAGES,
    MAX_COMMIT_TEXT_BYTES, NewMessage, NewMessages, Redaction,
};
pub use error::{StoreError, StoreErrorKind};
pub use memory::MemoryStore;
pub use message::StoredMessage;
pub use page::{
    ChangeToken, ChangedLocations, Changes, ForgottenKeys, LocationCounts, LocationRevision,
    ThreadPage,
};
pub use query::{Direction, KeyQuery, MessageQuery, MessageSelection, ThreadList, ThreadQuery};
pub use state::{ThreadState, VersionedThread};
pub use thread_store::{MAX_HEADS, ThreadStore};

/// The attribute for implementations of [`ThreadStore`], so that a host application needs no
/// dependency on the crate `async-trait`.
pub use async_trait::async_trait;
