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
///
/// let erased = list.remove(&BookingId::new("b-1").unwrap());
/// assert!(erased.is_some());
/// assert_eq!(list.len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct InboxList<T> {
    /// Items do not move when their places do, which is a fifth quicker than a map
    /// of places to items.
    seats: Vec<Seat<T>>,
    seat_of: HashMap<BookingId, usize>,
    order: BTreeMap<InboxPosition, usize>,
}

#[derive(Debug, Clone)]
struct Seat<T> {
    item: T,
    /// Where it is in the order, whatever the item says by now.
    place: InboxPosition,
}

impl<T: Recent> InboxList<T> {
    /// An empty list.
    pub fn new() -> Self {
        Self { seats: Vec::new(), seat_of: HashMap::new(), order: BTreeMap::new() }
    }

    /// Puts an item where it belongs, in place of what its booking had before,
    /// which is returned.
    pub fn upsert(&mut self, item: T) -> Option<T> {
        let place = InboxPosition::of(&item);
        if let Some(&at) = self.seat_of.get(item.booking_id()) {
            let seat = &mut self.seats[at];
            if seat.place != place {
                self.order.remove(&seat.place);
                self.order.insert(place.clone(), at);
                seat.place = place;
            }
            return Some(std::mem::replace(&mut seat.item, item));
        }
        self.seat_of.insert(item.booking_id().clone(), self.seats.len());
        self.order.insert(place.clone(), self.seats.len());
        self.seats.push(Seat { item, place });
        None
    }

    /// Takes a booking out, because its thread was erased.
    pub fn remove(&mut self, booking: &BookingId) -> Option<T> {
        let at = self.seat_of.remove(booking)?;
        let Seat { item, place } = self.seats.swap_remove(at);
        self.order.remove(&place);
        if let Some(moved) = self.seats.get(at) {
            self.order.insert(moved.place.clone(), at);
            self.seat_of.insert(moved.item.booking_id().clone(), at);
        }
        Some(item)
    }

    /// What the booking has, if anything.
    pub fn get(&self, booking: &BookingId) -> Option<&T> {
        Some(&self.seats[*self.seat_of.get(booking)?].item)
    }

    /// All items in inbox order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.order.values().map(|&at| &self.seats[at].item)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
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
