use super::read::Excerpt;
use super::sent::Sent;
use crate::cursor::OpenThread;
use crate::view::{OperatorConversationView, OperatorEntry, PageInfo, ViewContext};
use crate::{Message, MessageNumber, Thread};

/// Messages of a conversation for an operator's screen. `open` returns a page of messages, `later`
/// returns the page after it, and a poll returns the messages that the screen does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// The thread.
    pub thread: Thread,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// In a poll's answer, the messages that were redacted since the last answer and that the
    /// screen may show with their texts (T9). Empty in other answers.
    pub redacted: Vec<Message>,
    /// The number of the first customer message after the operators' read mark, as of before this
    /// answer, or `None` if all were read (U3). A screen shows "new messages" above this message.
    pub first_unread: Option<MessageNumber>,
    /// The last message number up to which the screen shows every message.
    shown: MessageNumber,
    /// The number of redacted messages that the screen knows.
    redactions: u32,
}

impl Conversation {
    pub(super) fn new(thread: Thread, excerpt: Excerpt) -> Self {
        let Excerpt { messages, redacted, redactions, first_unread } = excerpt;
        let shown = PageInfo::of(&thread, &messages).shown;
        Self { thread, messages, redacted, first_unread, shown, redactions }
    }

    /// Makes the view of the conversation.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorConversationView {
        let entry = |message| OperatorEntry::new(message, &self.thread, context);
        let view = OperatorConversationView::new(&self.thread, &self.messages, context);
        OperatorConversationView {
            redacted: self.redacted.iter().map(entry).collect(),
            redactions: self.redactions,
            first_unread: self.first_unread,
            ..view
        }
    }

    /// Returns `true` if the conversation contains everything that a screen does not know yet.
    pub(super) fn is_complete(&self) -> bool {
        self.shown >= self.thread.last_number() && self.redactions >= self.thread.redactions()
    }

    /// Returns the argument for the next poll of a screen that shows this conversation.
    pub fn open_thread(&self) -> OpenThread {
        let booking = self.thread.id().booking.clone();
        OpenThread::new(booking, self.shown).with_redactions(self.redactions)
    }

    /// Merges the conversation from a poll or from
    /// [`later`](crate::OperatorDesk::later). Replaces the thread unless the new thread is older,
    /// adds the new messages, replaces messages that were redacted, and removes messages from before
    /// an erasure (L3). Keeps [`first_unread`](Self::first_unread). Ignores another conversation.
    pub fn apply(&mut self, newer: impl Into<Box<Self>>) {
        let newer = *newer.into();
        let is_erased = newer.thread.first_number() < self.thread.first_number();
        if newer.thread.id() != self.thread.id() || is_erased {
            return;
        }
        let is_restarted = newer.thread.first_number() > self.thread.first_number();
        if is_restarted {
            self.first_unread = newer.first_unread;
        }
        let known = if is_restarted { 0 } else { self.redactions };
        self.redactions = known.max(newer.redactions);
        if newer.thread.last_number() >= self.thread.last_number() {
            self.thread = newer.thread;
        }
        self.shown = self.shown.max(newer.shown);
        self.merge(newer.messages);
        let shown = |redacted: &Message| {
            self.messages.binary_search_by_key(&redacted.number(), Message::number).is_ok()
        };
        let redacted: Vec<Message> = newer.redacted.into_iter().filter(shown).collect();
        self.merge(redacted);
    }

    /// Adds a message that was sent from this screen, before a poll returns the message.
    /// Several messages may be added in any order. If earlier messages are missing, the next
    /// poll returns them. Ignores a message of another conversation.
    pub fn insert(&mut self, sent: &Sent) {
        if sent.thread.id() != self.thread.id() {
            return;
        }
        if sent.thread.first_number() > self.thread.first_number() {
            // The thread was erased and started again, so the redactions count anew.
            (self.redactions, self.first_unread) = (0, None);
        }
        if sent.thread.last_number() > self.thread.last_number() {
            self.thread = sent.thread.clone();
        }
        if self.shown.next() == Some(sent.number()) {
            self.shown = sent.number();
        }
        self.merge([sent.message.clone()]);
    }

    /// Inserts each message once, in the order of numbers, replaces messages that were redacted, and
    /// removes messages from before an erasure (L3).
    fn merge(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            let at = self.messages.partition_point(|known| known.number() < message.number());
            match self.messages.get_mut(at).filter(|known| known.number() == message.number()) {
                Some(known) if message.redaction().is_some() => *known = message,
                Some(_) => {}
                None => self.messages.insert(at, message),
            }
        }
        let first = self.thread.first_number();
        self.messages.retain(|message| message.number() >= first);
    }
}

/// Older messages of a conversation. Reading them moves no read mark.
///
/// ```
/// use frontdesk::desk::History;
/// use frontdesk::view::{English, OperatorConversationView};
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
/// # for text in ["One", "Two", "Three"] {
/// #     ann.send(text).await?;
/// # }
/// let open = kim.open(&booking.id).await?;
/// let first_shown = open.messages[1].number();
/// let earlier: History = kim.history(&booking.id, Some(first_shown), 20).await?;
/// assert_eq!(earlier.messages[0].body().unwrap().as_str(), "One");
///
/// let context = desk.view_context(&UtcOffset::UTC, &English);
/// let view: OperatorConversationView = earlier.view(&context);
/// assert!(!view.page_info.has_earlier && view.page_info.has_later);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The thread.
    pub thread: Thread,
    /// The messages that were asked for, oldest first.
    pub messages: Vec<Message>,
    /// The number of the first unread customer message, which can be outside of these messages, or
    /// `None` if all are read (U3).
    pub first_unread: Option<MessageNumber>,
}

impl History {
    /// Makes the view of the messages.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorConversationView {
        let view = OperatorConversationView::new(&self.thread, &self.messages, context);
        OperatorConversationView { first_unread: self.first_unread, ..view }
    }
}
