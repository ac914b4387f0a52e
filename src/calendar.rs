//! Local dates and times: time zones, date groups and relative times (W4 to W6).
//!
//! All functions are pure functions of timestamps, a time zone and the current time. No function
//! reads a clock or the machine's own time zone. `time::UtcOffset` implements [`TimeZone`]. With
//! the feature `jiff`, `jiff::tz::TimeZone` implements it as well.

mod groups;
#[cfg(feature = "jiff")]
mod jiff;
mod relative;
mod time_zone;

pub use self::groups::{DateGroup, DateGroups, RelativeDay, group_by_date};
pub use self::relative::RelativeTime;
pub use self::time_zone::{LocalTime, OffsetSpan, TimeZone};
