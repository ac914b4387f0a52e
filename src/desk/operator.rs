use std::fmt;
use std::sync::Arc;

use super::conversation::{Conversation, History};
use super::core::{Core, Found, Step, last_number};
use super::cursor::{OpenThread, PollCursor};
use super::error::DeskError;
use super::event::Event;
use super::page::{InboxPage, PageRequest};
use super::poll::{OperatorPoll, poll};
use super::send::{Sending, Sent};
use super::use_case::{UseCase, use_case};
use crate::booking::Booking;
use crate::id::{BookingId, LocationId, ThreadId};
use crate::message::{Draft, Message, MessageNumber};
use crate::participant::{Participant, Role};
use crate::store::{Direction, Revision, ThreadState};
use crate::thread::Thread;

/// What somebody of the team can do: everything about the threads of one
/// location, and nothing about any other (A1).
///
/// Made by [`FrontDesk::operator`](crate::FrontDesk::operator), one a request or
/// one a login. Every method answers [`DeskError::Store`] when the store could
/// not, and [`DeskError::Busy`] when others kept being faster.
///
/// ```
/// use frontdesk::desk::PageRequest;
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId};
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
/// let ann = desk.operator(harbour, ParticipantId::new("u-7")?, DisplayName::new("Ann"));
///
/// let booking = BookingId::new("b-1")?;
/// ann.start(Booking::new(booking.clone(), "K7Q2-XH41", "Harbour tour", desk.now())).await?;
/// ann.reply(&booking, "Please bring a jacket.").await?;
///
/// let page = ann.inbox(&PageRequest::first(50)).await?;
/// assert_eq!(page.threads.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// What a customer wrote, read and unread again:
///
/// ```
/// use frontdesk::OperatorDesk;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # let kim: OperatorDesk = kim;
/// let question = ann.send("Can we bring a dog?").await?.number();
/// assert_eq!(kim.unread().await?, 1);
///
/// // A look into the past marks nothing; opening does.
/// assert_eq!(kim.history(&booking.id, None, 20).await?.messages.len(), 1);
/// assert_eq!(kim.unread().await?, 1);
/// kim.open(&booking.id).await?;
/// assert_eq!(kim.unread().await?, 0);
///
/// kim.mark_unread(&booking.id, question).await?;
/// assert_eq!(kim.unread().await?, 1);
/// kim.mark_read(&booking.id, question).await?;
/// assert_eq!(kim.unread().await?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct OperatorDesk {
    core: Arc<Core>,
    location: LocationId,
    me: Arc<Participant>,
}

impl OperatorDesk {
    pub(super) fn new(core: Arc<Core>, location: LocationId, me: Participant) -> Self {
        Self { core, location, me: Arc::new(me) }
    }

    fn id(&self, booking: &BookingId) -> ThreadId {
        ThreadId::new(self.location.clone(), booking.clone())
    }

    /// A page of the location's threads, newest first (L1, L2), with the
    /// location's unread number and where polling starts from.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`], and [`DeskError::Cursor`] for another location's.
    pub async fn inbox(&self, request: &PageRequest) -> Result<InboxPage, DeskError> {
        let use_case = use_case!("operator.inbox", self.location);
        use_case.run(self.core.page(&self.location, request)).await
    }

    /// How many threads of the location await an operator (U4): a badge on a
    /// button. Marks nothing.
    pub async fn unread(&self) -> Result<u64, DeskError> {
        let counting =
            async { Ok(self.core.store.changes(&self.location, Revision::MAX, 1).await?.unread) };
        use_case!("operator.unread", self.location).run(counting).await
    }

    /// Starts the thread of a booking, or finds it started: starting twice gives
    /// the same thread and does not change its snapshot of the booking (L5).
    ///
    /// # Errors
    ///
    /// [`DeskError::ThreadFull`].
    pub async fn start(&self, booking: Booking) -> Result<Thread, DeskError> {
        let id = self.id(&booking.id);
        let use_case = use_case!("operator.start", thread id);
        let starting = async {
            let start = |state: Option<&ThreadState>| {
                if let Some(thread) = state.and_then(ThreadState::live) {
                    return Ok(Step::Keep((thread.clone(), false)));
                }
                let (location, after) = (self.location.clone(), last_number(state));
                let thread = Thread::start(location, booking.clone(), self.core.now(), after)?;
                Ok(Step::Write(ThreadState::Live(thread.clone()), (thread, true)))
            };
            let (thread, started) = self.core.change(&use_case, &id, start).await?;
            if started {
                self.core.tell(&Event::Opened { thread: thread.clone() });
            }
            Ok((thread, started))
        };
        Ok(use_case.run(starting).await?.0)
    }

