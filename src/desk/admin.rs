use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::follow::FollowLocation;
use super::follow_answer::FollowAnswer;
use super::import::ImportThread;
use super::link::LinkBooking;
use super::page::{InboxPage, PageRequest};
use super::redact::RedactMessage;
use super::redact_names::RedactNames;
use super::redacted_names::RedactedNames;
use super::use_case::use_case;
use crate::cursor::{FollowCursor, PollCursor};
use crate::import::{Imported, ThreadImport};
use crate::store::{MAX_HEADS, ThreadState};
use crate::{
    Booking, BookingId, BookingPatch, LocationId, MessageNumber, Participant, Thread, ThreadId,
};

/// The desk with which the host application maintains one location (A1). It reads and imports
/// threads, follows their changes, refreshes and links bookings, and redacts and erases.
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
            match self.context.find(&id).await?.value.map(|found| found.state) {
                Some(ThreadState::Live(thread)) => Ok(thread),
                _ => Err(DeskError::NotFound),
            }
        };
        use_case!("admin.thread", thread id).run(reading).await
    }

    /// Reads the threads of several bookings, without their messages, in the order of the bookings.
    /// Leaves out bookings without a thread. Returns a thread once if several of the bookings are
    /// linked to it (I2). Moves no read mark. One snapshot contains up to [`MAX_HEADS`] bookings. For
    /// links, the desk reads the threads in another snapshot.
    pub async fn threads_for(&self, bookings: &[BookingId]) -> Result<Vec<Thread>, DeskError> {
        let reading = async {
            let (mut threads, mut known) = (Vec::new(), HashSet::new());
            for bookings in bookings.chunks(MAX_HEADS) {
                for state in self.context.find_all(&self.location, bookings).await? {
                    let ThreadState::Live(thread) = state else { continue };
                    if known.insert(thread.id().clone()) {
                        threads.push(thread);
                    }
                }
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
    /// stored snapshot. A patch without a version always applies, also to a snapshot that has a
    /// version, so the patch that arrives last wins, even if it is older. A patch that is made from
    /// a whole [`Booking`] also removes what the booking does not have.
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

    /// Links a booking to the thread of the booking `existing`, for a booking system that gives a
    /// rescheduled booking a new id, or for an enquiry that becomes a booking (I2). Both ids then
    /// reach the same thread, which keeps its own id and takes the snapshot `booking`. Parts that
    /// `booking` does not have, such as the customer's name, are removed; to keep them, change a
    /// clone of [`Thread::booking`]. Only the booking that was linked last can be refreshed. If the
    /// booking gets a former id again, continue to refresh under the id that was linked last.
    ///
    /// `existing` can be a linked booking, too. Repeating the call changes nothing, and finishes a
    /// call that was interrupted. Returns the thread. If the thread is erased and started again under
    /// a former id, link the current booking again, so that it can be refreshed.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`] if `existing` has no thread or its thread is erased: then no link is
    /// necessary, unless customers have a page under the former id, for which
    /// [`start`](crate::OperatorDesk::start) creates the thread;
    /// [`DeskError::AlreadyHasThread`] if `booking` ever had a thread of its own, or is linked to
    /// another thread. If a customer's first message for `booking` arrives at the same time, either
    /// the message starts a thread and linking fails, or the message becomes part of the linked
    /// thread.
    ///
    /// ```
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let harbour = LocationId::new("harbour")?;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
    /// # kim.start(booking.clone()).await?;
    /// # let admin = desk.admin(harbour);
    /// let mut rescheduled = booking.clone();
    /// rescheduled.id = BookingId::new("b-2")?;
    /// let thread = admin.link(&booking.id, &rescheduled).await?;
    /// assert_eq!((thread.id().booking.as_str(), &thread.booking().id), ("b-1", &rescheduled.id));
    /// assert_eq!(kim.open(&rescheduled.id).await?.thread, thread);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn link(&self, existing: &BookingId, booking: &Booking) -> Result<Thread, DeskError> {
        let use_case = use_case!("admin.link", self.location, Some(&booking.id));
        let (context, location) = (&*self.context, &self.location);
        let link = LinkBooking { context, location, existing, booking };
        Ok(use_case.run(link.run(&use_case)).await?.0)
    }

    /// Imports the messages of one thread from another system, with their original times and authors
    /// (I5). Starts the thread if the booking has none. The page [moving in](crate::moving_in) is a
    /// guide for a whole location.
    ///
    /// One call takes a list of any length and commits it in batches of at most
    /// [`MAX_COMMIT_MESSAGES`](crate::store::MAX_COMMIT_MESSAGES) messages. If a call fails or is
    /// interrupted, repeat it with the same list: messages that are stored already are found by
    /// their keys and stay as they are. Importing the same list again changes nothing. If the thread
    /// has messages, the call looks up each key of the list with one small read.
    ///
    /// - Messages that cannot be kept are reported by position, and the others are stored.
    /// - The listener receives no event. Polls and the inbox show the messages.
    /// - If the thread has messages that are not of the list, the list must not be older than the
    ///   last of them. An import of history therefore comes before the first live message.
    /// - Marks, waits and the time of creation change only together with stored messages.
    ///
    /// # Errors
    ///
    /// [`DeskError::ImportOutOfOrder`] if the thread has a message that is newer than a message of
    /// the list; the error says what was stored before. [`DeskError::ThreadErased`] if the thread
    /// was erased, and the list does not restart it. [`DeskError::ThreadFull`].
    ///
    /// ```
    /// use frontdesk::import::{ImportedMessage, RefusalReason, ThreadImport};
    /// use frontdesk::{BodyError, IdempotencyKey, Participant};
    /// # use frontdesk::desk::PageRequest;
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let harbour = LocationId::new("harbour")?;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
    /// let kim = Participant::operator(ParticipantId::new("u-7")?, None);
    /// let key = |id: &str| IdempotencyKey::new(id);
    ///
    /// let import = ThreadImport::new(booking.clone())
    ///     .message(
    ///         key("m-1")?,
    ///         ImportedMessage::new(ann, "2026-07-29T20:15:00Z".parse()?, "Can we bring a dog?"),
    ///     )
    ///     .message(key("m-2")?, ImportedMessage::new(kim.clone(), "2026-07-30T07:58:00Z".parse()?, " "))
    ///     .message(
    ///         key("m-3")?,
    ///         ImportedMessage::new(kim, "2026-07-30T08:01:00Z".parse()?, "Gladly!"),
    ///     );
    /// let admin = desk.admin(harbour);
    /// let imported = admin.import(&import).await?;
    /// assert_eq!(imported.stored, 2);
    /// assert_eq!(imported.refused[0].position, 1);
    /// assert_eq!(imported.refused[0].reason, RefusalReason::Body(BodyError::Blank));
    /// let thread = imported.thread.unwrap();
    /// assert_eq!(thread.created_at().to_string(), "2026-07-29T20:15:00Z");
    ///
    /// let again = admin.import(&import).await?;
    /// assert_eq!((again.stored, again.already_stored), (0, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn import(&self, import: &ThreadImport) -> Result<Imported, DeskError> {
        let id = self.id(&import.booking.id);
        let use_case = use_case!("admin.import", thread id);
        let importing = ImportThread::new(&self.context, &id, import).run(&use_case);
        use_case.run(importing).await
    }

    /// Redacts a message: removes its text for good, and keeps its number, time, author and key
    /// (T9). Returns `true` if the message had a text. Redacting does not remove the text from the
    /// database's log, its free pages and backups; the store's docs say how long it stays there.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], and [`DeskError::NoSuchMessage`] if the thread has no message with
    /// the number.
    pub async fn redact(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<bool, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("admin.redact", thread id);
        let mut redact = RedactMessage::new(&self.context, &id, number);
        use_case.run(self.context.run_with_retry(&use_case, &mut redact)).await
    }

    /// Removes an author's stored name from all messages of the location for good, for example after
    /// a colleague left (A2). Views then show the author without a name (T6); a conversation that is
    /// open on a screen shows the name until it is opened again. The name of `author` is not
    /// compared. To change only what views show, use [`ViewContext::with_names`](crate::view::ViewContext::with_names).
    ///
    /// One call checks at most `limit` threads. If [`RedactedNames::next`] is
    /// set, call again with it; an interrupted job continues with the last cursor or begins again
    /// without one. The booking's customer name is part of the booking's snapshot, which the host
    /// application refreshes.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for a cursor of another location.
    ///
    /// ```
    /// use frontdesk::Participant;
    /// use frontdesk::cursor::PollCursor;
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let admin = desk.admin(LocationId::new("harbour")?);
    /// let kim = Participant::operator(ParticipantId::new("u-7")?, None);
    /// let mut after: Option<PollCursor> = None;
    /// loop {
    ///     let step = admin.redact_author(&kim, after.as_ref(), 100).await?;
    ///     let Some(next) = step.next else { break };
    ///     after = Some(next);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn redact_author(
        &self,
        author: &Participant,
        after: Option<&PollCursor>,
        limit: usize,
    ) -> Result<RedactedNames, DeskError> {
        let use_case = use_case!("admin.redact_author", self.location);
        let request = RedactNames { context: &self.context, location: &self.location, author };
        use_case.run(request.run(&use_case, after, limit)).await
    }

    /// Reads what happened in the location after a stored cursor, at most `limit` events (P5): each
    /// message, each erasure, and one event for all other changes of a thread. Moves no read mark.
    ///
    /// Every event comes at least once: process the events, then store the cursor. After a failure
    /// the events come again, with the same ids. A message comes even if it was read before the
    /// follower saw it. The messages of a thread come in the order of their numbers. While a follower
    /// catches up over several calls, a thread that changes meanwhile can come again with all of its
    /// messages since the catching up began. Several followers of a location do not affect each
    /// other.
    ///
    /// A follower can be behind by any number of events. If it has no cursor, or cannot continue from
    /// it, the answer is [`StartOver`](FollowAnswer::StartOver) with the two cursors to choose from.
    /// If nothing is new, a call costs one small read.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for a cursor of another location.
    ///
    /// ```
    /// use frontdesk::cursor::FollowCursor;
    /// use frontdesk::desk::{Event, EventPage, FeedEvent, FollowAnswer};
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let harbour = LocationId::new("harbour")?;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let ann = desk
    /// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
    /// #     .starting_with(booking.clone());
    /// # ann.send("Can we bring a dog?").await?;
    /// # let admin = desk.admin(harbour);
    /// let mut cursor: Option<FollowCursor> = None; // The stored cursor.
    /// let mut received = 0;
    /// loop {
    ///     let page: EventPage = match admin.follow(cursor.as_ref(), 100).await? {
    ///         FollowAnswer::Events(page) => page,
    ///         FollowAnswer::StartOver { oldest, .. } => {
    ///             cursor = Some(oldest);
    ///             continue;
    ///         }
    ///     };
    ///     for FeedEvent { event, .. } in &page.events {
    ///         if let Event::MessageReceived { message, .. } = event {
    ///             received += u32::from(!message.is_imported());
    ///         }
    ///     }
    ///     cursor = Some(page.cursor); // Store the cursor.
    ///     if !page.more {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(received, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn follow(
        &self,
        cursor: Option<&FollowCursor>,
        limit: usize,
    ) -> Result<FollowAnswer, DeskError> {
        let use_case = use_case!("admin.follow", self.location);
        let following = FollowLocation::run(&self.context, &self.location, cursor, limit);
        use_case.run(following).await
    }

    /// Moves the time of a thread's last activity back to the present if that time is in the
    /// future, because a clock was wrong for one message (W3). The thread then leaves the top of
    /// the inbox when others become active. Stored messages keep their times. Returns `true` if the
    /// time was in the future.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`].
    ///
    /// ```
    /// use frontdesk::desk::{CustomerSent, Sent};
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let harbour = LocationId::new("harbour")?;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// let store = MemoryStore::new();
    /// let wrong = FrontDesk::builder(store.clone()).clock(|| "2036-01-01T00:00:00Z".parse().unwrap());
    /// let kim = wrong.build().operator(harbour.clone(), ParticipantId::new("u-7")?, None);
    /// kim.start(booking.clone()).await?;
    ///
    /// let right = FrontDesk::builder(store).clock(|| "2027-03-15T09:00:00Z".parse().unwrap());
    /// let desk = right.build();
    /// let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
    /// let sent: Sent = kim.reply(&booking.id, "Welcome!").await?;
    /// assert!(sent.is_clamped());
    /// assert!(desk.admin(harbour.clone()).limit_activity(&booking.id).await?);
    /// assert!(!kim.reply(&booking.id, "See you soon!").await?.is_clamped());
    ///
    /// let ann = desk.customer(harbour, booking.id, ParticipantId::new("c-9")?);
    /// let sent: CustomerSent = ann.send("Thank you!").await?;
    /// assert!(!sent.is_clamped());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn limit_activity(&self, booking: &BookingId) -> Result<bool, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("admin.limit_activity", thread id);
        let now = self.context.now();
        let limiting = self.context.update_with_retry(&use_case, &id, |state| {
            let thread = state.and_then(ThreadState::live).ok_or(DeskError::NotFound)?;
            let next = thread.limit_activity(now);
            let changed = next.is_some();
            Ok((next.map(ThreadState::Live), changed))
        });
        use_case.run(limiting).await
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
