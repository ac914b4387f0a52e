//! The use cases: what operators, customers and the host itself can do.
//!
//! A [`FrontDesk`] makes handles, and there is no other way to a use case (A1):
//! an [`OperatorDesk`] reaches the threads of one location, a [`CustomerDesk`]
//! one thread, a [`LocationDesk`] does the host's chores. Each reads, asks a pure
//! transition for the next state, commits it and, when somebody else was faster,
//! tries again with what is there now, [`MAX_ATTEMPTS`] times at most.
//!
//! # Tracing
//!
//! With the feature `tracing`, each use case is one span of target `frontdesk` and
//! level `DEBUG`, named after its handle and method: `operator.reply`,
//! `customer.poll`, `location.erase`. What the store and the listener trace meanwhile
//! is inside of it. It has these fields and no others, so never a text, a name, a key
//! or who did it; ids are those that the host gave:
//!
//! | field | what it says |
//! |---|---|
//! | `location` | the location's id |
//! | `booking` | the booking's id, where the use case is about one thread; of an operator's poll the open conversation's |
//! | `outcome` | `found`, `not started`, `changed`, `unchanged`, `sent`, `repeated` (I4), `update`, `nothing new` (of a customer's poll: no message), `start over`, or the [`DeskError`]: `not found`, `busy`, `store unavailable` and the like; nothing where the caller gave up |
//! | `retries` | how often it tried again since somebody was faster, where it tried at all |

mod clock;
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

pub use clock::{Clock, SystemClock};
pub use core::MAX_ATTEMPTS;
pub use cursor::{CursorError, CustomerCursor, OpenThread, PageCursor, PollCursor};
pub use customer::{
    CustomerAnswer, CustomerConversationView, CustomerDesk, CustomerHistory, CustomerPoll,
    CustomerPollView, CustomerSent, Messaging,
};
pub use error::DeskError;
pub use event::{Event, Listener};
pub use location::LocationDesk;
pub use operator::{Conversation, History, OperatorDesk};
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
/// use frontdesk::{FrontDesk, LocationId, ParticipantId};
///
/// let desk = FrontDesk::new(MemoryStore::new());
/// let ann = desk.operator(LocationId::new("harbour")?, ParticipantId::new("u-7")?, None);
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
    /// snapshot of it: the host has checked that it is theirs.
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
/// use frontdesk::{FrontDesk, Timestamp};
///
/// let desk = FrontDesk::builder(MemoryStore::new())
///     .clock(|| Timestamp::UNIX_EPOCH)
///     .max_body_chars(2_000)
///     .build();
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
    pub fn listener(mut self, listener: impl Listener + 'static) -> Self {
        self.core.listener = Some(Arc::new(listener));
        self
    }

    /// How many `char`s a new message may have (T4).
    pub fn max_body_chars(mut self, chars: usize) -> Self {
        self.core.max_body_chars = chars;
        self
    }

    /// Which life of the database this is: change it when a backup is restored,
    /// so that clients that saw what is no longer there start over (P7).
    pub fn epoch(mut self, epoch: u64) -> Self {
        self.core.epoch = epoch;
        self
    }

    /// The desk.
    pub fn build(self) -> FrontDesk {
        FrontDesk { core: Arc::new(self.core) }
    }
}
