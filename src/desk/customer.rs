use std::fmt;
use std::sync::Arc;

use super::answer::{CustomerAnswer, CustomerHistory, CustomerPoll, CustomerSent};
use super::core::{Core, Found};
use super::cursor::{CursorError, CustomerCursor};
use super::error::DeskError;
use super::event::Event;
use super::send::Sending;
use super::use_case::{UseCase, use_case};
use crate::booking::Booking;
use crate::id::{LocationId, ThreadId};
use crate::message::{Draft, Message, MessageNumber};
use crate::participant::{Participant, Role};
use crate::store::{Stored, ThreadState};
use crate::thread::Thread;

/// Whether customers can write at a location (L4).
///
/// ```
/// use frontdesk::desk::Messaging;
/// use frontdesk::{CustomerDesk, DeskError};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let ann: CustomerDesk = ann.with_messaging(Messaging::Off);
/// assert!(ann.visit().await.is_ok());
/// assert!(matches!(ann.send("Hello?").await, Err(DeskError::MessagingOff)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Messaging {
    /// They can.
    #[default]
    On,
    /// They can read, and get a clear error on sending.
    Off,
}

/// What a customer can do: everything about the thread of one booking, and
/// nothing else (A1).
///
/// Made by [`FrontDesk::customer`](crate::FrontDesk::customer). What it answers
/// shows itself as a customer's view and gives away nothing more (A2). A visit
/// or a poll before the first message writes nothing (L5).
/// Every method answers [`DeskError::Store`] when the store could not, and
/// [`DeskError::Busy`] when others kept being faster.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::view::English;
/// use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// use time::UtcOffset;
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// let ann = desk.customer(LocationId::new("harbour")?, booking, ParticipantId::new("c-9")?, None);
///
/// ann.send("Can we bring a dog?").await?;
/// let visit = ann.visit().await?;
/// let view = visit.view(&desk.screen(&UtcOffset::UTC, &English));
/// assert_eq!(view.conversation.sections[0].heading.as_str(), "Today");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// What a portal does from then on:
///
/// ```
/// use frontdesk::desk::{CustomerAnswer, CustomerHistory, CustomerPoll, CustomerSent};
/// use frontdesk::CustomerDesk;
/// use frontdesk::view::{CustomerConversation, English, Entry};
/// use time::UtcOffset;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # let ann: CustomerDesk = ann;
/// let visit: CustomerAnswer = ann.visit().await?;
/// assert!(!visit.is_started());
/// let screen = desk.screen(&UtcOffset::UTC, &English);
/// assert!(visit.view(&screen).conversation.sections.is_empty());
///
/// let sent: CustomerSent = ann.send("Can we bring a dog?").await?;
/// assert_eq!((sent.number().get(), sent.is_replayed()), (1, false));
/// let entry: Entry = sent.view(&screen);
/// assert_eq!(entry.text.as_str(), "Can we bring a dog?");
///
/// kim.reply(&booking.id, "Gladly!").await?;
/// assert_eq!(ann.unread().await?, 1);
/// let CustomerPoll::Update(answer) = ann.poll(visit.cursor()).await? else {
///     panic!("a fresh cursor goes on");
/// };
/// assert_eq!((answer.message_count(), ann.unread().await?), (2, 0));
///
/// let earlier: CustomerHistory = ann.history(Some(sent.number().next().unwrap()), 20).await?;
/// assert_eq!(earlier.message_count(), 1);
/// let view: CustomerConversation = earlier.view(&screen);
/// assert!(view.part.has_later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// There is no inbox here:
///
/// ```compile_fail,E0599
/// # async fn f(ann: frontdesk::CustomerDesk) {
/// ann.inbox(&frontdesk::desk::PageRequest::first(50)).await;
/// # }
/// ```
#[derive(Clone)]
pub struct CustomerDesk {
    core: Arc<Core>,
    id: ThreadId,
    booking: Arc<Booking>,
    me: Arc<Participant>,
    messaging: Messaging,
}

impl CustomerDesk {
    pub(super) fn new(
        core: Arc<Core>,
        location: LocationId,
        booking: Booking,
        me: Participant,
    ) -> Self {
        let id = ThreadId::new(location, booking.id.clone());
        let (booking, me) = (Arc::new(booking), Arc::new(me));
        Self { core, id, booking, me, messaging: Messaging::On }
    }

    /// The same handle where messaging is switched on or off (L4).
    #[must_use]
    pub fn with_messaging(mut self, messaging: Messaging) -> Self {
        self.messaging = messaging;
        self
    }

    /// Visits the conversation: its newest messages, at most
    /// [`MAX_PAGE`](super::MAX_PAGE), read for the customer up to the last of
    /// them and not further (U3).
    pub async fn visit(&self) -> Result<CustomerAnswer, DeskError> {
        let use_case = use_case!("customer.visit", thread self.id);
        let opening = self.core.open(&use_case, &self.id, Role::Customer);
        use_case.run(async { Ok(self.answer(opening.await?)) }).await
    }

