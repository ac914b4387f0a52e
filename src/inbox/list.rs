use std::collections::{BTreeMap, HashMap};

use super::position::{InboxPosition, Recent};
use crate::id::BookingId;

/// A location's list that stays in inbox order while changes arrive (L1): what a
/// dashboard keeps between polls.
///
/// It holds each booking once, in the state it was last given.
///
/// ```
/// use frontdesk::inbox::InboxList;
/// # use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", "", Timestamp::UNIX_EPOCH),
/// #     time.parse().unwrap(), MessageNumber::START).unwrap();
///
/// let mut list: InboxList<Thread> = InboxList::new();
/// list.upsert(at("b-1", "2027-03-14T09:00:00Z"));
/// list.upsert(at("b-2", "2027-03-15T09:00:00Z"));
/// list.upsert(at("b-1", "2027-03-16T09:00:00Z"));
/// let order: Vec<_> = list.iter().map(|thread| thread.id().booking.as_str()).collect();
/// assert_eq!(order, ["b-1", "b-2"]);
/// ```
#[derive(Debug, Clone)]
pub struct InboxList<T> {
    items: BTreeMap<InboxPosition, T>,
    places: HashMap<BookingId, InboxPosition>,
}

impl<T: Recent> InboxList<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self { items: BTreeMap::new(), places: HashMap::new() }
    }

    /// Puts an item where it belongs, in place of what its booking had before,
    /// which is returned.
    pub fn upsert(&mut self, item: T) -> Option<T> {
        let place = InboxPosition::of(&item);
        let before = self.places.insert(item.booking_id().clone(), place.clone());
        let replaced = before.and_then(|before| self.items.remove(&before));
        self.items.insert(place, item);
        replaced
    }

    /// Takes a booking out, because its thread was erased.
    pub fn remove(&mut self, booking: &BookingId) -> Option<T> {
        let place = self.places.remove(booking)?;
        self.items.remove(&place)
    }

    /// What the booking has, if anything.
    pub fn get(&self, booking: &BookingId) -> Option<&T> {
        self.items.get(self.places.get(booking)?)
    }

    /// All items in inbox order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.items.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T: Recent> Default for InboxList<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Recent> Extend<T> for InboxList<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.upsert(item);
        }
    }
}

impl<T: Recent> FromIterator<T> for InboxList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::new();
        list.extend(items);
        list
    }
}
