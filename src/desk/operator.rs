use std::fmt;
use std::sync::Arc;

use super::context::DeskContext;
use super::conversation::{Conversation, History};
use super::error::DeskError;
use super::event::Event;
use super::mark::{Mark, MarkMessage};
use super::operator_poll::OperatorPoll;
use super::page::{InboxPage, PageRequest};
use super::poll::PollLocation;
use super::read::{Excerpt, Found};
use super::read_thread::{ReadThread, ThreadAnswer};
use super::redact::RedactMessage;
use super::send::{SendRequest, StartWith, start};
use super::sent::Sent;
use super::use_case::{UseCase, use_case};
use crate::cursor::{CursorError, OpenThread, PollCursor};
use crate::revision::Revision;
use crate::store::ThreadState;
use crate::{
    Booking, BookingId, Draft, LocationId, MessageNumber, Participant, Role, Thread, ThreadId,
};

/// The desk of an operator, which reaches the threads of one location and no others (A1).
///
/// [`FrontDesk::operator`](crate::FrontDesk::operator) makes the desk, for one request or one
/// login. Every method fails with [`DeskError::Store`] if the store could not answer, and with
/// [`DeskError::Busy`] after too many write conflicts.
///
/// ```
/// use frontdesk::desk::PageRequest;
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId};
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
/// let kim = desk.operator(harbour, ParticipantId::new("u-7")?, DisplayName::new("Kim"));
///
/// let booking = BookingId::new("b-1")?;
/// kim.start(Booking::new(booking.clone(), "K7Q2-XH41", "Harbour tour")).await?;
/// kim.reply(&booking, "Please bring a jacket.").await?;
///
/// let page = kim.inbox(&PageRequest::first(50)).await?;
/// assert_eq!(page.threads.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// Reading and marking:
///
/// ```
/// use frontdesk::OperatorDesk;
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
/// # let kim: OperatorDesk = kim;
/// let question = ann.send("Can we bring a dog?").await?.number();
/// assert_eq!(kim.unread_threads().await?, 1);
///
/// // Reading the history marks nothing as read. Opening the conversation marks its messages.
/// assert_eq!(kim.history(&booking.id, None, 20).await?.messages.len(), 1);
/// assert_eq!(kim.unread_threads().await?, 1);
/// kim.open(&booking.id).await?;
/// assert_eq!(kim.unread_threads().await?, 0);
///
/// kim.mark_unread(&booking.id, question).await?;
/// assert_eq!(kim.unread_threads().await?, 1);
/// kim.mark_read(&booking.id, question).await?;
/// assert_eq!(kim.unread_threads().await?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct OperatorDesk {
    context: Arc<DeskContext>,
    location: LocationId,
    participant: Arc<Participant>,
}

impl OperatorDesk {
    pub(super) fn new(
        context: Arc<DeskContext>,
        location: LocationId,
        participant: Participant,
    ) -> Self {
        Self { context, location, participant: Arc::new(participant) }
    }

    fn id(&self, booking: &BookingId) -> ThreadId {
        ThreadId::new(self.location.clone(), booking.clone())
    }

    /// Reads a page of the location's threads, with the most recently active thread first (L1, L2).
    /// The page also contains the location's number of unread threads and the cursor for polling.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for a cursor of another location.
    pub async fn inbox(&self, request: &PageRequest) -> Result<InboxPage, DeskError> {
        let use_case = use_case!("operator.inbox", self.location);
        use_case.run(self.context.page(&self.location, request)).await
    }

    /// Returns the number of the location's threads with unread customer messages (U4), for
    /// a badge. Moves no read mark.
    pub async fn unread_threads(&self) -> Result<u64, DeskError> {
        let counting = async {
            let changes = self.context.store.changes(&self.location, Revision::MAX, 1).await?;
            Ok(changes.value.counts.unread)
        };
        use_case!("operator.unread_threads", self.location).run(counting).await
    }

    /// Starts the thread of a booking. If the thread is started already, returns the stored thread
    /// and does not change its snapshot of the booking (L5).
    ///
    /// # Errors
    ///
    /// [`DeskError::ThreadFull`].
    pub async fn start(&self, booking: Booking) -> Result<Thread, DeskError> {
        let id = self.id(&booking.id);
        let use_case = use_case!("operator.start", thread id);
        let starting = async {
            let starting = |state: Option<&ThreadState>| {
                if let Some(ThreadState::Live(thread)) = state {
                    return Ok((None, (thread.clone(), false)));
                }
                let thread = start(&id, state, &booking, &self.context)?;
                Ok((Some(ThreadState::Live(thread.clone())), (thread, true)))
            };
            let (thread, started) =
                self.context.update_with_retry(&use_case, &id, starting).await?;
            if started {
                self.context.emit(|| Event::ThreadStarted { thread: thread.clone() });
            }
            Ok((thread, started))
        };
        Ok(use_case.run(starting).await?.0)
    }

