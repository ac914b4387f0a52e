//! Calls of a store as values.

use frontdesk::store::{
    Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery, LocationRevision, MessageQuery,
    Revision, StoreError, StoredMessage, ThreadList, ThreadPage, ThreadQuery, ThreadStore,
    VersionedThread,
};
use frontdesk::{BookingId, LocationId, MessageNumber, ThreadId, Timestamp};

use crate::support::{booking_id, customer, key, location_id, thread_id};

pub(crate) const LOCATION: &str = "harbour";

/// A call about one location.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    Thread(&'static str),
    Heads(Vec<&'static str>),
    Commit(Commit),
    /// At most `limit` messages, from the oldest on.
    Oldest {
        booking: &'static str,
        limit: usize,
    },
    /// At most `limit` messages, from the newest back.
    Newest {
        booking: &'static str,
        limit: usize,
    },
    Redacted {
        booking: &'static str,
        after: u32,
    },
    Key {
        booking: &'static str,
        key: &'static str,
    },
    Threads {
        limit: usize,
    },
    UnreadThreads {
        limit: usize,
    },
    WaitingThreads {
        limit: usize,
    },
    Changes {
        since: u32,
        limit: usize,
    },
    Locations,
    ForgetKeys {
        before: Timestamp,
        limit: usize,
    },
}

/// The value of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Response {
    Thread(Option<VersionedThread>),
    Heads(Vec<VersionedThread>),
    Commit(CommitOutcome),
    Messages(Vec<StoredMessage>),
    Message(Option<StoredMessage>),
    Threads(ThreadPage),
    Changes(Changes),
    Locations(Vec<LocationRevision>),
    ForgottenKeys(ForgottenKeys),
}

/// Returns the id of the location of all requests.
pub(crate) fn location() -> LocationId {
    location_id(LOCATION)
}

/// Returns the id of a thread.
pub(crate) fn id(booking: &str) -> ThreadId {
    thread_id(LOCATION, booking)
}

/// Returns a revision.
pub(crate) fn revision(revision: u32) -> Revision {
    Revision::try_from(i64::from(revision)).unwrap()
}

impl Request {
    /// Calls a store.
    pub(crate) async fn run(&self, store: &dyn ThreadStore) -> Result<Response, StoreError> {
        let all = MessageNumber::START..=MessageNumber::MAX;
        let location = location();
        let threads = async |list, limit| {
            let page = store.threads(&ThreadQuery::new(&location, list, limit)).await?;
            Ok(Response::Threads(page.value))
        };
        let messages = async |query: MessageQuery<'_>| {
            Ok(Response::Messages(store.messages(&query).await?.value))
        };
        match self.clone() {
            Self::Thread(booking) => Ok(Response::Thread(store.thread(&id(booking)).await?.value)),
            Self::Heads(bookings) => {
                let bookings: Vec<BookingId> = bookings.into_iter().map(booking_id).collect();
                Ok(Response::Heads(store.heads(&location, &bookings).await?.value))
            }
            Self::Commit(commit) => Ok(Response::Commit(store.commit(commit).await?.value)),
            Self::Oldest { booking, limit } => {
                messages(MessageQuery::oldest_first(&id(booking), all, limit)).await
            }
            Self::Newest { booking, limit } => {
                messages(MessageQuery::newest_first(&id(booking), all, limit)).await
            }
            Self::Redacted { booking, after } => {
                messages(MessageQuery::redacted_after(&id(booking), after, 9)).await
            }
            Self::Key { booking, key: text } => {
                let (id, key, ann) = (id(booking), key(text), customer("ann"));
                let found = store.message_by_key(&KeyQuery::new(&id, &ann, &key)).await?;
                Ok(Response::Message(found.value))
            }
            Self::Threads { limit } => threads(ThreadList::All(None), limit).await,
            Self::UnreadThreads { limit } => threads(ThreadList::Unread(None), limit).await,
            Self::WaitingThreads { limit } => threads(ThreadList::Waiting(None), limit).await,
            Self::Changes { since, limit } => {
                let changes = store.changes(&location, revision(since), limit).await?;
                Ok(Response::Changes(changes.value))
            }
            Self::Locations => {
                Ok(Response::Locations(store.locations(None, usize::MAX).await?.value))
            }
            Self::ForgetKeys { before, limit } => {
                let forgotten = store.forget_keys(&location, before, limit).await?;
                Ok(Response::ForgottenKeys(forgotten.value))
            }
        }
    }
}
