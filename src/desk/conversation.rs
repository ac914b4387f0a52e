use super::cursor::OpenThread;
use super::send::Sent;
use crate::message::{Message, MessageNumber};
use crate::thread::Thread;
use crate::view::{OperatorConversation, Part, Screen};

/// A conversation that a screen shows to its end: the newest messages or, from a
/// poll, those after what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// The thread.
    pub thread: Thread,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// Up to where nothing is missing.
    shown: MessageNumber,
}

impl Conversation {
    pub(super) fn new(thread: Thread, messages: Vec<Message>) -> Self {
        let shown = Part::of(&thread, &messages).shown;
        Self { thread, messages, shown }
    }

    /// The conversation for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> OperatorConversation {
        OperatorConversation::new(&self.thread, &self.messages, screen)
    }

    /// What to tell the next poll, once a screen shows this.
    pub fn to_open(&self) -> OpenThread {
        OpenThread { booking: self.thread.id().booking.clone(), shown: self.shown }
    }

    /// Adds what a poll has brought: the newer head and messages, without what is of
    /// an earlier life of the thread (L3). Of another conversation it takes nothing.
    pub fn apply(&mut self, newer: Self) {
        if newer.thread.id() != self.thread.id() {
            return;
        }
        if newer.thread.last_number() >= self.thread.last_number() {
            self.thread = newer.thread;
        }
        self.shown = self.shown.max(newer.shown);
        self.place(newer.messages);
    }

    /// Adds a message that was sent from this screen, before a poll brings it, in
    /// whatever order several arrive. What came in between is still to come with the
    /// next poll. To another conversation it adds nothing.
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
        self.place([sent.message.clone()]);
    }

    /// Puts each message where its number belongs, once, and drops what is of an
    /// earlier life (L3).
    fn place(&mut self, messages: impl IntoIterator<Item = Message>) {
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

/// A look into the past of a conversation, which marked nothing.
///
/// ```
/// use frontdesk::desk::History;
/// use frontdesk::view::{English, OperatorConversation};
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
/// # for text in ["One", "Two", "Three"] {
/// #     ann.send(text).await?;
/// # }
/// let open = kim.open(&booking.id).await?;
/// let first_shown = open.messages[1].number();
/// let earlier: History = kim.history(&booking.id, Some(first_shown), 20).await?;
/// assert_eq!(earlier.messages[0].body().as_str(), "One");
///
/// let screen = desk.screen(&UtcOffset::UTC, &English);
/// let view: OperatorConversation = earlier.view(&screen);
/// assert!(!view.part.has_earlier && view.part.has_later);
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
    /// The messages for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> OperatorConversation {
        OperatorConversation::new(&self.thread, &self.messages, screen)
    }
}
