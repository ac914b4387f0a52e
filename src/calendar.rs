//! Dates and times as people at a place see them (W4 to W6).
//!
//! Everything here is a pure function of instants, a zone and *now*; nothing
//! reads a clock or the machine's own zone. `time::UtcOffset` is a [`Zone`]; so is
//! `jiff::tz::TimeZone`, with the feature `jiff`.

mod groups;
#[cfg(feature = "jiff")]
mod jiff;
mod relative;
mod zone;

pub use groups::{DateGroup, DateGroups, Day, group_by_date};
pub use relative::RelativeTime;
pub use zone::{LocalTime, OffsetSpan, Zone};