    /// Looks at the conversation without marking anything: the `limit` newest
    /// messages, or those before a number (U3).
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`].
    pub async fn history(
        &self,
        before: Option<MessageNumber>,
        limit: usize,
    ) -> Result<CustomerHistory, DeskError> {
        let use_case = use_case!("customer.history", thread self.id);
        let reading = self.core.history(&self.id, before, limit);
        use_case.run(async { Ok(self.answer(reading.await?).history) }).await
    }

    /// How many of the operators' messages the customer has not read: a badge on
    /// a button. Marks nothing.
    pub async fn unread(&self) -> Result<u32, DeskError> {
        let counting = async {
            let found = self.core.store.thread(&self.id).await?;
            let thread = found.as_ref().and_then(|found| found.state.live());
            Ok(thread.map_or(0, |thread| thread.unread(Role::Customer)))
        };
        use_case!("customer.unread", thread self.id).run(counting).await
    }

    /// Sends a message, which starts the thread if there is none and reads, for
    /// the customer, what came before it (U3, L5). With a key it is safe to send
    /// again (I4).
    ///
    /// # Errors
    ///
    /// [`DeskError::Body`], [`DeskError::MessagingOff`], [`DeskError::KeyReused`],
    /// [`DeskError::ThreadFull`].
    pub async fn send(&self, draft: impl Into<Draft>) -> Result<CustomerSent, DeskError> {
        let draft = draft.into();
        let use_case = use_case!("customer.send", thread self.id);
        let sending = Sending {
            core: &self.core,
            use_case: &use_case,
            id: &self.id,
            author: &self.me,
            draft: &draft,
            booking: Some(&self.booking),
        };
        let sent = async {
            Ok(CustomerSent(match self.messaging {
                Messaging::On => sending.send().await?,
                Messaging::Off => sending.replay_or(DeskError::MessagingOff).await?,
            }))
        };
        use_case.run(sent).await
    }

    /// What is new since a cursor (P2). It marks the conversation read when its
    /// new messages are from the operators (P3).
    ///
    /// # Errors
    ///
    /// [`DeskError::Cursor`] for another thread's. A cursor that cannot go on is
    /// not an error but [`CustomerPoll::StartOver`] (P7).
    pub async fn poll(&self, cursor: &CustomerCursor) -> Result<CustomerPoll, DeskError> {
        let use_case = use_case!("customer.poll", thread self.id);
        use_case.run(self.since(&use_case, cursor)).await
    }

    /// What is new since a cursor, marked.
    async fn since(
        &self,
        use_case: &UseCase,
        cursor: &CustomerCursor,
    ) -> Result<CustomerPoll, DeskError> {
        if cursor.id != self.id {
            return Err(CursorError::Elsewhere.into());
        }
        let mut unmarked = None;
        let mut found = self.core.store.thread(&self.id).await?;
        for () in use_case.attempts() {
            let thread = match &found {
                Some(Stored { state: ThreadState::Live(thread), .. }) => thread,
                Some(Stored { state: ThreadState::Erased(tombstone), .. }) => {
                    return Ok(self.gone(cursor, tombstone.last));
                }
                None => return Ok(self.gone(cursor, MessageNumber::START)),
            };
            if self.cannot_continue(cursor, thread.last_number()) {
                return Ok(CustomerPoll::StartOver);
            }
            let Some(messages) = self.core.after(thread, cursor.shown).await? else {
                found = self.core.store.thread(&self.id).await?;
                continue;
            };
            let marked = thread.mark_polled(Role::Customer, &messages, self.core.now());
            let Some(next) = marked else {
                return Ok(CustomerPoll::Update(self.live(thread.clone(), messages)));
            };
            let state = ThreadState::Live(next.clone());
            match self.core.commit(state, found.as_ref()).await? {
                Ok(_) => {
                    let thread = next.clone();
                    self.core.tell(&Event::Read { thread, reader: Role::Customer });
                    return Ok(CustomerPoll::Update(self.live(next, messages)));
                }
                Err(current) => {
                    unmarked = Some(self.live(thread.clone(), messages));
                    found = current;
                }
            }
        }
        unmarked.map(CustomerPoll::Update).ok_or(DeskError::Busy)
    }

    fn cannot_continue(&self, cursor: &CustomerCursor, last: MessageNumber) -> bool {
        cursor.epoch != self.core.epoch || cursor.shown > last
    }

    fn gone(&self, cursor: &CustomerCursor, last: MessageNumber) -> CustomerPoll {
        if self.cannot_continue(cursor, last) {
            CustomerPoll::StartOver
        } else {
            CustomerPoll::Update(self.answer(Found::Gone(last)))
        }
    }

    fn answer(&self, found: Found) -> CustomerAnswer {
        match found {
            Found::Live(thread, messages) => self.live(thread, messages),
            Found::Gone(last) => CustomerAnswer {
                history: CustomerHistory { found: Err(last), booking: Arc::clone(&self.booking) },
                cursor: self.cursor(last),
            },
        }
    }

    fn live(&self, thread: Thread, messages: Vec<Message>) -> CustomerAnswer {
        let shown = messages.last().map_or(thread.last_number(), Message::number);
        let booking = Arc::clone(&self.booking);
        let history = CustomerHistory { found: Ok((thread, messages)), booking };
        CustomerAnswer { history, cursor: self.cursor(shown) }
    }

    fn cursor(&self, shown: MessageNumber) -> CustomerCursor {
        CustomerCursor { id: self.id.clone(), epoch: self.core.epoch, shown }
    }
}

impl fmt::Debug for CustomerDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerDesk")
            .field("thread", &self.id)
            .field("me", &self.me.id)
            .field("messaging", &self.messaging)
            .finish_non_exhaustive()
    }
}
