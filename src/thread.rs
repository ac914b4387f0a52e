//! The head of a thread, which is the stored thread without its messages, and the rules by which
//! the head changes.
//!
//! Everything here is pure. A transition takes a thread and its input, and returns the next
//! thread. A transition reads no clock and writes nothing. An operator, customer or admin desk
//! commits the result. After a write conflict, the desk applies the transition again, to the
//! thread that is stored now.

mod activity;
mod answered;
mod booking;
mod full;
mod head;
mod import;
mod link;
mod mark;
mod post;
mod read_mark;
mod record;
mod redact;
mod tombstone;

pub use answered::Answered;
pub use full::ThreadFull;
pub use head::Thread;
pub(crate) use import::{BatchMark, BatchMessage, ImportBatch};
pub use link::Link;
pub use post::{Post, Posted, ReadUpTo};
pub use read_mark::ReadMark;
pub use tombstone::Tombstone;
