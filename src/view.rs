//! What a screen or an API shows: rows and conversations as plain values.
//!
//! A [`Screen`] knows the zone, the words and the time of showing; views are made
//! from it and from what the desk answers. They can be returned from a web
//! handler as they are. Views only serialize, with camelCase names and times in
//! RFC 3339 with the zone's offset. Text travels raw, for `textContent`; beside a
//! message's text stands its encoded form, and every other text encodes itself
//! with `to_html`, for pages that are put together on the server (T5).
//!
//! Operators and customers have views of their own, so that nothing of the one
//! can slip into the other (A2). Each is shown whole [in JSON](crate::in_json).
//!
//! # From an answer to JSON
//!
//! ```
//! use frontdesk::desk::{CustomerConversationView, CustomerPollView, InboxView, PageRequest};
//! use frontdesk::desk::{OperatorPollView, OperatorUpdateView};
//! use frontdesk::view::{CustomerConversation, DateSection, English, Entry, Header, InboxRow};
//! use frontdesk::view::{OperatorConversation, OperatorEntry, Part, Screen};
//! use time::UtcOffset;
//!
//! # use frontdesk::store::MemoryStore;
//! # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
//! # futures::executor::block_on(async {
//! # let desk = FrontDesk::builder(MemoryStore::new()).clock(|| "2027-03-15T14:05:00Z".parse().unwrap()).build();
//! # let harbour = LocationId::new("harbour")?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", "2027-03-20T09:00:00Z".parse()?);
//! # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
//! # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
//! # ann.send("Can we bring a dog?").await?;
//! let screen: Screen<'_> = desk.screen(&UtcOffset::UTC, &English);
//!
//! // The Conversations panel.
//! let page = kim.inbox(&PageRequest::first(50)).await?;
//! let panel: InboxView = page.view(&screen);
//! let row: &InboxRow = &panel.rows[0];
//! assert_eq!(row.preview.as_ref().unwrap().as_str(), "Can we bring a dog?");
//! assert_eq!((row.short_code.as_str(), row.badge.text()), ("K7Q2", Some("1")));
//!
//! // A conversation, for the team and for the customer.
//! let view: OperatorConversation = kim.open(&booking.id).await?.view(&screen);
//! let section: &DateSection<OperatorEntry> = &view.sections[0];
//! assert_eq!(section.heading.as_str(), "Today");
//! assert_eq!(section.entries[0].author.as_str(), "c-9");
//!
//! let shown: CustomerConversationView = ann.visit().await?.view(&screen);
//! let CustomerConversation { header, sections, part, .. } = shown.conversation;
//! let (header, part): (Header, Part) = (header, part);
//! assert_eq!(header.date.as_str(), "Saturday, Mar 20");
//! assert_eq!(part.shown.get(), 1);
//! let entry: &Entry = &sections[0].entries[0];
//! assert_eq!((entry.sender.as_str(), entry.time.as_str()), ("Customer", "2:05 PM"));
//! assert!(entry.read);
//!
//! // What is new.
//! let OperatorPollView::Update(update) = kim.poll(&page.cursor, None).await?.view(&screen) else {
//!     panic!("a fresh cursor goes on");
//! };
//! let update: OperatorUpdateView = update;
//! assert_eq!(update.badge.text(), None);
//! let poll: CustomerPollView = ann.poll(&shown.cursor).await?.view(&screen);
//! assert_eq!(serde_json::to_value(&poll)?["kind"], "update");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod badge;
mod conversation;
mod english;
mod row;
mod words;

pub use badge::Badge;
pub use conversation::{
    CustomerConversation, DateSection, Entry, Header, OperatorConversation, OperatorEntry, Part,
};
pub use english::English;
pub use row::InboxRow;
pub use words::{Screen, Words};
