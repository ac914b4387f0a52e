use time::{Date, Time};

use crate::calendar::LocalTime;

/// The nights that a booking spans in the location's calendar (W8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stay {
    /// The date on which the booking ends.
    pub(super) last_date: Date,
    /// The number of nights, which is at least 1.
    pub(super) nights: u32,
}

/// The time of day until which a booking of the evening before can last without spanning a night.
const LATEST_EVENING_END: Time = match Time::from_hms(4, 0, 0) {
    Ok(time) => time,
    Err(_) => Time::MIDNIGHT,
};

impl Stay {
    /// Returns the nights between a start and an end, or `None` if the booking spans no night.
    ///
    /// A booking spans the nights between its first and its last date. A booking that ends by 4 AM
    /// on the day after its start spans no night: it is an event in the evening.
    pub(super) fn between(start: LocalTime, end: LocalTime) -> Option<Self> {
        let nights = u32::try_from((end.date() - start.date()).whole_days()).ok()?;
        let is_evening = nights == 1 && end.time() <= LATEST_EVENING_END;
        (nights > 0 && !is_evening).then_some(Self { last_date: end.date(), nights })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::calendar::TimeZone;
    use time::UtcOffset;
    use time::macros::{date, offset};

    fn nights(zone: &dyn TimeZone, start: &str, end: &str) -> Option<u32> {
        let local = |text: &str| LocalTime::new(text.parse::<Timestamp>().unwrap(), zone);
        Stay::between(local(start), local(end)).map(|stay| stay.nights)
    }

    /// W8: a booking spans the nights between its dates. An evening that ends by 4 AM is no night.
    #[test]
    fn w8_an_evening_that_ends_by_four_is_no_night() {
        for (start, end, expected) in [
            ("2027-03-20T22:00:00Z", "2027-03-21T01:00:00Z", None),
            ("2027-03-20T10:00:00Z", "2027-03-21T00:00:00Z", None),
            ("2027-03-20T10:00:00Z", "2027-03-21T04:00:00Z", None),
            ("2027-03-20T10:00:00Z", "2027-03-21T04:00:01Z", Some(1)),
            ("2027-03-20T23:30:00Z", "2027-03-21T10:00:00Z", Some(1)),
            ("2027-03-20T02:00:00Z", "2027-03-20T11:00:00Z", None),
            ("2027-03-20T15:00:00Z", "2027-03-22T02:00:00Z", Some(2)),
            ("2027-12-30T15:00:00Z", "2028-01-02T11:00:00Z", Some(3)),
            ("2027-03-20T15:00:00Z", "2027-03-20T15:00:00Z", None),
        ] {
            assert_eq!(nights(&UtcOffset::UTC, start, end), expected, "{start} {end}");
        }
    }

    /// W8: the location's calendar decides, not the number of hours.
    #[test]
    fn w8_the_calendar_of_the_location_decides() {
        let (start, end) = ("2027-03-20T23:00:00Z", "2027-03-21T10:00:00Z");
        assert_eq!(nights(&UtcOffset::UTC, start, end), Some(1));
        assert_eq!(nights(&offset!(+1), start, end), None);
        let local = |text: &str| LocalTime::new(text.parse().unwrap(), &offset!(+14));
        let stay = Stay::between(local("2027-03-20T08:00:00Z"), local("2027-03-20T20:00:00Z"));
        assert_eq!(stay, Some(Stay { last_date: date!(2027 - 03 - 21), nights: 1 }));
        assert_eq!(
            nights(&offset!(-12), "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
            Some(3_652_058)
        );
    }
}
