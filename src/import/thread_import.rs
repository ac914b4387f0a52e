use std::fmt;

use super::mark::ImportMark;
use super::message::ImportedMessage;
use crate::{Booking, IdempotencyKey, PerRole};

/// A thread of another system: the booking, and the messages with the oldest first (I5).
///
/// Each message has the other system's id for it as its key. The key is unique per thread, role
/// and author (I4), and makes it safe to repeat an import. If the other system has no ids, make the
/// keys from something that never changes, such as the line in its export.
///
/// ```
/// use frontdesk::import::{ImportMark, ImportedMessage, ThreadImport};
/// use frontdesk::{Booking, BookingId, IdempotencyKey, Participant, ParticipantId};
///
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let question =
///     ImportedMessage::new(ann, "2026-07-29T20:15:00Z".parse()?, "Can we bring a dog?");
/// let kim = Participant::operator(ParticipantId::new("u-7")?, None);
/// let welcome = ImportedMessage::new(kim, "2026-07-29T20:15:02Z".parse()?, "We open at 8 AM.");
/// let welcome = welcome.automatic();
///
/// let import = ThreadImport::new(booking)
///     .message(IdempotencyKey::new("ticket-81:1")?, question)
///     .messages([(IdempotencyKey::new("ticket-81:2")?, welcome)])
///     .read_by_customers(ImportMark::First(1))
///     .waiting()
///     .restart_erased();
/// assert_eq!(import.messages.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent setting")]
#[non_exhaustive]
pub struct ThreadImport {
    /// The snapshot with which the thread starts. If the thread exists, its snapshot stays: only a
    /// refresh changes it (L5).
    pub booking: Booking,
    /// The messages with their keys, the oldest first. The list can have any length.
    pub messages: Vec<(IdempotencyKey, ImportedMessage)>,
    /// The part of the list that each side has read.
    pub read: PerRole<ImportMark>,
    /// `true` if customer messages without a later reply wait for an answer (U5).
    pub waiting: bool,
    /// `true` if the import starts an erased thread again (L3).
    pub restart_erased: bool,
    /// `true` if a message that was sent before the message that it follows gets that message's
    /// time, instead of being refused.
    pub clamp_times: bool,
    /// `true` if texts are cleaned before they are validated (T3).
    pub cleaned: bool,
}

impl ThreadImport {
    /// Makes an import without messages. The default settings refuse what cannot be kept exactly,
    /// mark everything as read, and let nothing wait for an answer.
    pub fn new(booking: Booking) -> Self {
        Self {
            booking,
            messages: Vec::new(),
            read: PerRole::default(),
            waiting: false,
            restart_erased: false,
            clamp_times: false,
            cleaned: false,
        }
    }

    /// Adds a message after the messages that were added before. `key` is the other system's id of
    /// the message.
    #[must_use]
    pub fn message(mut self, key: IdempotencyKey, message: ImportedMessage) -> Self {
        self.messages.push((key, message));
        self
    }

    /// Adds messages with their keys, in order.
    #[must_use]
    pub fn messages(
        mut self,
        messages: impl IntoIterator<Item = (IdempotencyKey, ImportedMessage)>,
    ) -> Self {
        self.messages.extend(messages);
        self
    }

    /// Sets the part of the list that the operators have read. The default is everything.
    ///
    /// Messages that the thread had before and that the operators have not read stay unread, and
    /// then the imported messages after them are unread, too.
    #[must_use]
    pub fn read_by_operators(mut self, mark: ImportMark) -> Self {
        self.read.operator = mark;
        self
    }

    /// Sets the part of the list that the customers have read. The default is everything. Messages
    /// that the thread had before and that the customers have not read stay unread.
    #[must_use]
    pub fn read_by_customers(mut self, mark: ImportMark) -> Self {
        self.read.customer = mark;
        self
    }

    /// Lets the thread wait since the first customer message that no operator's reply followed
    /// (U5). Messages that were stored before start no wait. Without this setting, an imported
    /// customer message starts no wait.
    #[must_use]
    pub fn waiting(mut self) -> Self {
        self.waiting = true;
        self
    }

    /// Starts the thread again if it was erased. Without this setting, the import is refused.
    #[must_use]
    pub fn restart_erased(mut self) -> Self {
        self.restart_erased = true;
        self
    }

    /// Moves the time of a message that was sent before the message that it follows to the time of
    /// that message. [`Imported::clamped`](super::Imported::clamped) counts these messages. Without
    /// this setting, they are refused.
    #[must_use]
    pub fn clamp_times(mut self) -> Self {
        self.clamp_times = true;
        self
    }

    /// Cleans the texts before they are validated, as [`Draft::cleaned`](crate::Draft::cleaned)
    /// does (T3). [`Imported::cleaning`](super::Imported::cleaning) counts the changes.
    #[must_use]
    pub fn cleaned(mut self) -> Self {
        self.cleaned = true;
        self
    }
}

/// Shows the number of messages, but no message.
impl fmt::Debug for ThreadImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadImport")
            .field("booking", &self.booking.id)
            .field("messages", &self.messages.len())
            .field("read", &self.read)
            .field("waiting", &self.waiting)
            .field("restart_erased", &self.restart_erased)
            .field("clamp_times", &self.clamp_times)
            .field("cleaned", &self.cleaned)
            .finish()
    }
}
