//! Local dates and date groups (W1, W4, W5): laws that are checked with generated times and
//! generated time zones, and tables of headings.

mod generators;
mod headings;
mod laws;
mod query_count;
mod zone_argument;
mod zones;

use frontdesk::Timestamp;
use frontdesk::calendar::{DateGroup, TimeZone, group_by_date};

pub(crate) const HOUR: i64 = 3_600_000_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Parses a timestamp.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns the timestamp `micros` microseconds after the Unix epoch, limited to years 1 to 9999.
pub(crate) fn from_micros(micros: i64) -> Timestamp {
    Timestamp::saturating_from_unix_micros(micros)
}

/// A message: a unique number and a timestamp.
pub(crate) type Sent = (usize, Timestamp);

/// Returns messages with these timestamps.
pub(crate) fn messages(times: &[Timestamp]) -> Vec<Sent> {
    times.iter().copied().enumerate().collect()
}

/// Returns messages grouped by date.
pub(crate) fn group(
    sent: &[Sent],
    zone: &dyn TimeZone,
    now: Timestamp,
) -> Vec<(DateGroup, Vec<Sent>)> {
    group_by_date(sent, |(_, at)| *at, zone, now)
        .map(|(group, sent)| (group, sent.to_vec()))
        .collect()
}
