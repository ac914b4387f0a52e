use std::fmt;
use std::sync::Arc;

use super::core::{Core, Step};
use super::error::DeskError;
use super::event::Event;
use super::page::{InboxPage, PageRequest};
use super::use_case::use_case;
use crate::booking::Booking;
use crate::id::{BookingId, LocationId, ThreadId};
use crate::store::ThreadState;
use crate::thread::Thread;

/// The host's own chores at a location (A1): refresh bookings, erase threads.
/// Every method answers [`DeskError::Store`] when the store could not, and
/// [`DeskError::Busy`] when others kept being faster.
///
/// A nightly job that erases what nobody wrote into for a year. The condition is
/// asked again at the moment of erasing, as often as others are faster, so that it
/// can spare what was read lately or is yet to take place, too. Which locations
/// there are, the host knows.
///
/// ```
/// use frontdesk::desk::PageRequest;
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{FrontDesk, LocationId, Thread};
/// use std::time::Duration;
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = desk.location(LocationId::new("harbour")?);
/// let year_ago = desk.now().saturating_sub(Duration::from_secs(365 * 24 * 3600));
///
/// let mut request = PageRequest::idle_since(year_ago, 100);
/// loop {
///     let page = harbour.threads(&request).await?;
///     for thread in &page.threads {
///         // Not if somebody wrote since the page was read.
///         let idle = |thread: &Thread| {
///             thread.active_at() <= year_ago && thread.booking().starts_at <= year_ago
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
/// Whenever a booking changes, and when somebody asks to be forgotten:
///
/// ```
/// use frontdesk::{BookingStatus, LocationDesk};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # kim.start(booking.clone()).await?;
/// let chores: LocationDesk = desk.location(harbour);
/// let confirmed = booking.clone().with_status(BookingStatus::Confirmed);
/// assert!(chores.refresh(&confirmed).await?);
/// assert!(!chores.refresh(&confirmed).await?, "nothing changed");
///
/// assert!(chores.erase(&booking.id).await?);
/// assert!(!chores.erase(&booking.id).await?, "there is none any more");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct LocationDesk {
    core: Arc<Core>,
    location: LocationId,
}

impl LocationDesk {
    pub(super) fn new(core: Arc<Core>, location: LocationId) -> Self {
        Self { core, location }
    }

    fn id(&self, booking: &BookingId) -> ThreadId {
        ThreadId::new(self.location.clone(), booking.clone())
    }

    /// A page of the location's threads, newest first; marks nothing.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for another location's.
    pub async fn threads(&self, request: &PageRequest) -> Result<InboxPage, DeskError> {
        let use_case = use_case!("location.threads", self.location);
        use_case.run(self.core.page(&self.location, request)).await
    }

    /// Gives a thread the host's newer snapshot of its booking (L5). Says whether
    /// anything changed: not where no thread is started, so that a host can call
    /// it for every booking that changes.
    pub async fn refresh(&self, booking: &Booking) -> Result<bool, DeskError> {
        let id = self.id(&booking.id);
        let use_case = use_case!("location.refresh", thread id);
        let refreshing = self.core.change(&use_case, &id, |state| {
            let next = state.and_then(ThreadState::live).and_then(|t| t.rebook(booking));
            Ok(match next {
                Some(next) => Step::Write(ThreadState::Live(next), true),
                None => Step::Keep(false),
            })
        });
        use_case.run(refreshing).await
    }

    /// Erases every word, name and key of a thread (L3). Says whether there was
    /// one.
    ///
    /// What is left is a tombstone: the two ids, which the host had before, a revision
    /// and the last number. The database's own log and free pages forget the words
    /// later (see the store's docs), and its backups never: delete them by their age,
    /// and when one is restored, erase again what was erased since it was made.
    pub async fn erase(&self, booking: &BookingId) -> Result<bool, DeskError> {
        self.erase_if(booking, |_| true).await
    }

    /// Erases a thread if it is, at that moment, as it should be: a job that
    /// found it idle a while ago does not erase what was written since. Says
    /// whether it did; not where there is none, nor where the condition said no.
    pub async fn erase_if(
        &self,
        booking: &BookingId,
        condition: impl Fn(&Thread) -> bool + Send + Sync,
    ) -> Result<bool, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("location.erase", thread id);
        let erasing = async {
            let erase = |state: Option<&ThreadState>| {
                let thread = state.and_then(ThreadState::live).filter(|thread| condition(thread));
                Ok(match thread.map(Thread::erase) {
                    Some(left) => Step::Write(ThreadState::Erased(left.clone()), Some(left)),
                    None => Step::Keep(None),
                })
            };
            let tombstone = self.core.change(&use_case, &id, erase).await?;
            let erased = tombstone.is_some();
            if let Some(tombstone) = tombstone {
                self.core.tell(&Event::Erased { tombstone });
            }
            Ok(erased)
        };
        use_case.run(erasing).await
    }
}

impl fmt::Debug for LocationDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocationDesk").field("location", &self.location).finish_non_exhaustive()
    }
}
