use super::sent::Sent;
use crate::cursor::OpenThread;
use crate::view::{OperatorConversationView, PageInfo, ViewContext};
use crate::{Message, MessageNumber, Thread};

/// Messages of a conversation for an operator's screen. `open` returns the newest messages, and a
/// poll returns the messages after those that the screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// The thread.
    pub thread: Thread,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// The last message number up to which the screen shows every message.
    shown: MessageNumber,
}

impl Conversation {
    pub(super) fn new(thread: Thread, messages: Vec<Message>) -> Self {
        let shown = PageInfo::of(&thread, &messages).shown;
        Self { thread, messages, shown }
    }

    /// Makes the view of the conversation.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorConversationView {
        OperatorConversationView::new(&self.thread, &self.messages, context)
    }

    /// Returns the argument for the next poll of a screen that shows this conversation.
    pub fn open_thread(&self) -> OpenThread {
        OpenThread::new(self.thread.id().booking.clone(), self.shown)
    }

    /// Merges the conversation from a poll. Replaces the thread unless the poll's thread is older,
    /// adds the poll's messages, and removes messages from before an erasure (L3). Ignores a poll's
    /// answer about another conversation.
    pub fn apply(&mut self, newer: Self) {
        if newer.thread.id() != self.thread.id() {
            return;
        }
        if newer.thread.last_number() >= self.thread.last_number() {
            self.thread = newer.thread;
        }
        self.shown = self.shown.max(newer.shown);
        self.merge(newer.messages);
    }

    /// Adds a message that was sent from this screen, before a poll returns the message.
    /// Several messages may be added in any order. If earlier messages are missing, the next
    /// poll returns them. Ignores a message of another conversation.
    pub fn insert(&mut self, sent: &Sent) {
        if sent.thread.id() != self.thread.id() {
            return;
        }
        if sent.thread.last_number() > self.thread.last_number() {
            self.thread = sent.thread.clone();
        }
        if self.shown.next() == Some(sent.number()) {
            self.shown = sent.number();
        }
        self.merge([sent.message.clone()]);
    }

    /// Inserts each message once, in the order of numbers, and removes messages from before an
    /// erasure (L3).
    fn merge(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            let at = self.messages.partition_point(|known| known.number() < message.number());
            if self.messages.get(at).is_none_or(|known| known.number() != message.number()) {
                self.messages.insert(at, message);
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
}

impl History {
    /// Makes the view of the messages.
    pub fn view(&self, context: &ViewContext<'_>) -> OperatorConversationView {
        OperatorConversationView::new(&self.thread, &self.messages, context)
    }
}
