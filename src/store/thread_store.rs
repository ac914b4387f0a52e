use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Answer, ChangeToken, ChangedLocations, Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery,
    LocationRevision, MessageQuery, StoreResult, StoredMessage, ThreadPage, ThreadQuery,
    VersionedThread,
};
#[cfg(doc)]
use super::{Change, Epoch, MessageSelection, StoreError, StoreErrorKind, ThreadList};
use crate::revision::Revision;
use crate::{BookingId, LocationId, ThreadId, Timestamp};
#[cfg(doc)]
use crate::{Message, Thread};

/// The highest number of ids in one call of [`ThreadStore::heads`].
///
/// ```
/// use frontdesk::BookingId;
/// use frontdesk::store::{MAX_HEADS, MemoryStore, ThreadStore};
/// # use frontdesk::LocationId;
///
/// # futures::executor::block_on(async {
/// # let (store, harbour) = (MemoryStore::new(), LocationId::new("harbour")?);
/// let bookings: Vec<BookingId> =
///     (0..2_500).map(|n| BookingId::new(format!("b-{n}"))).collect::<Result<_, _>>()?;
/// for bookings in bookings.chunks(MAX_HEADS) {
///     assert!(store.heads(&harbour, bookings).await?.value.is_empty());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub const MAX_HEADS: usize = 1_000;

/// A store of threads.
///
/// Implement the trait for your database and pass the store to a
/// [`FrontDesk`](crate::FrontDesk). The trait is dyn-compatible, and `Arc<T>` of a store is a
/// store. An implementation carries the attribute [`#[async_trait]`](macro@async_trait). The
/// crate `frontdesk-conformance` has a guide for implementors and the contract as tests.
///
/// # Contract
///
/// Every method except [`locations`](Self::locations) and
/// [`changed_locations`](Self::changed_locations) is about one location. A call about one
/// location never sees or changes anything of another location; ids and keys are compared by
/// bytes.
///
/// **Revisions** (P1). Each location has a commit counter. Each commit takes a value above all
/// values taken before; this value is the commit's revision. Commits take values in the order
/// in which the commits become visible: once a reader has seen revision *r*, nothing at or below
/// *r* appears later. The values may have gaps, but without gaps a poll that moves a read mark
/// saves a second read. A sequence or an `AUTO_INCREMENT` column breaks the order, because a
/// transaction draws its value before it commits. A counter in a row that stays locked until the
/// commit keeps the order. Values stay below 2^53.
///
/// **Epoch** (P7). Each answer carries the store's [`Epoch`], the identity of the database's
/// history. The epoch changes when the engine may have lost acknowledged commits, and never
/// otherwise.
///
/// **Freshness**. A read that begins after a commit was acknowledged sees it.
///
/// **One snapshot**. Everything in one answer is as of one moment.
///
/// **Round trip**. Texts come back byte for byte, times to the microsecond, ids, counts,
/// flags and marks unchanged. This includes values that a newer version of this crate or a
/// larger limit admitted (T8).
///
/// **Limits**. Methods accept any limit, `usize::MAX` included.
///
/// **Cancelled calls**. The caller may drop a future at any time. A commit whose future was
/// dropped has happened completely or not at all.
///
/// **Durability**. If the data of a store outlives the process, the store has every
/// acknowledged commit when it is opened again.
///
/// # Errors
///
/// [`StoreError`] if the database could not answer. [`StoreErrorKind`] describes when to use
/// each kind. A conflict or a used key is a [`CommitOutcome`], not an error.
///
/// # Example
///
/// This implementation shows the methods. The store is always empty and refuses every commit:
///
/// ```
/// use frontdesk::store::{
///     Answer, Changes, Commit, CommitOutcome, Epoch, ForgottenKeys, KeyQuery, LocationCounts,
///     LocationRevision, MessageQuery, Revision, StoreError, StoreResult, StoredMessage,
///     ThreadPage, ThreadQuery, ThreadStore, VersionedThread, async_trait,
/// };
/// use frontdesk::{BookingId, FrontDesk, LocationId, ThreadId, Timestamp};
///
/// struct EmptyStore;
///
/// fn answer<T>(value: T) -> StoreResult<T> {
///     Ok(Answer::new(value, Epoch::ZERO))
/// }
///
/// #[async_trait]
/// impl ThreadStore for EmptyStore {
///     async fn thread(&self, _: &ThreadId) -> StoreResult<Option<VersionedThread>> {
///         answer(None)
///     }
///     async fn heads(
///         &self,
///         _: &LocationId,
///         _: &[BookingId],
///     ) -> StoreResult<Vec<VersionedThread>> {
///         answer(Vec::new())
///     }
///     async fn commit(&self, _: Commit) -> StoreResult<CommitOutcome> {
///         Err(StoreError::other("this store is read-only"))
///     }
///     async fn messages(&self, _: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
///         answer(Vec::new())
///     }
///     async fn message_by_key(&self, _: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
///         answer(None)
///     }
///     async fn threads(&self, _: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
///         let counts = LocationCounts::new(Revision::ZERO, 0, 0);
///         answer(ThreadPage::new(Vec::new(), counts))
///     }
///     async fn changes(&self, _: &LocationId, _: Revision, _: usize) -> StoreResult<Changes> {
///         let counts = LocationCounts::new(Revision::ZERO, 0, 0);
///         answer(Changes::new(Vec::new(), false, counts))
///     }
///     async fn locations(
///         &self,
///         _: Option<&LocationId>,
///         _: usize,
///     ) -> StoreResult<Vec<LocationRevision>> {
///         answer(Vec::new())
///     }
///     async fn forget_keys(
///         &self,
///         _: &LocationId,
///         _: Timestamp,
///         _: usize,
///     ) -> StoreResult<ForgottenKeys> {
///         answer(ForgottenKeys::new(0, false))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(EmptyStore);
/// let admin = desk.admin(LocationId::new("harbour")?);
/// assert!(admin.threads_for(&[BookingId::new("b-1")?]).await?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[async_trait]
pub trait ThreadStore: Send + Sync {
    /// Reads the state of a thread's id.
    ///
    /// To be correct, a store must
    /// - return `None` only for an id that no commit has named;
    /// - return the tombstone of an erased thread and the link of a linked id;
    /// - create nothing for an id or a location that it does not know.
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>>;

