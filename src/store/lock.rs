//! The locks of [`MemoryStore`](super::MemoryStore). A test compiles the store a second time
//! with the locks of `shuttle`, which tries many orders in which concurrent tasks can run.

pub(super) use std::sync::RwLock;
