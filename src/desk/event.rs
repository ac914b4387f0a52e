use super::event_id::EventId;
use crate::{Booking, BookingId, Message, Role, Thread, Tombstone};

/// A change that was committed (P5).
///
/// A [`Listener`] gets the events of its process, and a [follower](crate::AdminDesk::follow) gets
/// those of a location. Both serialize to the JSON in [`in_json`](crate::in_json).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An operator or the first message started a thread. If a message started the thread, the
    /// event of this message follows. If the booking changed at the same moment, the thread can
    /// have an older snapshot of the booking. The host application then has to refresh the booking
    /// again.
    ThreadStarted {
        /// The thread as committed. Its counts include the first message, if there is one.
        thread: Thread,
    },
    /// A customer's message was stored.
    MessageReceived {
        /// The thread. Its counts include the message.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// An operator's reply was stored.
    ReplySent {
        /// The thread. Its counts include the message.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// A read mark moved forward, because an operator or a customer opened the conversation,
    /// polled, or marked messages as read. Sending a message also moves the mark, but without this
    /// event.
    MarkedRead {
        /// The thread with the new mark.
        thread: Thread,
        /// The side whose mark moved.
        reader: Role,
    },
    /// A refresh changed the thread's snapshot of its booking (L5).
    BookingUpdated {
        /// The thread with the new snapshot.
        thread: Thread,
        /// The snapshot before the change.
        before: Booking,
    },
    /// A read mark moved back, because an operator marked messages as unread.
    MarkedUnread {
        /// The thread with the new mark.
        thread: Thread,
        /// The side whose mark moved.
        reader: Role,
    },
    /// An operator ended a thread's wait without a reply (U5).
    MarkedAnswered {
        /// The thread.
        thread: Thread,
    },
    /// A message was redacted (T9).
    MessageRedacted {
        /// The thread.
        thread: Thread,
        /// The message, without its text.
        message: Message,
    },
    /// A booking was linked to a thread, or a link was completed that an earlier call had begun
    /// (I2).
    ThreadLinked {
        /// The thread with the snapshot of the linked booking.
        thread: Thread,
        /// The linked booking.
        booking: BookingId,
    },
    /// A thread was erased.
    ThreadErased {
        /// The tombstone.
        tombstone: Tombstone,
    },
    /// A thread changed in another way than by a new message. Only followers get this event; a
    /// listener gets an event that says what has changed. Several changes can be one event.
    ThreadChanged {
        /// The thread as of its latest change.
        thread: Thread,
    },
}

impl Event {
    /// Returns the id of an event about a new message or an erasure. A follower gets this event under
    /// the same id. Returns `None` for the other events, which a follower gets as
    /// [`ThreadChanged`](Self::ThreadChanged).
    pub fn id(&self) -> Option<EventId> {
        match self {
            Self::MessageReceived { thread, message } | Self::ReplySent { thread, message } => {
                Some(EventId::of_message(thread.id(), message.number()))
            }
            Self::ThreadErased { tombstone } => {
                Some(EventId::of_erasure(&tombstone.id, tombstone.last))
            }
            _ => None,
        }
    }
}

/// A receiver of [`Event`]s after each commit, for notifications or an immediate poll.
///
/// A call of the listener is only a hint. No call happens if the process ends right after the
/// commit, or if the caller drops the future of the use case at that point. A web server may
/// drop a handler whose client disconnects, so run each use case that writes in its own task.
/// Events of nearly simultaneous commits can arrive in another order than the commits. Only the
/// change feed is complete (P5). The feed is
/// the place from which to send notifications ([`AdminDesk::follow`](crate::AdminDesk::follow)).
///
/// The desk calls the listener on the task that committed, so the listener should pass the
/// event on and return at once. The desk catches and ignores a panic of the listener, because
/// the commit is already done.
///
/// ```
/// use frontdesk::desk::{Event, Listener};
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// use std::sync::mpsc::{Sender, channel};
///
/// /// Sends the ids of threads with a new customer message to a channel.
/// struct Notifier(Sender<String>);
///
/// impl Listener for Notifier {
///     fn notify(&self, event: &Event) {
///         if let Event::MessageReceived { thread, .. } = event {
///             let _ = self.0.send(thread.id().to_string());
///         }
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let (sender, receiver) = channel();
/// let desk = FrontDesk::builder(MemoryStore::new()).listener(Notifier(sender)).build();
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(LocationId::new("harbour")?, booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking);
/// ann.send("Can we bring a dog?").await?;
/// assert_eq!(receiver.recv()?, "harbour/b-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Listener: Send + Sync {
    /// Receives an event after its commit.
    fn notify(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn notify(&self, event: &Event) {
        self(event);
    }
}
