//! Customer messaging around bookings: a customer asks something about a booking,
//! the team answers from a shared inbox.
//!
//! A host application (a booking system, a customer portal) embeds this crate. It
//! owns HTTP, login, the screen and, through one trait, the database; the crate
//! owns the words, the rules and the order of events:
//!
//! - one [`Thread`] per booking, however many people open it at once;
//! - [`Message`]s numbered without gaps, stored once however often they are sent;
//! - exact unread counts that never swallow what arrived while a screen loaded;
//! - polling that misses no late commit;
//! - raw text inside, HTML encoded exactly once, previews that end between grapheme
//!   clusters, dates of the location's own zone.
//!
//! # A day at the desk
//!
//! ```
//! use frontdesk::desk::{OperatorPoll, PageRequest};
//! use frontdesk::store::MemoryStore;
//! use frontdesk::view::English;
//! use frontdesk::{Booking, BookingId, DisplayName, FrontDesk, LocationId, ParticipantId};
//! use time::UtcOffset;
//!
//! # futures::executor::block_on(async {
//! let desk = FrontDesk::new(MemoryStore::new());
//! let harbour = LocationId::new("harbour")?;
//! let booking = Booking::new(
//!     BookingId::new("b-1")?,
//!     "K7Q2-XH41",
//!     "Harbour tour",
//!     "2027-03-20T09:00:00Z".parse()?,
//! )
//! .with_customer_name(DisplayName::new("Ann Lee"));
//!
//! // The customer writes; their handle reaches this one thread.
//! let customer = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
//! customer.send("Can we bring a dog? It's <small>.").await?;
//!
//! // The team sees it; an operator's handle reaches the location's threads.
//! let operator = desk.operator(harbour, ParticipantId::new("u-7")?, DisplayName::new("Kim"));
//! let inbox = operator.inbox(&PageRequest::first(50)).await?;
//! assert_eq!(inbox.unread, 1);
//!
//! // Opening marks it read, and the reply goes out.
//! let conversation = operator.open(&booking.id).await?;
//! operator.reply(&booking.id, "Gladly!").await?;
//!
//! // What a screen shows: plain values that serialize.
//! let screen = desk.screen(&UtcOffset::UTC, &English);
//! let view = conversation.view(&screen);
//! let entry = &view.sections[0].entries[0].entry;
//! assert_eq!(view.sections[0].heading.as_str(), "Today");
//! assert_eq!(entry.sender.as_str(), "Ann Lee");
//! assert_eq!(entry.text.as_str(), "Can we bring a dog? It's <small>.");
//! assert_eq!(entry.html.to_string(), "Can we bring a dog? It&#x27;s &lt;small&gt;.");
//!
//! // The dashboard polls from where the page was read.
//! let OperatorPoll::Update(update) = operator.poll(&inbox.cursor, Some(&conversation.to_open())).await? else {
//!     panic!("a fresh cursor goes on");
//! };
//! assert_eq!(update.unread, 0);
//! assert_eq!(update.threads.len(), 1);
//! assert_eq!(update.conversation.unwrap().messages[0].body().as_str(), "Gladly!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # The map
//!
//! Four floors; a module uses only its own and those below. The lower two are
//! pure: no I/O, no clock, no locks, no async.
//!
//! | floor | module | what is there |
//! |---|---|---|
//! | use cases | [`desk`] | [`FrontDesk`] and its handles: [`OperatorDesk`], [`CustomerDesk`], [`LocationDesk`] |
//! | storage | [`store`] | the [`ThreadStore`](store::ThreadStore) trait and [`MemoryStore`](store::MemoryStore); with features, `SqliteStore`, `PostgresStore` and the `conformance` kit |
//! | rules | here | [`Thread`] and its transitions |
//! | | [`inbox`] | the order of a list, and lists kept in it |
//! | | [`calendar`] | zones, date groups, relative times |
//! | | [`view`] | rows and conversations for screens and APIs, the words on them |
//! | words | here | ids, [`Timestamp`], [`MessageBody`], [`DisplayName`], [`Preview`], [`Html`], [`Participant`], [`Booking`], [`Message`], [`Draft`] |
//!
//! The numbers that the docs cite (`T7`, `U3`) are the [`rules`]. What goes over the wire
//! is shown whole, [in JSON](in_json).
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `sqlite` | `SqliteStore`, embedded and durable |
//! | `postgres` | `PostgresStore`, for many processes on one PostgreSQL |
//! | `jiff` | `jiff::tz::TimeZone` is a [`Zone`](calendar::Zone) |
//! | `tracing` | a span for each use case |
//! | `conformance` | `store::conformance`, the storage contract as a test kit |
//!
//! A whole host to copy is the example `dashboard` in the repository.
//!
//! # What is bounded
//!
//! | what | bound | past it |
//! |---|---|---|
//! | a message | 10,000 characters ([`max_body_chars`](desk::FrontDeskBuilder::max_body_chars)), 1 MiB | [`BodyError`] |
//! | a name, a code, an activity, a status word | 100 grapheme clusters, 512 bytes | cut |
//! | a preview | 80 grapheme clusters, 2,048 bytes, of the first 4,096 | cut |
//! | an id, an idempotency key | 128 bytes | [`IdError`] |
//! | a time | years 1 to 9999 | [`TimestampError`]; what is computed stays at the end |
//! | how long a booking takes | 2^31 - 1 seconds ([`Booking::MAX_DURATION`]) | cut |
//! | a page of threads or messages | [`desk::MAX_PAGE`] | [`DeskError::PageLimit`] |
//! | an opened conversation | its [`desk::MAX_PAGE`] newest messages | the rest by [`history`](OperatorDesk::history) |
//! | a poll | [`desk::MAX_BEHIND`] changed threads, [`desk::MAX_PAGE`] messages | start over; the rest with the next poll |
//! | attempts when others are faster | [`desk::MAX_ATTEMPTS`] | [`DeskError::Busy`]; a poll answers without its mark |
//! | a badge | 9 | "9+" |
//! | messages of a thread, all its lives together | 2^31 - 1 | [`DeskError::ThreadFull`] |
//! | threads of a location, locations, keys | as many as the store has room for | a store's error |
//! | commits of a location | 2^53 - 1 ([`Revision::MAX`](store::Revision::MAX)) | a store's error |
//! | `SqliteStore`: waiting for another process that writes | 5 seconds by default | a store's error |
//! | `PostgresStore`: a schema's name, a table's partitions | 63 bytes; 1 to 128 | `PostgresOpenError` |
//! | `PostgresStore`: a call's connections, when they are lost; its attempts, when other writers are faster | 3; 100 | a store's error |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod booking;
pub mod calendar;
pub mod desk;
mod id;
pub mod inbox;
mod message;
mod participant;
mod record;
pub mod store;
mod text;
mod thread;
mod timestamp;
pub mod view;

#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

#[doc = include_str!("../docs/json.md")]
pub mod in_json {}

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
#[doc = include_str!("../docs/how-far-it-goes.md")]
pub mod how_far_it_goes {}

/// The README's quick start runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use booking::{Booking, BookingRecord, BookingStatus, ConfirmationCode};
pub use desk::{CustomerDesk, DeskError, FrontDesk, LocationDesk, OperatorDesk};
pub use id::{
    BookingId, IdError, IdKind, IdempotencyKey, LocationId, MAX_ID_BYTES, ParticipantId, ProfileId,
    ThreadId,
};
pub use message::{Draft, Message, MessageNumber, MessageRecord};
pub use participant::{Participant, Role, Sides};
pub use record::Corrupt;
pub use text::{BodyError, DisplayName, Html, LineError, MessageBody, OneLine, Preview};
pub use thread::{
    LastMessage, MarkRecord, Posted, ReadMark, Seen, Thread, ThreadFull, ThreadRecord, Tombstone,
};
pub use timestamp::{Timestamp, TimestampError};
