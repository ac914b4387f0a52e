//! The use cases: the actions of operators, customers and the host application.
//!
//! A [`FrontDesk`] makes operator, customer and admin desks, and only these desks have use cases
//! (A1). An [`OperatorDesk`] reaches the threads of one location, and a [`CustomerDesk`] reaches
//! one thread. With an [`AdminDesk`], the host application maintains a location. A use case reads
//! the state of a thread, computes the next state with a pure transition and commits that state.
//! After a write conflict the use case retries from the state that is then stored. It makes at
//! most [`MAX_ATTEMPTS`] attempts.
//!
//! # A dashboard
//!
//! An operator's screen loads a page and a conversation, shows each sent message at once, and
//! polls every [`POLL_INTERVAL`]:
//!
//! ```
//! use frontdesk::Thread;
//! use frontdesk::cursor::{OpenThread, PollCursor};
//! use frontdesk::desk::{Conversation, InboxPage, MAX_PAGE, OperatorPoll, OperatorUpdate};
//! use frontdesk::desk::{POLL_INTERVAL, PageRequest, Sent};
//! use frontdesk::inbox::InboxList;
//!
//! # use frontdesk::store::MemoryStore;
//! # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
//! # futures::executor::block_on(async {
//! # let desk = FrontDesk::new(MemoryStore::new());
//! # let harbour = LocationId::new("harbour")?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
//! # let ann = desk
//! #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
//! #     .starting_with(booking.clone());
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
//! let shown: OpenThread = open.open_thread();
//! match kim.poll(&cursor, Some(&shown)).await? {
//!     OperatorPoll::Update(update) => {
//!         let update: OperatorUpdate = update;
//!         update.apply_to(&mut list);
//!         if let Some(newer) = update.conversation {
//!             open.apply(newer);
//!         }
//!         cursor = update.cursor;
//!     }
//!     // The client is too far behind, or a backup was restored: load everything again.
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
//! let OperatorPoll::Update(update) = kim.poll(&cursor, Some(&open.open_thread())).await? else {
//!     panic!("the cursor can be continued");
//! };
//! assert!(update.is_empty());
//! assert_eq!(POLL_INTERVAL.as_secs_f32(), 7.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Tracing
//!
//! With the feature `tracing`, each use case is one span of target `frontdesk` and level
//! `DEBUG`. The name of the span consists of the kind of desk and the method: `operator.reply`,
//! `customer.poll`, `admin.erase` (also for `erase_if`). Tracing events of the store and the
//! listener are inside the span. A span has only the fields below. It never contains a text, a
//! name, a key or a participant. `FrontDesk::locations` is about no location and has no span. The
//! ids are the ids that the host application gave.
//!
//! | field | content |
//! |---|---|
//! | `location` | the location's id |
//! | `booking` | the booking's id, if the use case is about one thread; in an operator's poll, the id of the open conversation's booking |
//! | `outcome` | `found`, `not started`, `changed`, `unchanged`, `sent`, `repeated` (I4), `update`, `nothing new` (in a customer's poll: no message), `start over`, or the [`DeskError`]: `not found`, `busy`, `store unavailable` and so on; empty if the caller dropped the call |
//! | `retries` | the number of retries after write conflicts, in use cases that commit; empty if the caller dropped the call |

mod admin;
mod builder;
mod clock;
mod context;
mod conversation;
mod customer;
mod customer_conversation;
mod error;
mod event;
mod event_id;
mod event_json;
mod feed_event;
mod follow;
mod follow_answer;
mod front_desk;
mod import;
mod limits;
mod link;
mod location_changes;
mod location_position;
mod manual_clock;
mod mark;
mod newer_messages;
mod operator;
mod operator_poll;
#[cfg(feature = "tracing")]
mod outcome;
mod page;
mod poll;
mod read;
mod read_thread;
mod redact;
mod redact_names;
mod redacted_names;
mod retry;
mod send;
mod sent;
#[cfg(test)]
mod unicode_versions;
mod use_case;

pub use admin::AdminDesk;
pub use builder::FrontDeskBuilder;
pub use clock::{Clock, SystemClock};
pub use conversation::{Conversation, History};
pub use customer::CustomerDesk;
pub use customer_conversation::{CustomerConversation, CustomerHistory, CustomerPoll};
pub use error::DeskError;
pub use event::{Event, Listener};
pub use event_id::EventId;
#[cfg(feature = "schemars")]
pub(crate) use event_json::EventJson;
pub use feed_event::FeedEvent;
pub use follow_answer::{EventPage, FollowAnswer};
pub use front_desk::FrontDesk;
pub use limits::{MAX_ATTEMPTS, MAX_LOCATIONS, MAX_PAGE, MAX_POLL_CHANGES, POLL_INTERVAL};
pub use location_changes::{LocationChanges, LocationsCursor};
pub use location_position::LocationPosition;
pub use manual_clock::ManualClock;
pub use newer_messages::NewerMessages;
pub use operator::OperatorDesk;
pub use operator_poll::{OperatorPoll, OperatorUpdate};
pub use page::{InboxPage, PageRequest};
pub use redacted_names::RedactedNames;
pub use sent::{CustomerSent, Sent};
