//! Stays over nights in the location's calendar (W8).

use std::time::Duration;

use frontdesk::view::{English, Header, ViewContext};
use frontdesk::{Booking, BookingId, SingleLine};

use crate::{at, zone};

/// W8: a stay of two nights over a change of the clock has two nights and its last date. A tour
/// past midnight has its hours.
#[test]
fn w8_a_stay_over_a_clock_change_has_its_nights() {
    let amsterdam = zone("Europe/Amsterdam");
    let now = at("2027-03-01T12:00:00Z");
    let context = ViewContext::new(&amsterdam, &English, now);
    let header = |start: &str, hours: u64| {
        let booking = Booking::new(BookingId::new("b-1").unwrap(), "K7", "Room 7")
            .with_start(at(start))
            .with_duration(Duration::from_secs(hours * 3_600));
        Header::new(&booking, &context)
    };
    for (start, hours, nights, last_date, duration) in [
        // The clock is set forward on Mar 28, and set back on Oct 31.
        ("2027-03-26T14:00:00Z", 43, Some(2), Some("Sunday, Mar 28"), "2 nights"),
        ("2027-03-26T14:00:00Z", 49, Some(2), Some("Sunday, Mar 28"), "2 nights"),
        ("2027-10-29T13:00:00Z", 49, Some(2), Some("Sunday, Oct 31"), "2 nights"),
        ("2027-10-30T13:00:00Z", 21, Some(1), Some("Sunday, Oct 31"), "1 night"),
        ("2027-12-30T14:00:00Z", 68, Some(3), Some("Sunday, Jan 2, 2028"), "3 nights"),
        ("2027-03-20T21:00:00Z", 3, None, None, "3h"),
        ("2027-03-20T09:00:00Z", 2, None, None, "2h"),
    ] {
        let header = header(start, hours);
        assert_eq!(header.nights, nights, "{start}");
        assert_eq!(header.last_date.as_ref().map(SingleLine::as_str), last_date, "{start}");
        assert_eq!(header.duration.unwrap().as_str(), duration, "{start}");
    }
    let summer = header("2027-03-26T14:00:00Z", 49).ends_at.unwrap();
    assert_eq!(summer.to_string(), "2027-03-28T17:00:00+02:00");
}
