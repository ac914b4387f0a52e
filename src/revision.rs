//! A location's commit counter.

use serde::Serialize;

use crate::number::impl_bounded_number;

/// A value of a location's commit counter (P1). Before a write, a store compares the revision
/// of the stored thread with the revision that the writer expects. A revision is also a position
/// in the location's change feed.
///
/// No revision is above [`MAX`](Self::MAX), so a JavaScript number holds each revision exactly.
///
/// ```
/// use frontdesk::store::Revision;
///
/// let first = Revision::ZERO.next().expect("zero is not the highest revision");
/// assert_eq!((first.get(), first.previous()), (1, Revision::ZERO));
/// assert_eq!(Revision::try_from(1)?, first);
/// assert_eq!(Revision::MAX.next(), None);
/// # Ok::<(), frontdesk::InvalidRecord>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Revision(u64);

impl_bounded_number!(Revision(u64), "revision", "0 to 2^53 - 1", "r");

impl Revision {
    /// The revision before the first commit: 0.
    pub const ZERO: Self = Self(0);
    /// The highest revision: 2^53 - 1. At a million commits per second, a location reaches this
    /// revision after 285 years.
    pub const MAX: Self = Self((1 << 53) - 1);
}
