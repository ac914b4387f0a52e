//! The use cases: what operators, customers and the host itself can do.
//!
//! A [`FrontDesk`] makes handles, and there is no other way to a use case (A1):
//! an [`OperatorDesk`] reaches the threads of one location, a [`CustomerDesk`]
//! one thread, a [`LocationDesk`] does the host's chores. Each reads, asks a pure
//! transition for the next state, commits it and, when somebody else was faster,
//! tries again with what is there now, [`MAX_ATTEMPTS`] times at most.
//!
//! # A dashboard
//!
//! What a screen of the team does: it loads a page and a conversation, shows what it
//! sends at once, and asks every [`POLL_INTERVAL`] what is new.
//!
//! ```
//! use frontdesk::Thread;
//! use frontdesk::desk::{Conversation, InboxPage, MAX_PAGE, OpenThread, OperatorPoll};
//! use frontdesk::desk::{OperatorUpdate, POLL_INTERVAL, PageRequest, PollCursor, Sent};
//! use frontdesk::inbox::InboxList;
//!
//! # use frontdesk::store::MemoryStore;
//! # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
//! # futures::executor::block_on(async {
//! # let desk = FrontDesk::new(MemoryStore::new());
//! # let harbour = LocationId::new("harbour")?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
//! # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
//! # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
//! # ann.send("Can we bring a dog?").await?;
//! let page: InboxPage = kim.inbox(&PageRequest::first(MAX_PAGE)).await?;
//! let mut list: InboxList<Thread> = page.threads.into_iter().collect();
//! let mut cursor: PollCursor = page.cursor;
//! let mut open: Conversation = kim.open(&booking.id).await?;
//!
//! let sent: Sent = kim.reply(&booking.id, "Gladly!").await?;
//! open.insert(&sent);
//!
//! # ann.send("Thank you!").await?;
//! let shown: OpenThread = open.to_open();
//! match kim.poll(&cursor, Some(&shown)).await? {
//!     OperatorPoll::Update(update) => {
//!         let update: OperatorUpdate = update;
//!         update.apply_to(&mut list);
//!         if let Some(newer) = update.conversation {
//!             open.apply(newer);
//!         }
//!         cursor = update.cursor;
//!     }
//!     // More than `MAX_BEHIND` threads behind, or a restored backup: load all again.
//!     OperatorPoll::StartOver { .. } => {
//!         let page = kim.inbox(&PageRequest::first(50)).await?;
//!         cursor = page.cursor;
//!         list = page.threads.into_iter().collect();
//!         open = kim.open(&booking.id).await?;
//!     }
//! }
//! assert_eq!(open.messages.len(), 3);
//! assert_eq!(list.get(&booking.id), Some(&open.thread));
//!
//! let OperatorPoll::Update(update) = kim.poll(&cursor, Some(&open.to_open())).await? else {
//!     panic!("a fresh cursor goes on");
//! };
//! assert!(update.is_empty());
//! assert_eq!(POLL_INTERVAL.as_secs_f32(), 7.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Tracing
//!
//! With the feature `tracing`, each use case is one span of target `frontdesk` and
//! level `DEBUG`, named after its handle and method: `operator.reply`,
//! `customer.poll`, `location.erase` (`erase_if` too). What the store and the listener trace meanwhile
//! is inside of it. It has these fields and no others, so never a text, a name, a key
//! or who did it; ids are those that the host gave:
//!
//! | field | what it says |
//! |---|---|
//! | `location` | the location's id |
//! | `booking` | the booking's id, where the use case is about one thread; of an operator's poll the open conversation's |
//! | `outcome` | `found`, `not started`, `changed`, `unchanged`, `sent`, `repeated` (I4), `update`, `nothing new` (of a customer's poll: no message), `start over`, or the [`DeskError`]: `not found`, `busy`, `store unavailable` and the like; nothing where the caller gave up |
//! | `retries` | how often it tried again since somebody was faster, where it tried at all |

mod answer;
mod clock;
mod conversation;
mod core;
mod cursor;
mod customer;
mod error;
mod event;
mod location;
mod operator;
#[cfg(feature = "tracing")]
mod outcome;
mod page;
mod poll;
mod send;
mod use_case;

