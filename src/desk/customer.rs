use std::fmt;
use std::sync::Arc;

use super::context::DeskContext;
use super::customer_conversation::{
    CustomerContent, CustomerConversation, CustomerHistory, CustomerPoll,
};
use super::error::DeskError;
use super::mark::{Mark, MarkMessage};
use super::read::Found;
use super::read_thread::{ReadThread, ThreadAnswer};
use super::send::{SendRequest, StartWith};
use super::sent::CustomerSent;
use super::use_case::{UseCase, use_case};
use crate::cursor::CustomerCursor;
use crate::epoch::Epoch;
use crate::{
    Booking, DisplayName, Draft, Message, MessageNumber, Messaging, Participant, Role, ThreadId,
};

/// The desk of a customer, which reaches the thread of one booking and nothing else (A1).
///
/// [`FrontDesk::customer`](crate::FrontDesk::customer) makes the desk. The answers of the desk
/// contain only what the customer's views show (A2). Before the first message, opening the
/// conversation and polling write nothing (L5).
///
/// All customers of a booking share one read mark (U1). If two guests of a booking each have a
/// desk, a message that one of them has read counts as read for both. Give each guest an own
/// participant id all the same, so that messages show who wrote them.
///
/// Every method fails with [`DeskError::Store`] if
/// the store could not answer, and with [`DeskError::Busy`] after too many write conflicts.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::view::English;
/// use frontdesk::{Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId};
/// use time::UtcOffset;
///
/// # futures::executor::block_on(async {
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let ann = desk
///     .customer(harbour, booking.id.clone(), ParticipantId::new("c-9")?)
///     .starting_with(booking)
///     .with_name(DisplayName::new("Ann"));
///
/// ann.send("Can we bring a dog?").await?;
/// let opened = ann.open().await?;
/// let view = opened.view(&desk.view_context(&UtcOffset::UTC, &English));
/// assert_eq!(view.conversation.sections[0].heading.as_str(), "Today");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// A portal can poll with a desk that does not have the booking:
///
/// ```
/// use frontdesk::CustomerDesk;
/// use frontdesk::desk::{CustomerConversation, CustomerHistory, CustomerPoll, CustomerSent};
/// use frontdesk::view::{CustomerHistoryView, English, Entry};
/// use time::UtcOffset;
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
/// let opened: CustomerConversation = ann.open().await?;
/// assert!(!opened.is_started());
/// let context = desk.view_context(&UtcOffset::UTC, &English);
/// assert!(opened.view(&context).conversation.sections.is_empty());
///
/// let sent: CustomerSent = ann.send("Can we bring a dog?").await?;
/// assert_eq!((sent.number().get(), sent.is_replayed()), (1, false));
/// let entry: Entry = sent.view(&context);
/// assert_eq!(entry.text.unwrap().as_str(), "Can we bring a dog?");
///
/// kim.reply(&booking.id, "Gladly!").await?;
/// let ann: CustomerDesk =
///     desk.customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?);
/// assert_eq!(ann.unread_messages().await?, 1);
/// let CustomerPoll::Update(answer) = ann.poll(opened.cursor()).await? else {
///     panic!("the cursor can be continued");
/// };
/// assert_eq!((answer.message_count(), ann.unread_messages().await?), (2, 0));
///
/// let earlier: CustomerHistory = ann.history(Some(sent.number().next().unwrap()), 20).await?;
/// assert_eq!(earlier.message_count(), 1);
/// let view: CustomerHistoryView = earlier.view(&context);
/// assert!(view.page_info.has_later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// A customer desk has no inbox:
///
/// ```compile_fail,E0599
/// # async fn f(ann: frontdesk::CustomerDesk) {
/// ann.inbox(&frontdesk::desk::PageRequest::first(50)).await;
/// # }
/// ```
#[derive(Clone)]
pub struct CustomerDesk {
    context: Arc<DeskContext>,
    id: ThreadId,
    booking: Option<Arc<Booking>>,
    participant: Arc<Participant>,
    messaging: Messaging,
}

