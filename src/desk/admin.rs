use std::fmt;
use std::sync::Arc;

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::page::{InboxPage, PageRequest};
use super::use_case::use_case;
use crate::store::{MAX_HEADS, ThreadState};
use crate::{BookingId, BookingPatch, LocationId, Thread, ThreadId};

/// The desk with which the host application maintains one location (A1). It reads threads,
/// refreshes bookings and erases threads.
///
/// Every method fails with [`DeskError::Store`] if the store could not answer, and with
/// [`DeskError::Busy`] after too many write conflicts.
///
/// The following nightly job erases threads after a year without messages. At the moment of
/// erasure, the desk checks the condition `idle`. The condition can also exclude threads that were
/// read recently or whose booking is in the future:
///
/// ```
/// use frontdesk::desk::PageRequest;
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{FrontDesk, LocationId, Thread};
/// use std::time::Duration;
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = desk.admin(LocationId::new("harbour")?);
/// let year_ago = desk.now().saturating_sub(Duration::from_secs(365 * 24 * 3600));
///
/// let mut request = PageRequest::idle_since(year_ago, 100);
/// loop {
///     let page = harbour.threads(&request).await?;
///     for thread in &page.threads {
///         // The condition is false if a message arrived after the page was read.
///         let idle = |thread: &Thread| {
///             let starts_at = thread.booking().starts_at;
///             thread.active_at() <= year_ago && starts_at.is_none_or(|start| start <= year_ago)
///         };
///         harbour.erase_if(&thread.id().booking, idle).await?;
///     }
///     let Some(next) = page.next else { break };
///     request = PageRequest::after(next, 100);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// The next example refreshes a changed booking, reads the threads of several bookings, and erases
/// a thread on request:
///
/// ```
/// use frontdesk::{AdminDesk, BookingPatch, BookingStatus};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # kim.start(booking.clone()).await?;
/// let admin: AdminDesk = desk.admin(harbour);
/// let patch = BookingPatch::new(booking.id.clone()).with_status(BookingStatus::Confirmed);
/// assert!(admin.refresh(&patch).await?);
/// assert!(!admin.refresh(&patch).await?, "nothing changed");
///
/// let confirmed = booking.clone().with_status(BookingStatus::Confirmed);
/// assert_eq!(admin.thread(&booking.id).await?.booking(), &confirmed);
/// let bookings = [booking.id.clone(), BookingId::new("b-2")?];
/// assert_eq!(admin.threads_for(&bookings).await?.len(), 1);
///
/// assert!(admin.erase(&booking.id).await?);
/// assert!(!admin.erase(&booking.id).await?, "the thread is erased already");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct AdminDesk {
    context: Arc<DeskContext>,
    location: LocationId,
}

impl AdminDesk {
    pub(super) fn new(context: Arc<DeskContext>, location: LocationId) -> Self {
        Self { context, location }
    }

    fn id(&self, booking: &BookingId) -> ThreadId {
        ThreadId::new(self.location.clone(), booking.clone())
    }

    /// Reads a page of the location's threads, with the most recently active thread first. Moves no
    /// read mark.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for a cursor of another location.
    pub async fn threads(&self, request: &PageRequest) -> Result<InboxPage, DeskError> {
        let use_case = use_case!("admin.threads", self.location);
        use_case.run(self.context.page(&self.location, request)).await
    }

    /// Reads a booking's thread, without its messages. Moves no read mark.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`] if the thread is not started or is erased.
    pub async fn thread(&self, booking: &BookingId) -> Result<Thread, DeskError> {
        let id = self.id(booking);
        let reading = async {
            match self.context.store.thread(&id).await?.value.map(|found| found.state) {
                Some(ThreadState::Live(thread)) => Ok(thread),
                _ => Err(DeskError::NotFound),
            }
        };
        use_case!("admin.thread", thread id).run(reading).await
    }

    /// Reads the threads of several bookings, without their messages, in the order of the bookings.
    /// Leaves out bookings without a thread. Moves no read mark. Reads up to [`MAX_HEADS`] bookings
    /// in one snapshot, and longer lists in several snapshots.
    pub async fn threads_for(&self, bookings: &[BookingId]) -> Result<Vec<Thread>, DeskError> {
        let reading = async {
            let mut threads = Vec::new();
            for bookings in bookings.chunks(MAX_HEADS) {
                let heads = self.context.store.heads(&self.location, bookings).await?.value;
                threads.extend(heads.into_iter().filter_map(|found| match found.state {
                    ThreadState::Live(thread) => Some(thread),
                    ThreadState::Linked(_) | ThreadState::Erased(_) => None,
                }));
            }
            Ok(threads)
        };
        use_case!("admin.threads_for", self.location).run(reading).await
    }

    /// Changes a thread's snapshot of its booking (L5). Parts that the patch does not name stay
    /// as they are. Returns `true` if the thread changed.
    ///
    /// Does nothing if the thread is not started, so the host application can call this method for
    /// every booking that changes. Also does nothing if the patch has a lower version than the
    /// stored snapshot. Without versions, the patch that arrives last wins, even if it is older.
    pub async fn refresh(&self, patch: &BookingPatch) -> Result<bool, DeskError> {
        let id = self.id(patch.id());
        let use_case = use_case!("admin.refresh", thread id);
        let refreshing = async {
            let update = |state: Option<&ThreadState>| {
                let thread = state.and_then(ThreadState::live);
                let updated = thread.and_then(|thread| {
                    Some((thread.update_booking(patch)?, thread.booking().clone()))
                });
                Ok((updated.clone().map(|(thread, _)| ThreadState::Live(thread)), updated))
            };
            let updated = self.context.update_with_retry(&use_case, &id, update).await?;
            let changed = updated.is_some();
            if let Some((thread, before)) = updated {
                self.context.emit(|| Event::BookingUpdated { thread, before });
            }
            Ok(changed)
        };
        use_case.run(refreshing).await
    }

    /// Erases every text, name and key of a thread (L3). Returns `true` if there was a
    /// thread.
    ///
    /// A tombstone remains. It contains the location's and the booking's id, a revision and the
    /// last message number. The database's log and free pages can still contain the texts for a
    /// while; the store's docs say how long. Backups also contain the texts: delete backups by age,
    /// and after a restore, erase again the threads that were erased after the backup was made.
    pub async fn erase(&self, booking: &BookingId) -> Result<bool, DeskError> {
        self.erase_if(booking, |_| true).await
    }

    /// Erases a thread if a condition holds at the moment of erasure. A job therefore never erases
    /// messages that arrived after the job found the thread idle. Returns `true` if the thread was
    /// erased, and `false` if there is no thread or the condition does not hold.
    pub async fn erase_if(
        &self,
        booking: &BookingId,
        condition: impl Fn(&Thread) -> bool + Send + Sync,
    ) -> Result<bool, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("admin.erase", thread id);
        let erasing = async {
            let erase = |state: Option<&ThreadState>| {
                let thread = state.and_then(ThreadState::live).filter(|thread| condition(thread));
                let tombstone = thread.map(Thread::erase);
                Ok((tombstone.clone().map(ThreadState::Erased), tombstone))
            };
            let tombstone = self.context.update_with_retry(&use_case, &id, erase).await?;
            let erased = tombstone.is_some();
            if let Some(tombstone) = tombstone {
                self.context.emit(|| Event::ThreadErased { tombstone });
            }
            Ok(erased)
        };
        use_case.run(erasing).await
    }
}

impl fmt::Debug for AdminDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdminDesk").field("location", &self.location).finish_non_exhaustive()
    }
}