    /// Opens a conversation: its newest messages, at most
    /// [`MAX_PAGE`](super::MAX_PAGE), read for the operators up to the last of
    /// them and not further (U3). What is older is [`history`](Self::history).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`].
    pub async fn open(&self, booking: &BookingId) -> Result<Conversation, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.open", thread id);
        let opening = async {
            match self.core.open(&use_case, &id, Role::Operator).await? {
                Found::Live(thread, messages) => Ok(Conversation::new(thread, messages)),
                Found::Gone(_) => Err(DeskError::NotFound),
            }
        };
        use_case.run(opening).await
    }

    /// Looks at a conversation without marking anything: the `limit` newest
    /// messages, or those before a number, which may be any (U3).
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
            match self.core.history(&id, before, limit).await? {
                Found::Live(thread, messages) => Ok(History { thread, messages }),
                Found::Gone(_) => Err(DeskError::NotFound),
            }
        };
        use_case!("operator.history", thread id).run(reading).await
    }

    /// Sends a reply, which reads, for the operators, what came before it (U3).
    /// With a key it is safe to send again (I4).
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`] where no thread is started, [`DeskError::Body`],
    /// [`DeskError::KeyReused`], [`DeskError::ThreadFull`].
    pub async fn reply(
        &self,
        booking: &BookingId,
        draft: impl Into<Draft>,
    ) -> Result<Sent, DeskError> {
        let (id, draft) = (self.id(booking), draft.into());
        let use_case = &use_case!("operator.reply", thread id);
        let (core, author) = (&*self.core, &self.me);
        let sending = Sending { core, use_case, id: &id, author, draft: &draft, booking: None };
        use_case.run(sending.send()).await
    }

    /// Marks everything up to a message as read for the operators. A mark does
    /// not move back.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`]; [`DeskError::NoSuchMessage`] beyond the last
    /// message, marks unchanged.
    pub async fn mark_read(
        &self,
        booking: &BookingId,
        number: MessageNumber,
    ) -> Result<Thread, DeskError> {
        let id = self.id(booking);
        let use_case = use_case!("operator.mark_read", thread id);
        let now = self.core.now();
        let read =
            |thread: &Thread, message: &Message| thread.mark_read(self.me.role, message, now);
        let marking = async {
            let (thread, moved) = self.mark(&use_case, &id, number, read).await?;
            if moved {
                self.core.tell(&Event::Read { thread: thread.clone(), reader: self.me.role });
            }
            Ok((thread, moved))
        };
        Ok(use_case.run(marking).await?.0)
    }

    /// Marks a message and everything after it as unread for the operators:
    /// "mark unread from here" (U3). What the customer sees as read stays (U1). A row
    /// of a list shows what comes back: [`InboxRow::new`](crate::view::InboxRow::new);
    /// a thread's own JSON is for stores.
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
        let now = self.core.now();
        let unread =
            |thread: &Thread, message: &Message| thread.mark_unread(self.me.role, message, now);
        Ok(use_case.run(self.mark(&use_case, &id, number, unread)).await?.0)
    }

    /// Moves the mark to where `marked` puts it for the message `number`.
    async fn mark(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
        number: MessageNumber,
        marked: impl Fn(&Thread, &Message) -> Option<Thread> + Send + Sync,
    ) -> Result<(Thread, bool), DeskError> {
        let has_message = |state: Option<&ThreadState>| {
            let thread = state.and_then(ThreadState::live).ok_or(DeskError::NotFound)?;
            let no_such = DeskError::NoSuchMessage { asked: number, last: thread.last_number() };
            thread.has_message(number).then(|| thread.clone()).ok_or(no_such)
        };
        let found = self.core.store.thread(id).await?;
        has_message(found.as_ref().map(|found| &found.state))?;
        let direction = Direction::OldestFirst;
        let message = self.core.store.messages(id, number..=number, 1, direction).await?.pop();
        self.core
            .change(use_case, id, |state| {
                let thread = &has_message(state)?;
                // It was erased since, and so was the thread, unless the store is wrong.
                let message = message.as_ref().ok_or(DeskError::NotFound)?;
                Ok(match marked(thread, message) {
                    Some(next) => Step::Write(ThreadState::Live(next.clone()), (next, true)),
                    None => Step::Keep((thread.clone(), false)),
                })
            })
            .await
    }

    /// What is new since a cursor, with the conversation that is open, if any:
    /// one consistent picture (P2). It marks the open conversation read when its
    /// new messages are from the customer (P3); where others kept being faster, they
    /// come without the mark and stay unread until something else reads them. Poll
    /// every [`POLL_INTERVAL`](super::POLL_INTERVAL).
    ///
    /// # Errors
    ///
    /// [`DeskError::Cursor`] for another location's. A cursor that cannot go on
    /// is not an error but [`OperatorPoll::StartOver`] (P7).
    ///
    /// ```
    /// use frontdesk::desk::{OperatorPoll, PageRequest};
    ///
    /// # use frontdesk::store::MemoryStore;
    /// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
    /// # futures::executor::block_on(async {
    /// # let desk = FrontDesk::new(MemoryStore::new());
    /// # let harbour = LocationId::new("harbour")?;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
    /// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
    /// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
    /// let cursor = kim.inbox(&PageRequest::first(50)).await?.cursor;
    /// ann.send("Can we bring a dog?").await?;
    /// let OperatorPoll::Update(update) = kim.poll(&cursor, None).await? else {
    ///     panic!("a fresh cursor goes on");
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
        use_case.run(poll(&self.core, &use_case, &self.location, cursor, open)).await
    }
}

impl fmt::Debug for OperatorDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorDesk")
            .field("location", &self.location)
            .field("me", &self.me.id)
            .finish_non_exhaustive()
    }
}
