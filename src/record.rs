//! Plain records: domain types as plain values, for the columns of a row or for JSON.
//!
//! `TryFrom` converts a record back to its domain type, and checks what the type guarantees (T8).
//! All records are `#[non_exhaustive]` and have a `Default`, so code outside this crate makes a
//! record with `default()` and sets its fields. That code still compiles when a later version
//! adds a field.
//!
//! ```
//! use frontdesk::record::MessageRecord;
//! use frontdesk::{Message, Role};
//!
//! let mut record = MessageRecord::default();
//! record.number = 1;
//! record.ordinal = 1;
//! record.role = Role::Customer;
//! record.author = "c-9".into();
//! record.body = Some("Hello!".into());
//! record.sent_at = "2027-03-15T09:00:00Z".parse()?;
//! let message = Message::try_from(record)?;
//! assert_eq!(message.body().unwrap().as_str(), "Hello!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod booking;
mod invalid;
mod message;
mod thread;

pub use booking::BookingRecord;
pub use invalid::InvalidRecord;
pub use message::MessageRecord;
pub use thread::{MarkRecord, ThreadRecord};
