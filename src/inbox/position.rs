use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::id::BookingId;
use crate::thread::Thread;
use crate::timestamp::Timestamp;

/// Something that has a place in an inbox: a [`Thread`], a row of a screen, or
/// what the host keeps instead.
///
/// ```
/// use frontdesk::inbox::{self, Recent};
/// use frontdesk::{BookingId, Timestamp};
///
/// /// What a small screen keeps of a thread.
/// struct Line {
///     booking: BookingId,
///     at: Timestamp,
/// }
///
/// impl Recent for Line {
///     fn active_at(&self) -> Timestamp {
///         self.at
///     }
///
///     fn booking_id(&self) -> &BookingId {
///         &self.booking
///     }
/// }
///
/// let line = |booking, at| Line { booking: BookingId::new(booking).unwrap(), at };
/// let mut lines = [line("b-1", Timestamp::MIN), line("b-2", Timestamp::MAX)];
/// inbox::sort(&mut lines);
/// assert_eq!(lines[0].booking.as_str(), "b-2");
/// ```
pub trait Recent {
    /// When it was last active; see [`Thread::active_at`].
    fn active_at(&self) -> Timestamp;

    /// Its booking, which tells apart what was active at the same time.
    fn booking_id(&self) -> &BookingId;
}

// Called for each item of a list: inlined, a read of 10^5 times takes half as long.
impl Recent for Thread {
    #[inline]
    fn active_at(&self) -> Timestamp {
        Thread::active_at(self)
    }

    #[inline]
    fn booking_id(&self) -> &BookingId {
        &self.id().booking
    }
}

impl<T: Recent + ?Sized> Recent for &T {
    fn active_at(&self) -> Timestamp {
        (**self).active_at()
    }

    fn booking_id(&self) -> &BookingId {
        (**self).booking_id()
    }
}

/// The order of an inbox: newest first, then by booking id in bytes. Inside one
/// location it is a total order (L1).
///
/// ```
/// use frontdesk::inbox::by_recency;
/// # use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", "", Timestamp::UNIX_EPOCH),
/// #     time.parse().unwrap(), MessageNumber::START).unwrap();
/// let mut threads = vec![
///     at("b-2", "2027-03-14T09:00:00Z"),
///     at("b-3", "2027-03-15T09:00:00Z"),
///     at("b-1", "2027-03-14T09:00:00Z"),
/// ];
/// threads.sort_by(by_recency);
/// let order: Vec<_> = threads.iter().map(|thread| thread.id().booking.as_str()).collect();
/// assert_eq!(order, ["b-3", "b-1", "b-2"]);
/// ```
pub fn by_recency<T: Recent + ?Sized>(a: &T, b: &T) -> Ordering {
    b.active_at().cmp(&a.active_at()).then_with(|| a.booking_id().cmp(b.booking_id()))
}

/// A place in an inbox: what a page starts after (L2). Ordered as the inbox is,
/// so a smaller position is further up.
///
/// ```
/// use frontdesk::inbox::InboxPosition;
/// use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// let place = InboxPosition::of(&thread);
/// assert_eq!((place.active_at(), place.booking()), (thread.active_at(), "b-1"));
/// assert!(InboxPosition::idle_since(now) < place);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboxPosition {
    active_at: Timestamp,
    booking: Option<BookingId>,
}

impl InboxPosition {
    /// The place of an item.
    pub fn of(item: &(impl Recent + ?Sized)) -> Self {
        Self { active_at: item.active_at(), booking: Some(item.booking_id().clone()) }
    }

    /// The place before everything that was last active at `active_at` or
    /// earlier: what comes after it has been idle since.
    pub fn idle_since(active_at: Timestamp) -> Self {
        Self { active_at, booking: None }
    }

    /// When what is here was last active.
    pub fn active_at(&self) -> Timestamp {
        self.active_at
    }

    /// The booking here, as a text for comparing: empty, before every id, for
    /// [`idle_since`](Self::idle_since). With it a store's query is
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