pub use answer::{
    CustomerAnswer, CustomerConversationView, CustomerHistory, CustomerPoll, CustomerPollView,
    CustomerSent,
};
pub use clock::{Clock, SystemClock};
pub use conversation::{Conversation, History};
pub use core::MAX_ATTEMPTS;
pub use cursor::{CursorError, CustomerCursor, OpenThread, PageCursor, PollCursor};
pub use customer::{CustomerDesk, Messaging};
pub use error::DeskError;
pub use event::{Event, Listener};
pub use location::LocationDesk;
pub use operator::OperatorDesk;
pub use page::{InboxPage, InboxView, MAX_PAGE, PageRequest};
pub use poll::{
    MAX_BEHIND, OperatorPoll, OperatorPollView, OperatorUpdate, OperatorUpdateView, POLL_INTERVAL,
};
pub use send::Sent;

use std::fmt;
use std::sync::Arc;

use self::core::Core;
use crate::booking::Booking;
use crate::calendar::Zone;
use crate::id::{LocationId, ParticipantId};
use crate::participant::Participant;
use crate::store::ThreadStore;
use crate::text::{DisplayName, MessageBody};
use crate::timestamp::Timestamp;
use crate::view::{Screen, Words};

/// The front desk of a business: makes the handles through which everything is
/// done. Cheap to clone.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
///
/// let desk = FrontDesk::new(MemoryStore::new());
/// let harbour = LocationId::new("harbour")?;
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
///
/// // Each request gets the handle that the host has checked it may have.
/// let team = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let guest = desk.customer(harbour.clone(), booking, ParticipantId::new("c-9")?, None);
/// let chores = desk.location(harbour);
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Clone)]
pub struct FrontDesk {
    core: Arc<Core>,
}

impl FrontDesk {
    /// A desk over a store, with the system's clock, nobody listening and the
    /// default limit on messages.
    pub fn new(store: impl ThreadStore + 'static) -> Self {
        Self::builder(store).build()
    }

    /// A desk with settings of its own.
    pub fn builder(store: impl ThreadStore + 'static) -> FrontDeskBuilder {
        FrontDeskBuilder {
            core: Core {
                store: Arc::new(store),
                clock: Arc::new(SystemClock),
                listener: None,
                max_body_chars: MessageBody::DEFAULT_MAX_CHARS,
                epoch: 0,
            },
        }
    }

    /// The handle of somebody of the team at a location: the host has checked
    /// that they are who they are and work there.
    pub fn operator(
        &self,
        location: LocationId,
        id: ParticipantId,
        name: Option<DisplayName>,
    ) -> OperatorDesk {
        OperatorDesk::new(Arc::clone(&self.core), location, Participant::operator(id, name))
    }

    /// The handle of a customer for the thread of one booking, with the host's
    /// snapshot of it: the host has checked that it is theirs. The name signs their
    /// messages; rows and headers show the booking's customer name.
    pub fn customer(
        &self,
        location: LocationId,
        booking: Booking,
        id: ParticipantId,
        name: Option<DisplayName>,
    ) -> CustomerDesk {
        CustomerDesk::new(
            Arc::clone(&self.core),
            location,
            booking,
            Participant::customer(id, name),
        )
    }

    /// The handle for the host's own chores at a location.
    pub fn location(&self, location: LocationId) -> LocationDesk {
        LocationDesk::new(Arc::clone(&self.core), location)
    }

    /// What time it is by the desk's clock (W2).
    pub fn now(&self) -> Timestamp {
        self.core.now()
    }

    /// A screen to show answers on, looked at now.
    pub fn screen<'a>(&self, zone: &'a dyn Zone, words: &'a dyn Words) -> Screen<'a> {
        Screen::new(zone, words, self.now())
    }
}

impl fmt::Debug for FrontDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.core, f)
    }
}

/// Settings of a [`FrontDesk`].
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::desk::FrontDeskBuilder;
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
    core: Core,
}

impl FrontDeskBuilder {
    /// Where the time comes from (W2).
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.core.clock = Arc::new(clock);
        self
    }

    /// Who is told what was committed (P5).
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
        self.core.listener = Some(Arc::new(listener));
        self
    }

    /// How many `char`s a new message may have (T4).
    pub fn max_body_chars(mut self, chars: usize) -> Self {
        self.core.max_body_chars = chars;
        self
    }

    /// Which life of the database this is: change it when a backup is restored, and
    /// at each start over a store that forgets, so that clients that saw what is no
    /// longer there start over (P7).
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.core.epoch = epoch;
        self
    }

    /// The desk.
    pub fn build(self) -> FrontDesk {
        FrontDesk { core: Arc::new(self.core) }
    }
}