    /// Reads the states of up to [`MAX_HEADS`] ids of one location.
    ///
    /// To be correct, a store must
    /// - return what [`thread`](Self::thread) returns for each id, in the order of the ids
    ///   asked for; an id that is asked for twice is returned twice;
    /// - leave out ids that no commit has named.
    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>>;

    /// Writes one commit, unless the stored state has changed since the commit was computed.
    ///
    /// To be correct, a store must, as one atomic step,
    /// 1. if a message of the commit has a key that a stored message of the same thread,
    ///    role and author has: write nothing and return
    ///    [`KeyTaken`](CommitOutcome::KeyTaken) with the index of the first such message and
    ///    the stored message. This check comes before the check for a conflict;
    /// 2. if the stored state is not at the commit's [`expected`](Commit::expected) revision
    ///    (`None`: nothing is stored): write nothing and return
    ///    [`Conflict`](CommitOutcome::Conflict) with the stored state;
    /// 3. if the commit names an [epoch](Commit::expected_epoch) that is not the store's epoch at
    ///    the moment of the write: write nothing and return
    ///    [`Conflict`](CommitOutcome::Conflict) with the stored state.
    ///    [`conflicts_with`](Commit::conflicts_with) makes this comparison and the one before;
    /// 4. otherwise take the location's next revision, replace the stored state by
    ///    [`next`](Commit::next) at that revision, apply the [`Change`], and return
    ///    [`Committed`](CommitOutcome::Committed) with the revision;
    /// 5. for new messages: add all messages with this revision, and their keys;
    /// 6. for a redaction: remove the message's text, so that none of its bytes can be read
    ///    through the store, and set the message's redaction ordinal; number, ordinal, role,
    ///    author, time, flags, revision and key stay;
    /// 7. for a redaction of an author: remove the author's name from their messages in the
    ///    range;
    /// 8. when `next` is a tombstone: remove every message and every key of the thread, so
    ///    that none of their bytes can be read through the store;
    /// 9. update the inbox, the unread and waiting threads, the counts of both and the change
    ///    feed in the same step.
    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome>;

    /// Reads messages of a thread.
    ///
    /// To be correct, a store must
    /// - for [`Numbers`](MessageSelection::Numbers) return the messages whose numbers are in
    ///   the range, both ends included, in the order of the direction, and at most the first
    ///   `limit` in this order;
    /// - for [`RedactedAfter`](MessageSelection::RedactedAfter) return the redacted messages
    ///   whose redaction ordinal is above the given ordinal, in the order of redaction
    ///   ordinals, at most `limit`;
    /// - return nothing for an unknown, linked or erased thread, an empty range or a limit
    ///   of 0;
    /// - return only messages of the thread's present generation, never messages from before
    ///   an erasure.
    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>>;

    /// Reads the message that was sent with a key (I4).
    ///
    /// To be correct, a store must
    /// - distinguish keys by thread, role and author;
    /// - forget the keys of an erased thread;
    /// - find a redacted message by its key.
    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>>;

