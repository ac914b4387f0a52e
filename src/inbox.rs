//! The order of an inbox, and lists kept in it (L1).
//!
//! [`sort`] orders a list, [`first_page`] finds the top of an unsorted one,
//! [`order`] says where each item belongs without moving it, and [`InboxList`]
//! stays ordered while changes arrive: what a dashboard keeps between polls.

mod list;
mod order;
mod position;
mod sort;

pub use list::InboxList;
pub use position::{InboxPosition, Recent, by_recency};
pub use sort::{first_page, order, sort};
