//! Customer messaging around bookings: a customer asks something about a booking, and the
//! team answers from a shared inbox.
//!
//! A host application, such as a booking system or a customer portal, embeds this crate. The
//! host owns HTTP, login, the screen and, through one trait, the database. The crate owns the
//! domain types, the rules and the order of events:
//!
//! - one [`Thread`] per booking, even if several people start the conversation at once;
//! - [`Message`]s that are numbered without gaps and stored once, even after a retry;
//! - exact unread counts, which include messages that arrive while a screen loads;
//! - polling that misses no commit, even if a commit becomes visible late;
//! - raw texts, which are encoded as HTML exactly once, at output;
//! - previews that end between grapheme clusters, and dates in the location's time zone.
//!
//! # Example
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
//! let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour")
//!     .with_start("2027-03-20T09:00:00Z".parse()?)
//!     .with_customer_name(DisplayName::new("Ann Lee"));
//!
//! // The customer writes a message. A customer desk reaches only the thread of one booking.
//! let customer = desk
//!     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
//!     .starting_with(booking.clone());
//! customer.send("Can we bring a dog? It's <small>.").await?;
//!
//! // The team sees the message. An operator desk reaches all threads of one location.
//! let operator = desk.operator(harbour, ParticipantId::new("u-7")?, DisplayName::new("Kim"));
//! let inbox = operator.inbox(&PageRequest::first(50)).await?;
//! assert_eq!(inbox.unread, 1);
//!
//! // Opening the conversation marks it as read. Kim replies.
//! let conversation = operator.open(&booking.id).await?;
//! operator.reply(&booking.id, "Gladly!").await?;
//!
//! // Views are plain values that serialize.
//! let context = desk.view_context(&UtcOffset::UTC, &English);
//! let view = conversation.view(&context);
//! let entry = &view.sections[0].entries[0].entry;
//! assert_eq!(view.sections[0].heading.as_str(), "Today");
//! assert_eq!(entry.sender.as_str(), "Ann Lee");
//! assert_eq!(entry.text.as_ref().unwrap().as_str(), "Can we bring a dog? It's <small>.");
//! let html = entry.html.as_ref().unwrap().to_string();
//! assert_eq!(html, "Can we bring a dog? It&#x27;s &lt;small&gt;.");
//!
//! // The dashboard polls for all changes since the inbox page was read.
//! let open = conversation.open_thread();
//! let OperatorPoll::Update(update) = operator.poll(&inbox.cursor, Some(&open)).await? else {
//!     panic!("the cursor can be continued");
//! };
//! assert_eq!(update.unread, 0);
//! assert_eq!(update.threads.len(), 1);
//! let news = update.conversation.unwrap();
//! assert_eq!(news.messages[0].body().unwrap().as_str(), "Gladly!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Modules
//!
//! There are four layers. A module uses only its own layer and the layers below. The lower two
//! layers are pure: no I/O, no clock, no locks, no async.
//!
//! | layer | module | content |
//! |---|---|---|
//! | use cases | [`desk`] | [`FrontDesk`] and the desks that it makes: [`OperatorDesk`], [`CustomerDesk`], [`AdminDesk`] |
//! | storage | [`store`] | the [`ThreadStore`](store::ThreadStore) trait and [`MemoryStore`](store::MemoryStore) |
//! | rules | crate root | [`Thread`] and its transitions |
//! | | [`inbox`] | the order of an inbox, and lists that stay in this order |
//! | | [`calendar`] | time zones, date groups, relative times |
//! | | [`cursor`] | positions that a client keeps between requests |
//! | | [`import`] | conversations from another system |
//! | | [`view`] | rows and conversations for screens and APIs, and their localization |
//! | domain | crate root | ids, [`Timestamp`], [`MessageBody`], [`DisplayName`], [`Preview`], [`EncodedHtml`], [`Participant`], [`Booking`], [`Message`], [`Draft`] |
//! | | [`record`] | the domain types as plain values, for database rows and JSON |
//!
//! The docs cite the [`rules`] by number (`T7`, `U3`). The page [`in_json`] shows every value
//! that goes over the wire. [`notifications`] and [`data_export`] are pages with whole examples,
//! and [`template_engines`] is the page for pages that a server renders.
//!
//! Stores for SQLite and PostgreSQL are in the crates `frontdesk-sqlite` and
//! `frontdesk-postgres`. The crate `frontdesk-conformance` tests a store against the contract.
//! The repository's example `dashboard` is a complete host application to copy.
//!
//! # Features
//!
//! No feature is on by default.
//!
//! | feature | adds |
//! |---|---|
//! | `askama` | askama prints [`EncodedHtml`] unchanged (its `HtmlSafe`) |
//! | `jiff` | [`TimeZone`](calendar::TimeZone) for `jiff::tz::TimeZone`, daylight saving included |
//! | `maud` | maud prints [`EncodedHtml`] unchanged (its `Render`) |
//! | `schemars` | `JsonSchema` of the crate `schemars` for each type that serializes (see [`in_json`]) |
//! | `tracing` | a span for each use case |
//!
//! # Limits
//!
//! | value | limit | above the limit |
//! |---|---|---|
//! | message | 10,000 characters ([`max_body_chars`](desk::FrontDeskBuilder::max_body_chars)), 1 MiB | [`BodyError`] |
//! | name, code, activity, status word | 100 grapheme clusters, 512 bytes | cut |
//! | preview | 80 grapheme clusters, 2,048 bytes, of the first 4,096 bytes | cut |
//! | id, idempotency key | 128 bytes | [`IdError`] |
//! | time | years 1 to 9999 | [`TimestampError`]; computed times saturate |
//! | duration of a booking | 2^31 - 1 seconds ([`Booking::MAX_DURATION`]) | reduced to the limit |
//! | page of threads or messages | [`desk::MAX_PAGE`] | [`DeskError::PageLimit`] |
//! | opened conversation | [`desk::MAX_PAGE`] messages | [`later`](OperatorDesk::later) and [`history`](OperatorDesk::history) read the others |
//! | followed events, listed locations | [`desk::MAX_PAGE`], [`desk::MAX_LOCATIONS`] | [`DeskError::PageLimit`], [`DeskError::LocationLimit`] |
//! | poll | [`desk::MAX_POLL_CHANGES`] changed threads, [`desk::MAX_PAGE`] messages | with more threads, the client starts over; with more messages, the next poll returns the rest |
//! | attempts after write conflicts | [`desk::MAX_ATTEMPTS`] | [`DeskError::Busy`]; a poll returns its messages without marking them as read |
//! | badge | 9 | "9+" |
//! | messages of a thread, erased messages included | 2^31 - 1 | [`DeskError::ThreadFull`] |
//! | messages of one commit | [`store::MAX_COMMIT_MESSAGES`], [`store::MAX_COMMIT_TEXT_BYTES`] | [`store::CommitError`] |
//! | threads of a location, locations, keys | the space of the store | the store's error |
//! | commits of a location | 2^53 - 1 ([`Revision::MAX`](store::Revision::MAX)) | the store's error |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod booking;
pub mod calendar;
pub mod cursor;
pub mod desk;
mod epoch;
mod id;
pub mod import;
pub mod inbox;
mod message;
mod messaging;
mod number;
mod participant;
pub mod record;
mod revision;
#[cfg(feature = "schemars")]
mod schema;
pub mod store;
mod text;
mod thread;
mod timestamp;
pub mod view;

