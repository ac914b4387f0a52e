use std::fmt;

use crate::Timestamp;

/// Short relative time for lists, for example "5m" (W6).
///
/// A value is a number of whole units, rounded down. `Display` writes the English short form.
///
/// ```
/// use frontdesk::Timestamp;
/// use frontdesk::calendar::RelativeTime;
/// use std::time::Duration;
///
/// let now: Timestamp = "2027-03-15T10:00:00Z".parse()?;
/// let ago = |seconds| {
///     let then = now.saturating_sub(Duration::from_secs(seconds));
///     RelativeTime::between(then, now).to_string()
/// };
/// assert_eq!(ago(59), "now");
/// assert_eq!(ago(5 * 60), "5m");
/// assert_eq!(ago(49 * 3600), "2d");
/// # Ok::<(), frontdesk::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelativeTime {
    /// Less than a minute ago, or in the future.
    Now,
    /// 1 to 59 minutes ago.
    Minutes(u64),
    /// 1 to 23 hours ago.
    Hours(u64),
    /// 1 to 364 days of 24 hours ago.
    Days(u64),
    /// One or more years of 365 days ago.
    Years(u64),
}

impl RelativeTime {
    /// Returns the relative time of `then`, as seen at `now`.
    pub fn between(then: Timestamp, now: Timestamp) -> Self {
        let minutes = now.saturating_since(then).as_secs() / 60;
        let (hours, days) = (minutes / 60, minutes / (24 * 60));
        match (days, hours, minutes) {
            (0, 0, 0) => Self::Now,
            (0, 0, minutes) => Self::Minutes(minutes),
            (0, hours, _) => Self::Hours(hours),
            (365.., ..) => Self::Years(days / 365),
            (days, ..) => Self::Days(days),
        }
    }
}

impl fmt::Display for RelativeTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Minutes(n) => write!(f, "{n}m"),
            Self::Hours(n) => write!(f, "{n}h"),
            Self::Days(n) => write!(f, "{n}d"),
            Self::Years(n) => write!(f, "{n}y"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// W6: the first and the last second of each unit, the future, and the whole range.
    #[test]
    fn w6_relative_times_at_every_limit() {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        let now: Timestamp = "2027-03-15T10:00:00Z".parse().unwrap();
        let table = [
            (0, "now"),
            (MINUTE - 1, "now"),
            (MINUTE, "1m"),
            (HOUR - 1, "59m"),
            (HOUR, "1h"),
            (DAY - 1, "23h"),
            (DAY, "1d"),
            (365 * DAY - 1, "364d"),
            (365 * DAY, "1y"),
            (730 * DAY, "2y"),
        ];
        for (seconds, expected) in table {
            let then = now.saturating_sub(Duration::from_secs(seconds));
            assert_eq!(RelativeTime::between(then, now).to_string(), expected, "{seconds}");
        }
        assert_eq!(RelativeTime::between(Timestamp::MAX, now), RelativeTime::Now);
        let whole_range = RelativeTime::between(Timestamp::MIN, Timestamp::MAX);
        assert_eq!(whole_range, RelativeTime::Years(10_005));
    }
}
