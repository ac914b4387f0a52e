use super::position::{Recent, by_recency};

/// Puts a list into inbox order (L1).
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
    list.sort_unstable_by(by_recency);
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
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_unstable_by(|&a, &b| by_recency(&list[a], &list[b]));
    order
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
    let mut page: Vec<&T> = list.iter().collect();
    if limit < page.len() {
        page.select_nth_unstable_by(limit, by_recency);
        page.truncate(limit);
    }
    page.sort_unstable_by(by_recency);
    page
}
