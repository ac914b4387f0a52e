use crate::view::{Entry, OperatorEntry, ViewContext};
use crate::{Message, MessageNumber, TextCleaning, Thread};

/// The result of sending a draft as an operator.
///
/// A screen can show the message at once. Earlier messages can be missing from the screen until
/// the next poll, so do not pass the number of the new message to this poll as
/// [`OpenThread::shown`](crate::cursor::OpenThread::shown). A
/// [`Conversation`](super::Conversation) into which the message is
/// [inserted](super::Conversation::insert) has the correct number.
///
/// ```
/// use frontdesk::desk::Sent;
/// use frontdesk::view::{English, OperatorEntry};
/// use frontdesk::{Draft, IdempotencyKey};
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
/// # kim.start(booking.clone()).await?;
/// let draft = Draft::new("Gladly!").with_key(IdempotencyKey::new("3f0c")?);
/// let sent: Sent = kim.reply(&booking.id, draft.clone()).await?;
/// let entry: OperatorEntry = sent.view(&desk.view_context(&UtcOffset::UTC, &English));
/// assert_eq!(entry.entry.html.unwrap().to_string(), "Gladly!");
///
/// // The client did not get the answer and retries.
/// let again = kim.reply(&booking.id, draft).await?;
/// assert!(again.is_replayed());
/// assert_eq!(again.number(), sent.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// The message as stored.
    pub message: Message,
    /// The thread. Its counts include the message.
    pub thread: Thread,
    pub(super) replayed: bool,
    pub(super) clamped: bool,
    pub(super) cleaning: TextCleaning,
}

impl Sent {
    /// Returns the number of the message.
    pub fn number(&self) -> MessageNumber {
        self.message.number()
    }

    /// Returns `true` if an earlier call already stored the message with the same key, so that
    /// this call wrote nothing (I4).
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// Returns `true` if the message has the time of the message before it (or of the thread's
    /// start), because the clock showed an earlier time (W3). If that time is in the future, a clock
    /// was wrong; see [`limit_activity`](crate::AdminDesk::limit_activity).
    pub fn is_clamped(&self) -> bool {
        self.clamped
    }

    /// Returns the changes that [cleaning](crate::Draft::cleaned) made to the draft's text (T3). It
    /// made none if the draft did not ask for it.
    pub fn cleaning(&self) -> TextCleaning {
        self.cleaning
    }

    /// Makes the view of the message.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorEntry {
        OperatorEntry::new(&self.message, &self.thread, context)
    }
}

/// The result of sending a draft as a customer. The type hides the thread and the message, and
/// gives access only to a view of the message (A2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerSent(pub(super) Sent);

impl CustomerSent {
    /// Returns the number of the message.
    pub fn number(&self) -> MessageNumber {
        self.0.number()
    }

    /// Returns `true` if an earlier call already stored the message with the same key, so that
    /// this call wrote nothing (I4).
    pub fn is_replayed(&self) -> bool {
        self.0.is_replayed()
    }

    /// Returns `true` if the message has the time of the message before it (or of the thread's
    /// start), because the clock showed an earlier time (W3).
    pub fn is_clamped(&self) -> bool {
        self.0.is_clamped()
    }

    /// Returns the changes that [cleaning](crate::Draft::cleaned) made to the draft's text (T3). It
    /// made none if the draft did not ask for it.
    pub fn cleaning(&self) -> TextCleaning {
        self.0.cleaning()
    }

    /// Makes the view of the message.
    pub fn view(&self, context: &ViewContext<'_>) -> Entry {
        self.0.view(context).entry
    }
}
