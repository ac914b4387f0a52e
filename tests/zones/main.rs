//! Dates in the zones of the time-zone database (W4, W5): daylight saving, changes of half
//! an hour, skipped midnights and skipped days.
//!
//! The expected values are constants from the law of each country, or the dates that jiff
//! computes for each message separately.

mod headings;
mod histories;
mod offsets;
mod spans;
mod stays;

use frontdesk::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3_600 * SECOND;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Parses a timestamp.
#[track_caller]
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns the timestamp `micros` microseconds after `at`, limited to years 1 to 9999.
pub(crate) fn shift(at: Timestamp, micros: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros(at.unix_micros() + micros)
}

pub(crate) fn microsecond_before(at: Timestamp) -> Timestamp {
    shift(at, -1)
}

/// Returns a zone of the bundled database.
#[track_caller]
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// Returns the names of all zones of the bundled database.
pub(crate) fn zone_names() -> Vec<String> {
    let names: Vec<_> =
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    assert!(names.len() > 500, "the database has only {} zones", names.len());
    names
}

/// Converts a timestamp to jiff's type. jiff's range ends before the last day of year 9999. Later
/// timestamps become jiff's maximum.
pub(crate) fn to_jiff(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap_or(jiff::Timestamp::MAX)
}

/// Generates times of the whole range, most of them between 1840 and 2100.
pub(crate) fn any_time() -> impl Strategy<Value = Timestamp> {
    let any = Timestamp::MIN.unix_micros()..=Timestamp::MAX.unix_micros();
    let modern =
        at("1840-01-01T00:00:00Z").unix_micros()..=at("2100-01-01T00:00:00Z").unix_micros();
    prop_oneof![1 => any, 4 => modern].prop_map(Timestamp::saturating_from_unix_micros)
}
