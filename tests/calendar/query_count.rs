//! An upper bound for the number of times that grouping queries the time zone (W5).

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use frontdesk::Timestamp;
use frontdesk::calendar::{OffsetSpan, TimeZone};
use time::UtcOffset;

use crate::zones::{TransitionZone, artificial_zone};
use crate::{HOUR, at, from_micros, group, messages};

/// A zone that counts its queries.
struct CountingZone<'a>(&'a TransitionZone, AtomicUsize);

impl TimeZone for CountingZone<'_> {
    fn offset_at(&self, at: Timestamp) -> UtcOffset {
        self.span_at(at).offset
    }

    fn span_at(&self, at: Timestamp) -> OffsetSpan {
        self.1.fetch_add(1, Relaxed);
        self.0.span_at(at)
    }
}

/// W5: grouping queries the zone at most once for each date in the result, once for each change of
/// the zone's offset, and once for today. The number of items does not matter.
#[test]
fn w5_grouping_queries_the_zone_at_most_once_for_each_date_and_offset_change() {
    let start = at("2027-01-01T00:00:00Z").unix_micros();
    let times: Vec<Timestamp> =
        (0..365 * 24 * 4).map(|quarter| from_micros(start + quarter * HOUR / 4)).collect();
    let (zone, sent) = (artificial_zone(), messages(&times));
    let counting = CountingZone(&zone, AtomicUsize::new(0));
    let dates = group(&sent, &counting, at("2027-12-31T00:00:00Z")).len();
    let queries = counting.1.into_inner();
    println!("{} items, {dates} dates, {queries} queries", sent.len());
    assert!(queries <= dates + zone.transitions.len() + 1, "{queries} queries for {dates} dates");
}