    /// Reads a page of a location's threads (L1, L2).
    ///
    /// To be correct, a store must
    /// - for [`All`](ThreadList::All) return the threads whose
    ///   [`InboxPosition`](crate::inbox::InboxPosition) is after the given one (`None`: from
    ///   the top), in the order of positions, at most `limit`: newest [`Thread::active_at`]
    ///   first, equal times by the bytes of the booking id;
    /// - for [`Unread`](ThreadList::Unread) return only those that are
    ///   [unread by operators](Thread::is_unread_by);
    /// - for [`Waiting`](ThreadList::Waiting) return only those with
    ///   [`Thread::waiting_since`], in the order of
    ///   [`WaitingPosition`](crate::inbox::WaitingPosition): the longest waiting first, equal
    ///   times by the bytes of the booking id;
    /// - leave out links and tombstones;
    /// - return the location's counts as of the same snapshot: its newest revision, the
    ///   number of unread threads (U4) and the number of waiting threads; for an unknown
    ///   location [`Revision::ZERO`], 0 and 0.
    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage>;

    /// Reads the changes of a location after a revision (P1, P2).
    ///
    /// To be correct, a store must
    /// - return each thread, link and tombstone whose revision is above `since`, once, in its
    ///   latest state, in the order of revisions, the lowest first, at most `limit`;
    /// - say if there are [`more`](Changes::more) than `limit`;
    /// - return the location's counts as of the same snapshot, as [`threads`](Self::threads)
    ///   does;
    /// - for an unknown location, return no changes;
    /// - for a `since` at or above the newest revision, return no changes;
    /// - answer with one small read when nothing changed.
    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes>;

    /// Reads the locations that have had a commit, with their newest revisions.
    ///
    /// To be correct, a store must
    /// - return the locations whose ids are after `after` (`None`: from the first), in the
    ///   order of the bytes of their ids, at most `limit`.
    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>>;

    /// Reads the locations that may have had a commit since an earlier answer, with their newest
    /// revisions. A follower of many locations, of which a few change, thus reads a short list.
    ///
    /// The default implementation returns every location and no token, which is always correct. A
    /// token is valid for the epoch of its answer, and each page has a token.
    ///
    /// To be correct, a store must
    /// - leave out only locations of which no commit became visible since the answer that contained
    ///   the token `since` (`None`: leave out none), and return the others as `locations` does.
    async fn changed_locations(
        &self,
        since: Option<ChangeToken>,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<ChangedLocations> {
        let _ = since;
        let Answer { value, epoch } = self.locations(after, limit).await?;
        Ok(Answer::new(ChangedLocations::new(value, None), epoch))
    }

    /// Forgets idempotency keys of old messages, one bounded step at a time (I4). A retry with
    /// a forgotten key is a new message.
    ///
    /// To be correct, a store must
    /// - remove at most `limit` keys, and only keys of this location whose message was sent
    ///   before `before` and is not [imported](Message::is_imported);
    /// - say if there are [`more`](ForgottenKeys::more) such keys;
    /// - take no revision and change no thread;
    /// - forget a key only in this method, or when its thread is erased.
    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys>;
}

/// Implements the trait for `Arc<S>`: each method calls the same method of the store `S`.
macro_rules! forward_through_arc {
    ($($method:ident($($argument:ident: $type:ty),+) -> $value:ty;)+) => {
        #[async_trait]
        impl<S: ThreadStore + ?Sized> ThreadStore for Arc<S> {$(
            async fn $method(&self, $($argument: $type),+) -> StoreResult<$value> {
                (**self).$method($($argument),+).await
            }
        )+}
    };
}

forward_through_arc! {
    thread(id: &ThreadId) -> Option<VersionedThread>;
    heads(location: &LocationId, bookings: &[BookingId]) -> Vec<VersionedThread>;
    commit(commit: Commit) -> CommitOutcome;
    messages(query: &MessageQuery<'_>) -> Vec<StoredMessage>;
    message_by_key(query: &KeyQuery<'_>) -> Option<StoredMessage>;
    threads(query: &ThreadQuery<'_>) -> ThreadPage;
    changes(location: &LocationId, since: Revision, limit: usize) -> Changes;
    locations(after: Option<&LocationId>, limit: usize) -> Vec<LocationRevision>;
    changed_locations(
        since: Option<ChangeToken>, after: Option<&LocationId>, limit: usize
    ) -> ChangedLocations;
    forget_keys(location: &LocationId, before: Timestamp, limit: usize) -> ForgottenKeys;
}
