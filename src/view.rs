//! Views: rows and conversations as plain values, for a screen or an API.
//!
//! A [`ViewContext`] contains the time zone, the language and the current time. An inbox page, a
//! conversation and the answer to a poll have a method `view`, which makes a view with this
//! context. Views can be serialized, but not deserialized. Their field names are in camelCase, and
//! their times are in RFC 3339 with the zone's offset, so a web handler can return views unchanged.
//!
//! The texts in a view are raw, for `textContent` in a browser. For pages that a server renders, a
//! message also contains its text as encoded HTML, and every other text has a method `to_html`
//! (T5).
//!
//! Operators and customers have separate views, so a customer's view cannot contain what only
//! operators may see (A2). The documentation page
//! [`in_json`](crate::in_json) shows the complete JSON of each view.
//!
//! # Views of what a desk returns
//!
//! ```
//! use frontdesk::desk::{Conversation, CustomerPoll, InboxPage, OperatorPoll, OperatorUpdate};
//! use frontdesk::desk::PageRequest;
//! use frontdesk::view::{CustomerConversationView, CustomerHistoryView, CustomerPollView};
//! use frontdesk::view::{DateSection, English, Entry, Header, InboxRow, InboxView};
//! use frontdesk::view::{OperatorConversationView, OperatorEntry, OperatorPollView};
//! use frontdesk::view::{OperatorUpdateView, PageInfo, ViewContext};
//! use time::UtcOffset;
//!
//! # use frontdesk::store::MemoryStore;
//! # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
//! # futures::executor::block_on(async {
//! # let clock = || "2027-03-15T14:05:00Z".parse().unwrap();
//! # let desk = FrontDesk::builder(MemoryStore::new()).clock(clock).build();
//! # let harbour = LocationId::new("harbour")?;
//! # let starts_at = "2027-03-20T09:00:00Z".parse()?;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
//! # let booking = booking.with_start(starts_at);
//! # let ann = desk
//! #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
//! #     .starting_with(booking.clone());
//! # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
//! # ann.send("Can we bring a dog?").await?;
//! let context: ViewContext<'_> = desk.view_context(&UtcOffset::UTC, &English);
//!
//! // The Conversations panel.
//! let page: InboxPage = kim.inbox(&PageRequest::first(50)).await?;
//! let panel: InboxView = page.view(&context);
//! let row: &InboxRow = &panel.rows[0];
//! assert_eq!(row.preview.as_ref().unwrap().as_str(), "Can we bring a dog?");
//! assert_eq!((row.short_code.as_str(), row.badge.text()), ("K7Q2", Some("1")));
//!
//! // A conversation, for the team and for the customer.
//! let conversation: Conversation = kim.open(&booking.id).await?;
//! let view: OperatorConversationView = conversation.view(&context);
//! let section: &DateSection<OperatorEntry> = &view.sections[0];
//! assert_eq!(section.heading.as_str(), "Today");
//! assert_eq!(section.entries[0].author.as_str(), "c-9");
//!
//! let shown: CustomerConversationView = ann.open().await?.view(&context);
//! let CustomerHistoryView { header, sections, page_info, .. } = shown.conversation;
//! let (header, page_info): (Header, PageInfo) = (header.unwrap(), page_info);
//! assert_eq!(header.date.unwrap().as_str(), "Saturday, Mar 20");
//! assert_eq!(page_info.shown.get(), 1);
//! let entry: &Entry = &sections[0].entries[0];
//! assert_eq!((entry.sender.as_str(), entry.time.as_str()), ("Customer", "2:05 PM"));
//! assert!(entry.read);
//!
//! // Labels that depend on the time and the language.
//! assert_eq!(context.waiting_for(desk.now()).as_str(), "waiting");
//! assert_eq!(context.message_removed().as_str(), "Message removed");
//! assert_eq!(context.automatic().as_str(), "Automatic reply");
//! assert_eq!(context.messaging_off().as_str(), "Messaging is switched off");
//!
//! // Polls.
//! let poll: OperatorPoll = kim.poll(&page.cursor, None).await?;
//! let poll_view: OperatorPollView = poll.view(&context);
//! let OperatorPoll::Update(update) = poll else {
//!     panic!("the poll started over");
//! };
//! let update: OperatorUpdate = update;
//! let update: OperatorUpdateView = update.view(&context);
//! assert_eq!(update.badge.text(), None);
//! assert_eq!(poll_view, OperatorPollView::Update(update));
//!
//! let poll: CustomerPoll = ann.poll(&shown.cursor).await?;
//! let poll: CustomerPollView = poll.view(&context);
//! assert_eq!(serde_json::to_value(&poll)?["kind"], "update");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Views of threads and messages
//!
//! An application that has a thread and some of its messages can make a view without a desk:
//!
//! ```
//! use frontdesk::{Messaging, Post};
//! use frontdesk::view::{CustomerHistoryView, English, Entry, Header, InboxRow};
//! use frontdesk::view::{OperatorConversationView, OperatorEntry, PageInfo, ViewContext};
//! use time::UtcOffset;
//!
//! # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Participant};
//! # use frontdesk::{ParticipantId, Thread, Timestamp};
//! # let now = Timestamp::UNIX_EPOCH;
//! # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
//! # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
//! # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
//! # let hello = MessageBody::new("Hello!")?;
//! let posted = thread.post(Post::new(ann, hello, now))?;
//! let (thread, messages) = (posted.thread, [posted.message]);
//! let context = ViewContext::new(&UtcOffset::UTC, &English, now);
//!
//! let row = InboxRow::new(&thread, &context);
//! assert_eq!(row.last_from, Some(messages[0].role()));
//!
//! let team = OperatorConversationView::new(&thread, &messages, &context);
//! assert_eq!(team.sections[0].entries, [OperatorEntry::new(&messages[0], &thread, &context)]);
//! assert_eq!(team.header, Header::of(&thread, &context));
//! assert_eq!(team.header, Header::new(thread.booking(), &context), "no booking is linked");
//!
//! let portal = CustomerHistoryView::new(&thread, &messages, &context);
//! assert_eq!(portal.sections[0].entries, [Entry::new(&messages[0], &thread, &context)]);
//! assert_eq!(portal.page_info, PageInfo::of(&thread, &messages));
//! let off = portal.with_messaging(Messaging::Off, &context);
//! assert_eq!(off.messaging_label, Some(context.messaging_off()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod badge;
mod context;
mod conversation;
mod english;
mod entry;
mod header;
mod inbox;
mod localization;
mod names;
mod page_info;
mod poll;
mod row;
mod stay;

pub use badge::Badge;
pub use context::ViewContext;
pub use conversation::{CustomerConversationView, CustomerHistoryView, OperatorConversationView};
pub use english::English;
pub use entry::{DateSection, Entry, OperatorEntry};
pub use header::Header;
pub use inbox::InboxView;
pub use localization::Localization;
pub use names::ParticipantNames;
pub use page_info::PageInfo;
pub use poll::{CustomerPollView, OperatorPollView, OperatorUpdateView};
pub use row::InboxRow;
