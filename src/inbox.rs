//! The order of an inbox (L1) and of the list of waiting threads.
//!
//! - [`sort`] puts a list into inbox order.
//! - [`order`] returns the order of a list without moving its items.
//! - [`first_page`] returns the first items of an unsorted list.
//! - [`InboxList`] stays in order while changes arrive, for example in a dashboard that
//!   polls.

mod list;
mod order;
mod position;
mod sort;
mod waiting;

pub use self::list::InboxList;
pub use self::position::{InboxItem, InboxPosition, by_recency};
pub use self::sort::{first_page, order, sort};
pub use self::waiting::WaitingPosition;
