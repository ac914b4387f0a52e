//! The head record of a conversation and the rules by which it changes.
//!
//! Everything here is pure. A transition takes a thread and its input and returns the next
//! thread. It reads no clock and writes nothing. A desk commits the result. After a write
//! conflict, the desk applies the transition again to the thread that is stored now.

mod full;
mod head;
mod link;
mod mark;
mod post;
mod read_mark;
mod record;
mod tombstone;

pub use full::ThreadFull;
pub use head::Thread;
pub use link::Link;
pub use post::{Post, Posted, ReadUpTo};
pub use read_mark::ReadMark;
pub use tombstone::Tombstone;
