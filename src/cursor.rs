//! Positions that a client keeps between requests: opaque cursors for paging, polling
//! and following, and the conversation that a screen has open.
//!
//! The text of a cursor contains only the characters `[a-z0-9.-]`, so it can be part of a URL.

mod customer;
mod error;
mod fields;
mod follow;
mod open_thread;
mod page;
mod poll;

pub use customer::CustomerCursor;
pub use error::CursorError;
pub use follow::FollowCursor;
pub use open_thread::OpenThread;
pub use page::PageCursor;
pub use poll::PollCursor;

pub(crate) use fields::{CursorEpoch, Hex};
pub(crate) use follow::UnfinishedThread;
pub(crate) use page::PagePosition;
