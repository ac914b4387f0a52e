use super::commit::{Revision, Stored};
use crate::thread::Thread;

/// Which end of a history a slice starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The lowest numbers of the range, ascending.
    OldestFirst,
    /// The highest numbers of the range, descending.
    NewestFirst,
}

/// Which threads a page lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those with a customer's message that no operator has read (U4).
    Unread,
}

/// A page of a location's threads, as of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadPage {
    /// The threads, in inbox order.
    pub threads: Vec<Thread>,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// The location's newest revision.
    pub revision: Revision,
}

/// What changed in a location, as of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each changed thread or tombstone once, in the order of revisions.
    pub changed: Vec<Stored>,
    /// Whether more changed than the limit let in.
    pub more: bool,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// The location's newest revision.
    pub revision: Revision,
}
