use crate::message::Message;
use crate::participant::Role;
use crate::thread::{Thread, Tombstone};

/// What was committed (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A thread was opened: by an operator, or by the first message, which is
    /// told after it. A host whose booking changed in the same moment refreshes
    /// it again.
    Opened {
        /// The thread, as it was committed, with the first message.
        thread: Thread,
    },
    /// A customer's message was received.
    Received {
        /// The thread, the message counted.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// An operator's reply was sent.
    Replied {
        /// The thread, the message counted.
        thread: Thread,
        /// The message.
        message: Message,
    },
    /// A side read on, by opening, polling or marking; sending reads without a
    /// word of its own.
    Read {
        /// The thread, the mark moved.
        thread: Thread,
        /// Which side.
        reader: Role,
    },
    /// A thread was erased.
    Erased {
        /// What is left of it.
        tombstone: Tombstone,
    },
}

/// Somebody who is told what was committed, as an [`Event`]: to send a notification,
/// to poll at once.
///
/// It is a hint that may be lost, when the process ends between the commit and
/// the call, or when the use case is dropped there: a web server may drop a handler
/// whose client has gone, so run what writes in a task of its own. What was committed
/// at about the same time may be told in another order. The feed is the truth (P5), and
/// has what is no event too: a booking that was refreshed, a message that was marked
/// unread. It is called on the task that
/// committed, so it should hand over and return; a panic in it reaches the
/// caller of the use case, whose commit stands.
///
/// ```
/// use frontdesk::desk::{Event, Listener};
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// use std::sync::mpsc::{Sender, channel};
///
/// /// Hands over what concerns the team's phones.
/// struct Phones(Sender<String>);
///
/// impl Listener for Phones {
///     fn notify(&self, event: &Event) {
///         if let Event::Received { thread, .. } = event {
///             let _ = self.0.send(thread.id().to_string());
///         }
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let (ring, rung) = channel();
/// let desk = FrontDesk::builder(MemoryStore::new()).listener(Phones(ring)).build();
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(LocationId::new("harbour")?, booking, ParticipantId::new("c-9")?, None);
/// ann.send("Can we bring a dog?").await?;
/// assert_eq!(rung.recv()?, "harbour/b-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Listener: Send + Sync {
    /// Called after a commit.
    fn notify(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn notify(&self, event: &Event) {
        self(event);
    }
}
