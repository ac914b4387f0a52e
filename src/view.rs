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
//! use frontdesk::desk::{Conversation, CustomerConversationView, CustomerPoll, CustomerPollView};
//! use frontdesk::desk::{InboxPage, InboxView, OperatorPoll, OperatorPollView, OperatorUpdate};
//! use frontdesk::desk::{OperatorUpdateView, PageRequest};
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
//! let page: InboxPage = kim.inbox(&PageRequest::first(50)).await?;
//! let panel: InboxView = page.view(&screen);
//! let row: &InboxRow = &panel.rows[0];
//! assert_eq!(row.preview.as_ref().unwrap().as_str(), "Can we bring a dog?");
//! assert_eq!((row.short_code.as_str(), row.badge.text()), ("K7Q2", Some("1")));
//!
//! // A conversation, for the team and for the customer.
//! let conversation: Conversation = kim.open(&booking.id).await?;
//! let view: OperatorConversation = conversation.view(&screen);
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
//! let poll: OperatorPoll = kim.poll(&page.cursor, None).await?;
//! let poll_view: OperatorPollView = poll.view(&screen);
//! let OperatorPoll::Update(update) = poll else {
//!     panic!("a fresh cursor goes on");
//! };
//! let update: OperatorUpdate = update;
//! let update: OperatorUpdateView = update.view(&screen);
//! assert_eq!(update.badge.text(), None);
//! assert_eq!(poll_view, OperatorPollView::Update(update));
//!
//! let poll: CustomerPoll = ann.poll(&shown.cursor).await?;
//! let poll: CustomerPollView = poll.view(&screen);
//! assert_eq!(serde_json::to_value(&poll)?["kind"], "update");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # From a thread
//!
//! Where no desk answered, a view is made of a thread and of those of its messages that
//! are shown:
//!
//! ```
//! use frontdesk::Seen;
//! use frontdesk::view::{CustomerConversation, English, Entry, Header, InboxRow};
//! use frontdesk::view::{OperatorConversation, OperatorEntry, Part, Screen};
//! use time::UtcOffset;
//!
//! # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
//! # use frontdesk::{ParticipantId, Thread, Timestamp};
//! # let now = Timestamp::UNIX_EPOCH;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
//! # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
//! # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
//! # let hello = MessageBody::new("Hello!")?;
//! let posted = thread.post(ann.into(), hello, now, Seen::Everything)?;
//! let (thread, messages) = (posted.thread, [posted.message]);
//! let screen = Screen::new(&UtcOffset::UTC, &English, now);
//!
//! let row = InboxRow::new(&thread, &screen);
//! assert_eq!(row.last_from, Some(messages[0].role()));
//!
//! let team = OperatorConversation::new(&thread, &messages, &screen);
//! assert_eq!(team.sections[0].entries, [OperatorEntry::new(&messages[0], &thread, &screen)]);
//! assert_eq!(team.header, Header::new(thread.booking(), &screen));
//!
//! let portal = CustomerConversation::new(&thread, &messages, &screen);
//! assert_eq!(portal.sections[0].entries, [Entry::new(&messages[0], &thread, &screen)]);
//! assert_eq!(portal.part, Part::of(&thread, &messages));
//! # Ok::<(), Box<dyn std::error::Error>>(())
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