impl CustomerDesk {
    pub(super) fn new(context: Arc<DeskContext>, id: ThreadId, participant: Participant) -> Self {
        let participant = Arc::new(participant);
        Self { context, id, booking: None, participant, messaging: Messaging::On }
    }

    /// Adds the host application's snapshot of the booking. The first message starts the thread
    /// with this snapshot. Until then, views show the snapshot. The booking's id must be the id
    /// that the desk was made for.
    #[must_use]
    pub fn starting_with(mut self, booking: Booking) -> Self {
        self.booking = Some(Arc::new(booking));
        self
    }

    /// Sets the customer's name, which the customer's messages show. Inbox rows and conversation
    /// headers show the booking's customer name instead.
    #[must_use]
    pub fn with_name(mut self, name: Option<DisplayName>) -> Self {
        Arc::make_mut(&mut self.participant).name = name;
        self
    }

    /// Switches messaging on or off (L4).
    #[must_use]
    pub fn with_messaging(mut self, messaging: Messaging) -> Self {
        self.messaging = messaging;
        self
    }

    /// Opens the conversation: reads a page of messages, at most [`MAX_PAGE`](super::MAX_PAGE), and
    /// marks the thread as read by the customer up to the last returned message (U3).
    ///
    /// The page has the newest messages. If more messages than a page follow the read mark, the page
    /// begins 20 messages before the first unread one instead. [`later`](Self::later) and polls
    /// return the messages after the page, and [`history`](Self::history) those before it.
    pub async fn open(&self) -> Result<CustomerConversation, DeskError> {
        let use_case = use_case!("customer.open", thread self.id);
        let opening = async {
            let open = ReadThread::open(&self.context, &self.id, Role::Customer);
            self.read(&use_case, open).await
        };
        use_case.run(opening).await
    }

