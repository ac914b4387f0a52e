//! The locks of [`MemoryStore`](super::MemoryStore). A test compiles the store a second
//! time with the locks of a checker that explores schedules.

pub(super) use std::sync::RwLock;
