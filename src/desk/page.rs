use serde::Serialize;

use super::cursor::{CursorError, PageCursor, PollCursor};
use crate::id::LocationId;
use crate::inbox::InboxPosition;
use crate::store::{Filter, ThreadPage};
use crate::thread::Thread;
use crate::timestamp::Timestamp;
use crate::view::{Badge, InboxRow, Screen};

/// The most items of a page, threads and messages alike.
pub const MAX_PAGE: usize = 200;

/// Which page of a location's threads.
///
/// ```
/// use frontdesk::desk::PageRequest;
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{FrontDesk, LocationId, ParticipantId};
///
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let kim = desk.operator(LocationId::new("harbour")?, ParticipantId::new("u-7")?, None);
/// let mut page = kim.inbox(&PageRequest::unread(50)).await?;
/// while let Some(next) = page.next {
///     page = kim.inbox(&PageRequest::after(next, 50)).await?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PageRequest {
    pub(super) limit: usize,
    start: Start,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Start {
    Top(Filter),
    IdleSince(Timestamp),
    After(PageCursor),
}

impl PageRequest {
    /// The first `limit` threads, 1 to [`MAX_PAGE`].
    pub fn first(limit: usize) -> Self {
        Self { limit, start: Start::Top(Filter::All) }
    }

    /// The first `limit` threads that await an operator (U4).
    pub fn unread(limit: usize) -> Self {
        Self { limit, start: Start::Top(Filter::Unread) }
    }

    /// The first `limit` threads that were last active at `since` or earlier.
    pub fn idle_since(since: Timestamp, limit: usize) -> Self {
        Self { limit, start: Start::IdleSince(since) }
    }

    /// The `limit` threads after those of another page, of the same kind.
    pub fn after(cursor: PageCursor, limit: usize) -> Self {
        Self { limit, start: Start::After(cursor) }
    }

    pub(super) fn filter(&self) -> Filter {
        match &self.start {
            Start::Top(filter) => *filter,
            Start::IdleSince(_) => Filter::All,
            Start::After(cursor) => cursor.filter,
        }
    }

    pub(super) fn start_at(
        &self,
        location: &LocationId,
    ) -> Result<Option<InboxPosition>, CursorError> {
        match &self.start {
            Start::Top(_) => Ok(None),
            Start::IdleSince(since) => Ok(Some(InboxPosition::idle_since(*since))),
            Start::After(cursor) if cursor.poll.location == *location => {
                Ok(Some(cursor.position.clone()))
            }
            Start::After(_) => Err(CursorError::Elsewhere),
        }
    }

    /// The page that a store found, of which one more than asked for tells
    /// whether there is a next.
    pub(super) fn answer(
        &self,
        location: &LocationId,
        epoch: u64,
        mut found: ThreadPage,
    ) -> InboxPage {
        let more = found.threads.len() > self.limit;
        found.threads.truncate(self.limit);
        let cursor = match &self.start {
            Start::After(cursor) => cursor.poll.clone(),
            _ => PollCursor {
                location: location.clone(),
                epoch,
                revision: found.revision,
                open: None,
            },
        };
        let next = found.threads.last().filter(|_| more).map(|last| PageCursor {
            position: InboxPosition::of(last),
            filter: self.filter(),
            poll: cursor.clone(),
        });
        InboxPage { threads: found.threads, unread: found.unread, next, cursor }
    }
}

/// A page of a location's threads, as of one moment (L2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboxPage {
    /// The threads, in inbox order.
    pub threads: Vec<Thread>,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// Where the next page starts; `None` when this is the last.
    pub next: Option<PageCursor>,
    /// Where polling goes on after this page: from when the first page was read,
    /// so that what changed since comes with the next poll, also when polls were
    /// answered in between.
    pub cursor: PollCursor,
}

impl InboxPage {
    /// The page for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> InboxView {
        InboxView {
            rows: self.threads.iter().map(|thread| InboxRow::new(thread, screen)).collect(),
            unread: self.unread,
            badge: Badge::new(self.unread),
            next: self.next.clone(),
            cursor: self.cursor.clone(),
        }
    }
}

/// A page of the Conversations panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InboxView {
    /// The rows, in inbox order.
    pub rows: Vec<InboxRow>,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// The same as a badge.
    pub badge: Badge,
    /// Where the next page starts.
    pub next: Option<PageCursor>,
    /// Where polling goes on after this page.
    pub cursor: PollCursor,
}
