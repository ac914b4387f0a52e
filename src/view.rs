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
//! can slip into the other (A2).

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
