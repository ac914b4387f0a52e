use std::sync::Arc;

use super::clock::{Clock, SystemClock};
use super::context::DeskContext;
use super::event::Listener;
use super::front_desk::FrontDesk;
use crate::MessageBody;
use crate::store::ThreadStore;

/// The builder of a [`FrontDesk`] with its settings.
///
/// ```
/// use frontdesk::desk::FrontDeskBuilder;
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{FrontDesk, Timestamp};
///
/// let settings: FrontDeskBuilder = FrontDesk::builder(MemoryStore::new())
///     .clock(|| Timestamp::UNIX_EPOCH)
///     .max_body_chars(2_000)
///     .epoch(1);
/// let desk = settings.build();
/// assert_eq!(desk.now(), Timestamp::UNIX_EPOCH);
/// ```
#[derive(Debug)]
#[must_use]
pub struct FrontDeskBuilder {
    context: DeskContext,
}

impl FrontDesk {
    /// Makes a desk over a store, with the system's clock, without a listener and with the
    /// default limit for messages.
    pub fn new(store: impl ThreadStore + 'static) -> Self {
        Self::builder(store).build()
    }

    /// Returns a builder of a desk over a store.
    pub fn builder(store: impl ThreadStore + 'static) -> FrontDeskBuilder {
        FrontDeskBuilder {
            context: DeskContext {
                store: Arc::new(store),
                clock: Arc::new(SystemClock),
                listener: None,
                max_body_chars: MessageBody::DEFAULT_MAX_CHARS,
                epoch: 0,
            },
        }
    }
}

impl FrontDeskBuilder {
    /// Sets the source of the present time (W2).
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.context.clock = Arc::new(clock);
        self
    }

    /// Sets the receiver of events (P5).
    ///
    /// ```
    /// use frontdesk::FrontDesk;
    /// use frontdesk::desk::Event;
    /// use frontdesk::store::MemoryStore;
    ///
    /// let desk = FrontDesk::builder(MemoryStore::new())
    ///     .listener(|event: &Event| println!("{event:?}"))
    ///     .build();
    /// ```
    pub fn listener(mut self, listener: impl Listener + 'static) -> Self {
        self.context.listener = Some(Arc::new(listener));
        self
    }

    /// Sets the highest number of `char`s of a new message (T4).
    pub fn max_body_chars(mut self, chars: usize) -> Self {
        self.context.max_body_chars = chars;
        self
    }

    /// Sets a number that the host application changes whenever it restores a backup. Clients that
    /// saw data which is now lost then load everything again (P7). The stores of this project detect other losses themselves and then
    /// change their own [`Epoch`](crate::store::Epoch).
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.context.epoch = epoch;
        self
    }

    /// Makes the desk.
    pub fn build(self) -> FrontDesk {
        FrontDesk::from_context(Arc::new(self.context))
    }
}
