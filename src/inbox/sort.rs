use std::cmp::Ordering;

use super::order::Order;
use super::position::{InboxItem, by_recency};
use crate::Timestamp;

/// Sorts a list into inbox order (L1).
///
/// This function is faster than sorting by [`by_recency`] if the list is long and most times
/// differ. After new messages, usually only a few items are out of order, and these items belong
/// near the top of the list. The function then needs little more than one pass over the list. It
/// allocates at most 16 bytes for each item.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", ""),
/// #     time.parse().unwrap());
/// let mut threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// frontdesk::inbox::sort(&mut threads);
/// assert_eq!(threads[0].id().booking.as_str(), "new");
/// ```
pub fn sort<T: InboxItem>(list: &mut [T]) {
    let max_moved = list.len() / 64;
    let in_order = move_unordered_to_end(list, max_moved);
    let moved = list.len() - in_order;
    if moved == 0 {
        return;
    }
    if moved <= max_moved {
        // If all moved items belong near the top, sorting the top of the list is enough.
        list.rotate_right(moved);
        let (unordered, in_order) = list.split_at(moved);
        let lowest = unordered.iter().max_by(|a, b| by_recency(*a, *b));
        let is_above = |item: &T| lowest.is_some_and(|lowest| by_recency(item, lowest).is_lt());
        let above = in_order.partition_point(is_above);
        if above <= max_moved {
            return list[..moved + above].sort_unstable_by(by_recency);
        }
    }
    Order::of(list).apply(list);
}

/// Moves each item that belongs above its predecessor to the end of the list. Returns the number
/// of the other items, which are at the start of the list and in order.
///
/// The function stops early if it finds more than `max_moved` items to move. All items that were
/// not examined then count as moved.
fn move_unordered_to_end<T: InboxItem>(list: &mut [T], max_moved: usize) -> usize {
    let Some(mut previous) = list.first().map(InboxItem::active_at) else { return 0 };
    let mut in_order = 1;
    for at in 1..list.len() {
        let active_at = list[at].active_at();
        let is_tie = active_at == previous;
        if active_at < previous || is_tie && by_recency(&list[in_order - 1], &list[at]).is_le() {
            list.swap(in_order, at);
            in_order += 1;
            previous = active_at;
        } else if at - in_order > max_moved {
            break;
        }
    }
    in_order
}

/// Returns the indices of `list` in inbox order, without moving the items.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", ""),
/// #     time.parse().unwrap());
/// let threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// assert_eq!(frontdesk::inbox::order(&threads), [1, 0]);
/// ```
pub fn order<T: InboxItem>(list: &[T]) -> Vec<usize> {
    Order::of(list).indices().collect()
}

/// Returns the first `limit` items of an unsorted list in inbox order, without sorting the
/// rest.
///
/// ```
/// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
/// # let at = |booking: &str, time: &str| Thread::start(LocationId::new("here").unwrap(),
/// #     Booking::new(BookingId::new(booking).unwrap(), "", ""),
/// #     time.parse().unwrap());
/// let threads = vec![at("old", "2027-03-14T09:00:00Z"), at("new", "2027-03-15T09:00:00Z")];
/// let top = frontdesk::inbox::first_page(&threads, 1);
/// assert_eq!(top[0].id().booking.as_str(), "new");
/// ```
pub fn first_page<T: InboxItem>(list: &[T], limit: usize) -> Vec<&T> {
    let mut page: Vec<(Timestamp, &T)> = Vec::new();
    let cut = |page: &mut Vec<(Timestamp, &T)>| {
        if limit < page.len() {
            page.select_nth_unstable_by(limit, compare_timed);
            page.truncate(limit);
        }
    };
    // An item that is older than the last item of a full page cannot be on the page.
    // The items of eight pages are collected before each cut, so that the cost of a cut is low
    // for each item.
    let capacity = limit.saturating_mul(8).max(1);
    let mut oldest = Timestamp::MIN;
    for item in list {
        let active_at = item.active_at();
        if active_at < oldest {
            continue;
        }
        page.push((active_at, item));
        if page.len() == capacity {
            cut(&mut page);
            oldest = page.iter().map(|&(active_at, _)| active_at).min().unwrap_or(Timestamp::MAX);
        }
    }
    cut(&mut page);
    page.sort_unstable_by(compare_timed);
    page.into_iter().map(|(_, item)| item).collect()
}

/// Compares like [`by_recency`], but uses the timestamps that were already read.
fn compare_timed<T: InboxItem>(a: &(Timestamp, &T), b: &(Timestamp, &T)) -> Ordering {
    b.0.cmp(&a.0).then_with(|| a.1.booking_id().cmp(b.1.booking_id()))
}
