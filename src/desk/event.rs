use crate::{Message, Role, Thread, Tombstone};

/// A change that was committed (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An operator started a thread, or the first message did; the event of that message
    /// follows. The snapshot of the booking may be older than the host's latest: a host whose
    /// booking changed at the same moment refreshes it again.
    ThreadStarted {
        /// The thread as committed, with the first message if there is one.
        thread: Thread,
    },
    /// A customer's message was stored.
    MessageReceived {
        /// The thread, with the message counted.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// An operator's reply was stored.
    ReplySent {
        /// The thread, with the message counted.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// A read mark moved forward, because a side opened, polled or marked. Sending also
    /// marks, without this event.
    MarkedRead {
        /// The thread with the new mark.
        thread: Thread,
        /// The side whose mark moved.
        reader: Role,
    },
    /// A thread was erased.
    ThreadErased {
        /// The tombstone.
        tombstone: Tombstone,
    },
}

/// A receiver of [`Event`]s after each commit, for notifications or an immediate poll.
///
/// A call is a hint that may be lost: when the process ends between the commit and the call,
/// or when the caller drops the use case there. A web server may drop a handler whose client
/// disconnects, so run use cases that write in a task of their own. Events of commits at
/// about the same time may arrive in another order. The change feed is the truth (P5); it
/// also has changes without an event, such as a refreshed booking.
///
/// The desk calls the listener on the task that committed, so it should hand over and
/// return. A panic in it is caught and ignored, because the commit is already done.
///
/// ```
/// use frontdesk::desk::{Event, Listener};
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// use std::sync::mpsc::{Sender, channel};
///
/// /// Hands over the ids of threads with a new customer message.
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
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
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
