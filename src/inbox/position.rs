use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{BookingId, Thread, Timestamp};

/// An item with a position in an inbox: a [`Thread`], a row of a screen, or a type of the host
/// application.
///
/// ```
/// use frontdesk::inbox::{self, InboxItem};
/// use frontdesk::{BookingId, Timestamp};
///
/// /// A row of the host application's own list.
/// struct Row {
///     booking: BookingId,
///     active_at: Timestamp,
/// }
///
/// impl InboxItem for Row {
///     fn active_at(&self) -> Timestamp {
///         self.active_at
///     }
///
///     fn booking_id(&self) -> &BookingId {
///         &self.booking
///     }
/// }
///
/// let row = |booking, active_at| Row { booking: BookingId::new(booking).unwrap(), active_at };
/// let mut rows = [row("b-1", Timestamp::MIN), row("b-2", Timestamp::MAX)];
/// inbox::sort(&mut rows);
/// assert_eq!(rows[0].booking.as_str(), "b-2");
/// ```
pub trait InboxItem {
    /// Returns the time of the last activity; see [`Thread::active_at`].
    fn active_at(&self) -> Timestamp;

    /// Returns the booking id, which orders items with equal times.
    fn booking_id(&self) -> &BookingId;
}

// The functions are inlined, because sorting calls them for each item of a list.
impl InboxItem for Thread {
    #[inline]
    fn active_at(&self) -> Timestamp {
        Thread::active_at(self)
    }

    #[inline]
    fn booking_id(&self) -> &BookingId {
        &self.id().booking
    }
}

impl<T: InboxItem + ?Sized> InboxItem for &T {
    fn active_at(&self) -> Timestamp {
        (**self).active_at()
    }

    fn booking_id(&self) -> &BookingId {
        (**self).booking_id()
    }
}

/// Compares two items by the order of an inbox: newest first, then by the bytes of the
/// booking id (L1).
///
/// Within one location this is a total order.
///
/// ```
/// use frontdesk::inbox::by_recency;
/// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", ""),
/// #     time.parse().unwrap());
/// let mut threads = vec![
///     at("b-2", "2027-03-14T09:00:00Z"),
///     at("b-3", "2027-03-15T09:00:00Z"),
///     at("b-1", "2027-03-14T09:00:00Z"),
/// ];
/// threads.sort_by(by_recency);
/// let order: Vec<_> = threads.iter().map(|thread| thread.id().booking.as_str()).collect();
/// assert_eq!(order, ["b-3", "b-1", "b-2"]);
/// ```
pub fn by_recency<T: InboxItem + ?Sized>(a: &T, b: &T) -> Ordering {
    b.active_at().cmp(&a.active_at()).then_with(|| a.booking_id().cmp(b.booking_id()))
}

/// A position in an inbox. A page starts after a position (L2).
///
/// Positions have the order of the inbox, so a smaller position is nearer to the top.
///
/// ```
/// use frontdesk::inbox::InboxPosition;
/// use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// let position = InboxPosition::of(&thread);
/// assert_eq!((position.active_at(), position.booking()), (thread.active_at(), "b-1"));
/// assert!(InboxPosition::idle_since(now) < position);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct InboxPosition {
    active_at: Timestamp,
    pub(crate) booking: Option<BookingId>,
}

impl InboxPosition {
    pub(crate) fn new(active_at: Timestamp, booking: Option<BookingId>) -> Self {
        Self { active_at, booking }
    }

    /// Returns the position of an item.
    pub fn of(item: &(impl InboxItem + ?Sized)) -> Self {
        Self::new(item.active_at(), Some(item.booking_id().clone()))
    }

    /// Returns the position before all items that were last active at `active_at` or earlier. The
    /// items after this position have been idle since `active_at`.
    pub fn idle_since(active_at: Timestamp) -> Self {
        Self::new(active_at, None)
    }

    /// Returns the time of the last activity at this position.
    pub fn active_at(&self) -> Timestamp {
        self.active_at
    }

    /// Returns the booking id at this position. A position from [`idle_since`](Self::idle_since)
    /// has no booking id. The method then returns the empty text, which sorts before every id.
    ///
    /// A store selects the items after a position with
    /// `active_at < ? or (active_at = ? and booking > ?)`.
    pub fn booking(&self) -> &str {
        self.booking.as_ref().map_or("", BookingId::as_str)
    }
}

impl Ord for InboxPosition {
    fn cmp(&self, other: &Self) -> Ordering {
        other.active_at.cmp(&self.active_at).then_with(|| self.booking.cmp(&other.booking))
    }
}

impl PartialOrd for InboxPosition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