    /// Reads the `limit` messages after the number `after`, and marks the thread as read by the
    /// customer up to the last returned message (U3). `after` is the number up to which the screen
    /// shows every message.
    ///
    /// # Errors
    ///
    /// [`DeskError::PageLimit`].
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
    /// let first = ann.send("Can we bring a dog?").await?.number();
    /// kim.reply(&booking.id, "Gladly!").await?;
    /// let later = ann.later(first, 20).await?;
    /// assert_eq!((later.message_count(), ann.unread_messages().await?), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn later(
        &self,
        after: MessageNumber,
        limit: usize,
    ) -> Result<CustomerConversation, DeskError> {
        let use_case = use_case!("customer.later", thread self.id);
        let reading = async {
            let open = ReadThread::open(&self.context, &self.id, Role::Customer);
            self.read(&use_case, open.later(after, limit)?).await
        };
        use_case.run(reading).await
    }

    async fn read(
        &self,
        use_case: &UseCase,
        mut read: ReadThread<'_>,
    ) -> Result<CustomerConversation, DeskError> {
        match self.context.run_with_retry(use_case, &mut read).await? {
            ThreadAnswer::Found(found, epoch) => Ok(self.answer(found, epoch)),
            // Only a poll has a cursor, so this read never starts over.
            ThreadAnswer::StartOver => Err(DeskError::NotFound),
        }
    }

    /// Reads the `limit` newest messages of the conversation, or the `limit` messages before the
    /// number `before`. Moves no read mark (U3).
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
        let reading = async {
            let (found, epoch) =
                self.context.history(&self.id, Role::Customer, before, limit).await?;
            Ok(self.answer(found, epoch).history)
        };
        use_case.run(reading).await
    }

    /// Returns the number of operators' messages that the customer has not read, for a badge.
    /// Moves no read mark.
    pub async fn unread_messages(&self) -> Result<u32, DeskError> {
        let counting = async {
            let found = self.context.find(&self.id).await?.value;
            let thread = found.as_ref().and_then(|found| found.state.live());
            Ok(thread.map_or(0, |thread| thread.unread(Role::Customer)))
        };
        use_case!("customer.unread_messages", thread self.id).run(counting).await
    }

    /// Sends a message. The message starts the thread if the thread does not exist (L5), and marks
    /// everything before the message as read by the customer (U3). A draft with a key can be sent
    /// again safely (I4).
    ///
    /// # Errors
    ///
    /// [`DeskError::Body`], [`DeskError::MessagingOff`], [`DeskError::KeyReused`],
    /// [`DeskError::ThreadFull`]. If the thread is not started, also [`DeskError::NoBooking`]
    /// without [`starting_with`](Self::starting_with), and [`DeskError::WrongBooking`] if the
    /// booking is not the booking that the desk was made for.
    pub async fn send(&self, draft: impl Into<Draft>) -> Result<CustomerSent, DeskError> {
        let draft = draft.into();
        let use_case = use_case!("customer.send", thread self.id);
        let request = SendRequest {
            context: &self.context,
            id: &self.id,
            author: &self.participant,
            draft: &draft,
            start: StartWith::Booking(self.booking.as_deref()),
        };
        let sending = async {
            Ok(CustomerSent(match self.messaging {
                Messaging::On => request.send(&use_case).await?,
                Messaging::Off => request.replay_or(DeskError::MessagingOff).await?,
            }))
        };
        use_case.run(sending).await
    }

    /// Marks everything up to a message as read by the customer, for a screen that knows the
    /// messages that were in view. If later messages are already read, the mark does not move back.
    /// Returns the number of operators' messages that the customer has not read.
    ///
    /// # Errors
    ///
    /// [`DeskError::NotFound`] if the thread is not started; [`DeskError::NoSuchMessage`] if the
    /// thread has no message with the number.
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
    /// ann.send("Can we bring a dog?").await?;
    /// let reply = kim.reply(&booking.id, "Gladly!").await?.number();
    /// kim.reply(&booking.id, "Please bring a leash.").await?;
    /// assert_eq!(ann.mark_read(reply).await?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn mark_read(&self, number: MessageNumber) -> Result<u32, DeskError> {
        let use_case = use_case!("customer.mark_read", thread self.id);
        let mark = Mark::Read(Role::Customer);
        let mark = MarkMessage { context: &self.context, id: &self.id, number, mark };
        let (thread, _) = use_case.run(mark.run(&use_case)).await?;
        Ok(thread.unread(Role::Customer))
    }

    /// Reads the messages after a cursor (P2). Marks the conversation as read if any of these
    /// messages are from operators (P3). A poll marks all messages of its answer; a page that does not
    /// show them at once polls only while it is in view.
    ///
    /// # Errors
    ///
    /// [`DeskError::Cursor`] for a cursor of another thread. If polling cannot continue from
    /// the cursor, the answer is [`CustomerPoll::StartOver`] and not an error (P7).
    pub async fn poll(&self, cursor: &CustomerCursor) -> Result<CustomerPoll, DeskError> {
        let use_case = use_case!("customer.poll", thread self.id);
        let polling = async {
            let mut poll = ReadThread::poll(&self.context, &self.id, cursor);
            Ok(match self.context.run_with_retry(&use_case, &mut poll).await? {
                ThreadAnswer::Found(found, epoch) => {
                    CustomerPoll::Update(self.answer(found, epoch))
                }
                ThreadAnswer::StartOver => CustomerPoll::StartOver,
            })
        };
        use_case.run(polling).await
    }

    fn answer(&self, found: Found, epoch: Epoch) -> CustomerConversation {
        let epoch = self.context.cursor_epoch(epoch);
        let (content, cursor) = match found {
            Found::Live(thread, excerpt) => {
                let shown = excerpt.messages.last().map_or(thread.last_number(), Message::number);
                let (id, redactions) = (thread.id().clone(), excerpt.redactions);
                let cursor = CustomerCursor { id, epoch, shown, redactions };
                (CustomerContent::Started(thread, excerpt), cursor)
            }
            Found::Gone { id, last } => {
                let cursor = CustomerCursor { id, epoch, shown: last, redactions: 0 };
                (CustomerContent::NotStarted(self.booking.clone(), last), cursor)
            }
        };
        let history = CustomerHistory { content, messaging: self.messaging };
        CustomerConversation { history, cursor }
    }
}

impl fmt::Debug for CustomerDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerDesk")
            .field("thread", &self.id)
            .field("participant", &self.participant.id)
            .field("messaging", &self.messaging)
            .finish_non_exhaustive()
    }
}
