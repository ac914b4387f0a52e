//! The storage contract: what a host implements for its database.
//!
//! A store knows no rules. It reads, and it writes one commit, all or nothing, if
//! nothing changed in between. Numbering, marks, counts and idempotency are
//! decided by the pure transitions of a [`Thread`] and are the same in every
//! store. [`MemoryStore`] comes with the crate; `SqliteStore` and `PostgresStore` with
//! the features of their names.
//!
//! # A commit by hand
//!
//! What a desk does for each use case, and a store's own tests too:
//!
//! ```
//! use frontdesk::store::{
//!     Changes, Commit, CommitOutcome, Direction, Filter, MemoryStore, NewMessage, Revision, Stored,
//!     ThreadPage, ThreadState, ThreadStore,
//! };
//! use frontdesk::{Booking, BookingId, IdempotencyKey, LocationId, MessageBody, MessageNumber};
//! use frontdesk::{Participant, ParticipantId, Role, Seen, Thread, Timestamp};
//!
//! # futures::executor::block_on(async {
//! # let now = Timestamp::UNIX_EPOCH;
//! # let harbour = LocationId::new("harbour")?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
//! # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
//! # let key = IdempotencyKey::new("3f0c")?;
//! let store = MemoryStore::new();
//! let thread = Thread::start(harbour.clone(), booking, now, MessageNumber::START)?;
//! let id = thread.id().clone();
//! let posted = thread.post(ann.clone().into(), MessageBody::new("Hello!")?, now, Seen::Everything)?;
//!
//! // Nothing was found under this id, and nothing is expected there.
//! let live = ThreadState::Live(posted.thread.clone());
//! let commit = Commit::new(live.clone(), None).with_message(posted.message, Some(key.clone()));
//! assert!(matches!(&commit.message, Some(NewMessage { key: Some(sent), .. }) if *sent == key));
//! let CommitOutcome::Committed(revision) = store.commit(commit).await? else {
//!     panic!("nobody else was here");
//! };
//!
//! // A second one from the same place writes nothing.
//! let late = store.commit(Commit::new(live, None)).await?;
//! let CommitOutcome::Conflict(Some(found)) = late else { panic!("it is there now") };
//! let found: Stored = found;
//! assert_eq!((found.revision, found.state.live()), (revision, Some(&posted.thread)));
//!
//! let by_key = store.message_by_key(&id, Role::Customer, &ann.id, &key).await?;
//! let all = MessageNumber::START..=MessageNumber::MAX;
//! let newest = store.messages(&id, all, 1, Direction::NewestFirst).await?;
//! assert_eq!(by_key.as_ref(), newest.first());
//!
//! let page: ThreadPage = store.threads(&harbour, None, 50, Filter::Unread).await?;
//! assert_eq!((page.threads.len(), page.unread, page.revision), (1, 1, revision));
//!
//! // Erased: a tombstone is what the feed brings.
//! let erased = ThreadState::Erased(posted.thread.erase());
//! let _ = store.commit(Commit::new(erased.clone(), Some(&found))).await?;
//! let changes: Changes = store.changes(&harbour, Revision::ZERO, 50).await?;
//! assert_eq!((changes.changed.len(), changes.more), (1, false));
//! assert_eq!(changes.changed[0].state, erased);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod columns;
mod commit;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod error;
#[cfg(test)]
mod explored;
mod memory;
mod page;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use commit::{Commit, CommitOutcome, NewMessage, Revision, Stored, ThreadState};
pub use error::{StoreError, StoreErrorKind};
pub use memory::MemoryStore;
pub use page::{Changes, Direction, Filter, ThreadPage};
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use postgres::{PostgresBuilder, PostgresOpenError, PostgresStore};
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use sqlite::{SqliteBuilder, SqliteOpenError, SqliteStore, Synchronous};

use std::ops::RangeInclusive;
use std::sync::Arc;

/// What [`MemoryStore`] locks with; its tests compile it once more with the locks of
/// a checker that explores schedules.
mod lock {
    pub(super) use std::sync::RwLock;
}

/// The attribute that an implementation of [`ThreadStore`] carries, so that a host
/// needs no dependency of its own for it.
pub use async_trait::async_trait;

use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
#[cfg(doc)]
use crate::thread::Thread;

