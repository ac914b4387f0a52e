//! Numbers that identify the history of a database.

use std::fmt;

/// A number that identifies the history of a store's database (P7).
///
/// A store returns a new epoch if its database engine may have lost acknowledged commits and
/// reused their revisions, for example after a failover to an asynchronous replica. Cursors
/// contain the epoch, so a client whose cursor has an old epoch loads everything again. A store
/// whose engine loses no acknowledged commit always returns [`ZERO`](Self::ZERO).
///
/// | store | source of the epoch |
/// |---|---|
/// | `MemoryStore` | a random number for each new store |
/// | `SqliteStore` | a random number in the file; new after a restart of the machine if stores have used `Synchronous::Normal` |
/// | `PostgresStore` | a random number that the first session of a server's timeline stores |
///
/// ```
/// use frontdesk::store::Epoch;
///
/// assert_eq!(Epoch::ZERO, Epoch::new(0));
/// assert_ne!(Epoch::new(7), Epoch::ZERO);
/// assert_eq!(Epoch::new(7).get(), 7);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch of a store that loses no acknowledged commit.
    pub const ZERO: Self = Self(0);

    /// Makes an epoch from any number.
    pub const fn new(epoch: u64) -> Self {
        Self(epoch)
    }

    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}", self.0)
    }
}