    /// Opens a conversation: reads a page of messages, at most [`MAX_PAGE`](super::MAX_PAGE), and
    /// marks the thread as read by the operators up to the last returned message (U3).
    ///
    /// The page has the newest messages. If more messages than a page follow the read mark, the page
    /// begins 20 messages before the first unread one instead, so that the answer contains every
    /// message that it marks. [`later`](Self::later) and polls return the messages after the page,
    /// and [`history`](Self::history) returns those before it.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`].
    pub async fn open(&self, booking: &BookingId) -> Result<Conversation, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.open", thread id);
        let open = ReadThread::open(&self.context, &id, Role::Operator);
        use_case.run(self.read(&use_case, open)).await
    }

    /// Reads the `limit` messages after the number `after`, and marks the thread as read by the
    /// operators up to the last returned message (U3). `after` is the number up to which the screen
    /// shows every message.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], [`DeskError::PageLimit`].
    ///
    /// ```
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
    /// for _ in 0..260 {
    ///     ann.send("Is anybody there?").await?;
    /// }
    /// let mut open = kim.open(&booking.id).await?;
    /// assert_eq!((open.messages.len(), open.thread.unread(frontdesk::Role::Operator)), (200, 60));
    ///
    /// let shown = open.open_thread().shown;
    /// open.apply(kim.later(&booking.id, shown, 200).await?);
    /// assert_eq!((open.messages.len(), open.thread.unread(frontdesk::Role::Operator)), (260, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn later(
        &self,
        booking: &BookingId,
        after: MessageNumber,
        limit: usize,
    ) -> Result<Conversation, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.later", thread id);
        let reading = async {
            let open = ReadThread::open(&self.context, &id, Role::Operator);
            self.read(&use_case, open.later(after, limit)?).await
        };
        use_case.run(reading).await
    }

    async fn read(
        &self,
        use_case: &UseCase,
        mut read: ReadThread<'_>,
    ) -> Result<Conversation, DeskError> {
        match self.context.run_with_retry(use_case, &mut read).await? {
            ThreadAnswer::Found(Found::Live(thread, excerpt), _) => {
                Ok(Conversation::new(thread, excerpt))
            }
            _ => Err(DeskError::NotFound),
        }
    }

    /// Reads the `limit` newest messages of a conversation, or the `limit` messages before the
    /// number `before`, which can also be a number that no message has. Moves no read mark (U3).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], [`DeskError::PageLimit`].
    pub async fn history(
        &self,
        booking: &BookingId,
        before: Option<MessageNumber>,
        limit: usize,
    ) -> Result<History, DeskError> {
        let id = self.id(booking);
        let reading = async {
            match self.context.history(&id, Role::Operator, before, limit).await?.0 {
                Found::Live(thread, Excerpt { messages, first_unread, .. }) => {
                    Ok(History { thread, messages, first_unread })
                }
                Found::Gone { .. } => Err(DeskError::NotFound),
            }
        };
        use_case!("operator.history", thread id).run(reading).await
    }

    /// Sends a reply. The reply marks everything before it as read by the operators (U3), and ends
    /// the thread's wait (U5). If the draft names the last message that the screen showed
    /// ([`Draft::with_seen`]), the reply reads and answers only the messages up to it. An
    /// [automatic](Draft::automatic) reply does neither. A draft with a key can be sent again safely
    /// (I4).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`] if the thread is not started, [`DeskError::Body`],
    /// [`DeskError::KeyReused`], [`DeskError::ThreadFull`]; [`DeskError::NotLatest`] if the draft is
    /// [conditional](Draft::only_if_latest) and the thread has newer messages, and
    /// [`DeskError::NoSuchMessage`] if such a draft names a number outside the thread (L6).
    pub async fn reply(
        &self,
        booking: &BookingId,
        draft: impl Into<Draft>,
    ) -> Result<Sent, DeskError> {
        let (id, draft) = (self.id(booking), draft.into());
        let use_case = use_case!("operator.reply", thread id);
        let request = SendRequest {
            context: &self.context,
            id: &id,
            author: &self.participant,
            draft: &draft,
            start: StartWith::Nothing,
        };
        use_case.run(request.send(&use_case)).await
    }

    /// Marks everything up to a message as read by the operators. If later messages are already
    /// read, the mark does not move back.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`]; [`DeskError::NoSuchMessage`] if the thread has no message
    /// with the number.
    pub async fn mark_read(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<Thread, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.mark_read", thread id);
        self.mark(use_case, &id, number, Mark::Read(Role::Operator)).await
    }

    /// Marks a message and everything after it as unread by the operators: "mark unread from
    /// here" (U3). Messages that the customer already sees as read stay so on the customer's page
    /// (U1). To show the returned thread in a list, make an [`InboxRow`](crate::view::InboxRow) from the
    /// thread.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], [`DeskError::NoSuchMessage`].
    pub async fn mark_unread(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<Thread, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.mark_unread", thread id);
        self.mark(use_case, &id, number, Mark::Unread(Role::Operator)).await
    }

    /// Ends the thread's wait for the customer's messages up to a number without a reply, for
    /// example after a "thank you" ("no reply needed", U5). If the customer wrote after this number, the thread waits
    /// from the first of these messages.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], [`DeskError::NoSuchMessage`].
    ///
    /// ```
    /// use frontdesk::desk::PageRequest;
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
    /// let thanks = ann.send("Thank you!").await?.number();
    /// let waiting = kim.inbox(&PageRequest::waiting(50)).await?;
    /// assert_eq!((waiting.threads.len(), waiting.waiting), (1, 1));
    ///
    /// let thread = kim.mark_answered(&booking.id, thanks).await?;
    /// assert_eq!(thread.waiting_since(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn mark_answered(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<Thread, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.mark_answered", thread id);
        self.mark(use_case, &id, number, Mark::Answered).await
    }

    async fn mark(
        &self,
        use_case: UseCase,
        id: &ThreadId,
        number: MessageNumber,
        mark: Mark,
    ) -> Result<Thread, DeskError> {
        let mark = MarkMessage { context: &self.context, id, number, mark };
        Ok(use_case.run(mark.run(&use_case)).await?.0)
    }

    /// Redacts a message: removes its text for good, for example a card number, and keeps its
    /// number, time and author (T9). Returns `true` if the message had a text. Every open
    /// conversation shows the change after its next poll. See also
    /// [`AdminDesk::redact`](crate::AdminDesk::redact).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`], [`DeskError::NoSuchMessage`].
    ///
    /// ```
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
    /// let card = ann.send("My card is 4111 1111 1111 1111").await?.number();
    /// assert!(kim.redact(&booking.id, card).await?);
    /// let admin: frontdesk::AdminDesk = desk.admin(harbour);
    /// assert!(!admin.redact(&booking.id, card).await?, "it is redacted already");
    /// assert_eq!(kim.open(&booking.id).await?.messages[0].body(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn redact(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<bool, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.redact", thread id);
        let mut redact = RedactMessage::new(&self.context, &id, number);
        use_case.run(self.context.run_with_retry(&use_case, &mut redact)).await
    }

    /// Reads the changes since a cursor and, if a conversation is open, the new messages of that
    /// conversation, in one consistent snapshot (P2). Marks the open conversation as read if any of
    /// the new messages is from the customer (P3). After too many write conflicts, the poll returns
    /// the new messages without marking them. The messages then stay unread until another call
    /// marks them. Poll every [`POLL_INTERVAL`](super::POLL_INTERVAL).
    ///
    /// # Errors
    ///
    /// [`DeskError::Cursor`] for a cursor of another location. If polling cannot continue from
    /// the cursor, the answer is [`OperatorPoll::StartOver`] and not an error (P7).
    ///
    /// ```
    /// use frontdesk::desk::{OperatorPoll, PageRequest};
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
    /// let cursor = kim.inbox(&PageRequest::first(50)).await?.cursor;
    /// ann.send("Can we bring a dog?").await?;
    /// let OperatorPoll::Update(update) = kim.poll(&cursor, None).await? else {
    ///     panic!("the cursor can be continued");
    /// };
    /// assert_eq!((update.threads.len(), update.unread), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn poll(
        &self,
        cursor: &PollCursor,
        open: Option<&OpenThread>,
    ) -> Result<OperatorPoll, DeskError> {
        let use_case = use_case!("operator.poll", self.location, open.map(|open| &open.booking));
        let polling = async {
            if cursor.location != self.location {
                return Err(CursorError::WrongLocation.into());
            }
            let mut poll = PollLocation::new(&self.context, cursor, open);
            self.context.run_with_retry(&use_case, &mut poll).await
        };
        use_case.run(polling).await
    }
}

impl fmt::Debug for OperatorDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorDesk")
            .field("location", &self.location)
            .field("participant", &self.participant.id)
            .finish_non_exhaustive()
    }
}