/// Where threads are kept.
///
/// Implement it on your database, and hand it to a
/// [`FrontDesk`](crate::FrontDesk). It is dyn-compatible; `Arc<T>` of a store is
/// a store. An implementation carries the attribute
/// [`#[async_trait]`](macro@async_trait). With the feature `conformance`, the module
/// `store::conformance` has a page on implementing a store and the contract as
/// tests.
///
/// # Contract
///
/// Every method is about one location. Nothing of one location is ever seen in,
/// or changed by, a call about another; ids and keys are compared by bytes.
///
/// **Revisions** (P1). A location has a counter. Each commit takes a value above
/// all that were taken before, and takes them in the order in which commits become
/// visible: once a reader has seen revision *r*, nothing at or below *r* appears
/// later. They need not follow by one, but where they do a poll that marks what it
/// brings is spared a second look. A sequence or an `AUTO_INCREMENT` that is drawn before the transaction
/// commits does not do this; a row for the location, locked until the commit, does.
/// Values stay below 2^53.
///
/// **Freshness**. A read that begins after a commit was acknowledged sees it.
///
/// **One snapshot**. Everything in one answer is as of one moment.
///
/// **Given back as given**. Texts byte for byte, times to the microsecond, ids,
/// counts and marks as they were written; what a newer version of this crate or a
/// larger limit let in too (T8).
///
/// **Limits**. Methods take any limit, `usize::MAX` too.
///
/// **Cancelled calls**. The caller may drop a future at any time. A commit whose
/// future was dropped has happened wholly or not at all.
///
/// **Durability**. A store that outlives its process has, opened again, everything
/// that was acknowledged.
///
/// # Errors
///
/// [`StoreError`] when the database could not answer; see [`StoreErrorKind`] for
/// which kind to choose. A conflict or a used key is an outcome, not an error.
#[async_trait]
pub trait ThreadStore: Send + Sync {
    /// The thread as it stands, or what is left of it.
    ///
    /// To be correct, a store must
    /// - return `None` only for an id that no commit ever named;
    /// - return the tombstone of an erased thread;
    /// - create nothing for an id or a location it does not know.
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError>;

    /// Writes one commit, if nothing changed since it was computed.
    ///
    /// To be correct, a store must, as one atomic step,
    /// 1. if the commit's message has a key that a message of the same thread,
    ///    side and author has: write nothing and return
    ///    [`KeyTaken`](CommitOutcome::KeyTaken) with that message. This comes
    ///    first, before a conflict;
    /// 2. if what is stored is not at the commit's
    ///    [`expected`](Commit::expected) revision (`None`: nothing is stored):
    ///    write nothing and return [`Conflict`](CommitOutcome::Conflict) with
    ///    what is stored;
    /// 3. else take the location's next revision, replace what is stored by
    ///    [`next`](Commit::next) at that revision, add the message and its key,
    ///    and return [`Committed`](CommitOutcome::Committed) with the revision;
    /// 4. when `next` is a tombstone: remove every message and every key of the
    ///    thread, so that none of their bytes can be read again through the store;
    /// 5. bring the inbox, the unread threads, the unread number and the feed to
    ///    the same state in the same step.
    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError>;

    /// A slice of a thread's history.
    ///
    /// To be correct, a store must
    /// - return the messages whose numbers are in `range`, both ends included, at
    ///   most `limit`, starting from the end that `direction` starts from and in
    ///   its order;
    /// - return nothing for an unknown or erased thread, an empty range or a
    ///   limit of 0;
    /// - return only messages of the thread's present life.
    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError>;

    /// The message that was sent with a key (I4).
    ///
    /// To be correct, a store must
    /// - tell keys apart by thread, side and author;
    /// - forget the keys of an erased thread.
    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError>;

    /// A page of a location's live threads in inbox order (L1, L2).
    ///
    /// To be correct, a store must
    /// - return the threads whose [`InboxPosition`] is after `after` (from the
    ///   top: `None`), in the order of positions, at most `limit`: newest
    ///   [`Thread::active_at`] first, equal times by the bytes of the booking id;
    /// - with [`Filter::Unread`], only those that
    ///   [await an operator](Thread::awaits_operator);
    /// - leave out tombstones;
    /// - return the location's unread number (U4) and newest revision as of the
    ///   same snapshot; for an unknown location 0 and [`Revision::ZERO`].
    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError>;

    /// What changed in a location after a revision (P1, P2).
    ///
    /// To be correct, a store must
    /// - return each thread and tombstone whose revision is above `since`, once,
    ///   in its latest state, in the order of revisions, at most `limit`, the
    ///   lowest first;
    /// - say whether there is [`more`](Changes::more) than `limit`;
    /// - return the unread number and the newest revision as of the same
    ///   snapshot; for an unknown location nothing, 0 and [`Revision::ZERO`];
    /// - for a `since` at or above the newest revision, return no changes;
    /// - answer in one small read when nothing changed.
    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError>;
}

#[async_trait]
impl<S: ThreadStore + ?Sized> ThreadStore for Arc<S> {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        (**self).thread(id).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        (**self).commit(commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        (**self).messages(id, range, limit, direction).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        (**self).message_by_key(id, role, author, key).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        (**self).threads(location, after, limit, filter).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        (**self).changes(location, since, limit).await
    }
}
