//! Dates in the zones of the time-zone database (W4, W5): daylight saving, half
//! hours, midnights and days that are not there.
//!
//! What is expected is either written down here from the laws of the places, or the
//! date that jiff's own calendar says for each message alone.

mod headings;
mod histories;
mod places;
mod spans;

use frontdesk::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

#[track_caller]
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn moved(at: Timestamp, micros: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros(at.unix_micros() + micros)
}

pub(crate) fn micro_before(at: Timestamp) -> Timestamp {
    moved(at, -1)
}

/// A zone of the bundled database.
#[track_caller]
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

pub(crate) fn names() -> Vec<String> {
    let names: Vec<_> = TimeZoneDatabase::bundled().available().map(|n| n.to_string()).collect();
    assert!(names.len() > 500, "the database has only {} zones", names.len());
    names
}

/// The instant for jiff, which has no last day of year 9999.
pub(crate) fn by_jiff(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or(jiff::Timestamp::MAX)
}

pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    let any = Timestamp::MIN.unix_micros()..=Timestamp::MAX.unix_micros();
    let modern =
        at("1840-01-01T00:00:00Z").unix_micros()..=at("2100-01-01T00:00:00Z").unix_micros();
    prop_oneof![1 => any, 4 => modern].prop_map(Timestamp::saturating_from_unix_micros)
}
