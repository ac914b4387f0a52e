use std::cmp::Ordering;

use super::order::Order;
use super::position::{Recent, by_recency};
use crate::timestamp::Timestamp;

/// Puts a list into inbox order (L1).
///
/// Faster than sorting by [`by_recency`] when the list is long and most times
/// differ. One that is in order but for a few items that belong near its top, as
/// after new messages, takes little more than a look at each. It allocates at most
/// sixteen bytes an item.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", "", Timestamp::UNIX_EPOCH),
/// #     time.parse().unwrap(), MessageNumber::START).unwrap();
/// let mut threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// frontdesk::inbox::sort(&mut threads);
/// assert_eq!(threads[0].id().booking.as_str(), "new");
/// ```
pub fn sort<T: Recent>(list: &mut [T]) {
    let few = list.len() / 64;
    let in_order = set_aside(list, few);
    let moved = list.len() - in_order;
    if moved == 0 {
        return;
    }
    if moved <= few {
        list.rotate_right(moved);
        let (aside, in_order) = list.split_at(moved);
        let lowest = aside.iter().max_by(|a, b| by_recency(*a, *b));
        let is_above = |item: &T| lowest.is_some_and(|lowest| by_recency(item, lowest).is_lt());
        let above = in_order.partition_point(is_above);
        if above <= few {
            return list[..moved + above].sort_unstable_by(by_recency);
        }
    }
    Order::of(list).apply(list);
}

/// Moves items that belong above the one before them to the end of the list, and
/// returns how many are left, which are in order. It gives up when there are more
/// than a `few`; then the rest of the list counts as moved.
fn set_aside<T: Recent>(list: &mut [T], few: usize) -> usize {
    let Some(mut before) = list.first().map(Recent::active_at) else { return 0 };
    let mut in_order = 1;
    for at in 1..list.len() {
        let active_at = list[at].active_at();
        let ties = active_at == before;
        if active_at < before || ties && by_recency(&list[in_order - 1], &list[at]).is_le() {
            list.swap(in_order, at);
            in_order += 1;
            before = active_at;
        } else if at - in_order > few {
            break;
        }
    }
    in_order
}

/// The indices of `list` in inbox order, for what should not or cannot be moved.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", "", Timestamp::UNIX_EPOCH),
/// #     time.parse().unwrap(), MessageNumber::START).unwrap();
/// let threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// assert_eq!(frontdesk::inbox::order(&threads), [1, 0]);
/// ```
pub fn order<T: Recent>(list: &[T]) -> Vec<usize> {
    Order::of(list).indices().collect()
}

/// The first `limit` items of an unsorted list in inbox order, without sorting
/// the rest.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, MessageNumber, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", "", Timestamp::UNIX_EPOCH),
/// #     time.parse().unwrap(), MessageNumber::START).unwrap();
/// let threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// let top = frontdesk::inbox::first_page(&threads, 1);
/// assert_eq!(top[0].id().booking.as_str(), "new");
/// ```
pub fn first_page<T: Recent>(list: &[T], limit: usize) -> Vec<&T> {
    let mut page: Vec<(Timestamp, &T)> = Vec::new();
    let cut = |page: &mut Vec<(Timestamp, &T)>| {
        if limit < page.len() {
            page.select_nth_unstable_by(limit, in_order);
            page.truncate(limit);
        }
    };
    // What is earlier than the last of a full page cannot be on it. Eight times the
    // page is kept, so that cutting it back costs little for each item.
    let full = limit.saturating_mul(8).max(1);
    let mut oldest = Timestamp::MIN;
    for item in list {
        let active_at = item.active_at();
        if active_at < oldest {
            continue;
        }
        page.push((active_at, item));
        if page.len() == full {
            cut(&mut page);
            oldest = page.iter().map(|&(active_at, _)| active_at).min().unwrap_or(Timestamp::MAX);
        }
    }
    cut(&mut page);
    page.sort_unstable_by(in_order);
    page.into_iter().map(|(_, item)| item).collect()
}

/// [`by_recency`], with the times at hand.
fn in_order<T: Recent>(a: &(Timestamp, &T), b: &(Timestamp, &T)) -> Ordering {
    b.0.cmp(&a.0).then_with(|| a.1.booking_id().cmp(b.1.booking_id()))
}