#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

#[doc = include_str!("../docs/json.md")]
pub mod in_json {}

#[doc = include_str!("../docs/moving-in.md")]
pub mod moving_in {}

#[doc = include_str!("../docs/notifications.md")]
pub mod notifications {}

#[doc = include_str!("../docs/data-export.md")]
pub mod data_export {}

#[doc = include_str!("../docs/template-engines.md")]
pub mod template_engines {}

/// Compiles and runs the README's quick start as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use booking::{Booking, BookingPatch, BookingStatus, ConfirmationCode};
pub use desk::{AdminDesk, CustomerDesk, DeskError, FrontDesk, OperatorDesk};
pub use id::{
    BookingId, IdError, IdKind, IdempotencyKey, LocationId, MAX_ID_BYTES, ParticipantId, ProfileId,
    ThreadId,
};
pub use message::{Draft, LastMessage, Message, MessageNumber};
pub use messaging::Messaging;
pub use participant::{Participant, PerRole, Role};
pub use record::InvalidRecord;
pub use text::{
    BodyError, DisplayName, EncodedHtml, MessageBody, Preview, SingleLine, SingleLineError,
    TextCleaning, UNICODE_VERSION,
};
pub use thread::{Answered, Link, Post, Posted, ReadMark, ReadUpTo, Thread, ThreadFull, Tombstone};
pub use timestamp::{Timestamp, TimestampError};
