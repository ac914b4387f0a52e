use crate::cursor::{CursorEpoch, CursorError, PageCursor, PagePosition, PollCursor};
use crate::inbox::{InboxPosition, WaitingPosition};
use crate::store::{LocationCounts, ThreadList, ThreadPage};
use crate::view::{Badge, InboxRow, InboxView, ViewContext};
use crate::{LocationId, Thread, Timestamp};

/// A request for one page of a location's threads.
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
    start: PageStart,
    /// The poll cursor of the list's first page. It is `None` in a request for the first page.
    poll: Option<PollCursor>,
}

/// The list to read, and the position after which the page begins. The position is `None` for the
/// beginning of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PageStart {
    All(Option<InboxPosition>),
    Unread(Option<InboxPosition>),
    Waiting(Option<WaitingPosition>),
}

impl PageRequest {
    fn new(start: PageStart, limit: usize) -> Self {
        Self { limit, start, poll: None }
    }

    /// Asks for the first `limit` threads, 1 to [`MAX_PAGE`](super::MAX_PAGE).
    pub fn first(limit: usize) -> Self {
        Self::new(PageStart::All(None), limit)
    }

    /// Asks for the first `limit` threads with unread customer messages (U4).
    pub fn unread(limit: usize) -> Self {
        Self::new(PageStart::Unread(None), limit)
    }

    /// Asks for the `limit` threads that have waited longest for an operator's answer (U5).
    pub fn waiting(limit: usize) -> Self {
        Self::new(PageStart::Waiting(None), limit)
    }

    /// Asks for the first `limit` threads that were last active at `since` or earlier.
    pub fn idle_since(since: Timestamp, limit: usize) -> Self {
        Self::new(PageStart::All(Some(InboxPosition::idle_since(since))), limit)
    }

    /// Asks for the next `limit` threads of a list. `cursor` is [`InboxPage::next`] of the page
    /// before.
    pub fn after(cursor: PageCursor, limit: usize) -> Self {
        let start = match cursor.position {
            PagePosition::All(position) => PageStart::All(Some(position)),
            PagePosition::Unread(position) => PageStart::Unread(Some(position)),
            PagePosition::Waiting(position) => PageStart::Waiting(Some(position)),
        };
        Self { poll: Some(cursor.poll), ..Self::new(start, limit) }
    }

    /// Returns the list to read and the position after which to start. Fails if the cursor is of
    /// another location.
    pub(super) fn list(&self, location: &LocationId) -> Result<ThreadList<'_>, CursorError> {
        if self.poll.as_ref().is_some_and(|poll| poll.location != *location) {
            return Err(CursorError::WrongLocation);
        }
        Ok(match &self.start {
            PageStart::All(after) => ThreadList::All(after.as_ref()),
            PageStart::Unread(after) => ThreadList::Unread(after.as_ref()),
            PageStart::Waiting(after) => ThreadList::Waiting(after.as_ref()),
        })
    }

    fn position_of(&self, thread: &Thread) -> Option<PagePosition> {
        Some(match self.start {
            PageStart::All(_) => PagePosition::All(InboxPosition::of(thread)),
            PageStart::Unread(_) => PagePosition::Unread(InboxPosition::of(thread)),
            PageStart::Waiting(_) => PagePosition::Waiting(WaitingPosition::of(thread)?),
        })
    }

    /// Makes the answer from the threads that the store found. The store was asked for one thread
    /// more than the limit; if it found that thread, there is a next page.
    pub(super) fn answer(
        &self,
        location: &LocationId,
        epoch: CursorEpoch,
        mut found: ThreadPage,
    ) -> InboxPage {
        let more = found.threads.len() > self.limit;
        found.threads.truncate(self.limit);
        let (location, revision) = (location.clone(), found.counts.revision);
        let first = PollCursor { location, epoch, revision, open: None };
        let cursor = self.poll.clone().unwrap_or(first);
        let last = found.threads.last().filter(|_| more);
        let next = last.and_then(|last| self.position_of(last));
        let next = next.map(|position| PageCursor { position, poll: cursor.clone() });
        let LocationCounts { unread, waiting, .. } = found.counts;
        InboxPage { threads: found.threads, unread, waiting, next, cursor }
    }
}

/// A page of a location's threads, read in one snapshot (L2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InboxPage {
    /// The threads, with the most recently active thread first (L1). In the waiting list, the
    /// thread that has waited longest is the first (U5).
    pub threads: Vec<Thread>,
    /// The number of the location's threads with unread customer messages (U4).
    pub unread: u64,
    /// The number of the location's threads that wait for an operator's answer (U5).
    pub waiting: u64,
    /// The cursor of the next page, or `None` on the last page.
    pub next: Option<PageCursor>,
    /// The cursor for the next poll. All pages of a list have the cursor of the first page. A poll
    /// with this cursor therefore returns all changes since the first page was read, including
    /// changes that an earlier poll has already returned.
    pub cursor: PollCursor,
}

impl InboxPage {
    /// Makes the view of the page.
    pub fn view(&self, context: &ViewContext<'_>) -> InboxView {
        InboxView {
            rows: self.threads.iter().map(|thread| InboxRow::new(thread, context)).collect(),
            unread: self.unread,
            badge: Badge::new(self.unread),
            waiting: self.waiting,
            next: self.next.clone(),
            cursor: self.cursor.clone(),
        }
    }
}
