use std::time::Duration;

use time::{Date, Time};

use super::localization::Localization;
use crate::BookingStatus;
use crate::calendar::RelativeTime;

/// The built-in localization: "Today", "Monday, Mar 15", "2:05 PM", "5m", "Support".
///
/// ```
/// use frontdesk::view::{English, Localization};
/// use time::macros::{date, time};
///
/// assert_eq!(English.date(date!(2027-03-15), false), "Monday, Mar 15");
/// assert_eq!(English.date(date!(2027-03-15), true), "Monday, Mar 15, 2027");
/// assert_eq!(English.time(time!(14:05)), "2:05 PM");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct English;

impl Localization for English {
    fn support(&self) -> String {
        "Support".to_owned()
    }

    fn customer(&self) -> String {
        "Customer".to_owned()
    }

    fn today(&self) -> String {
        "Today".to_owned()
    }

    fn yesterday(&self) -> String {
        "Yesterday".to_owned()
    }

    fn date(&self, date: Date, with_year: bool) -> String {
        let month = date.month().to_string();
        let (weekday, month, day) = (date.weekday(), &month[..3], date.day());
        if with_year {
            format!("{weekday}, {month} {day}, {}", date.year())
        } else {
            format!("{weekday}, {month} {day}")
        }
    }

    fn time(&self, time: Time) -> String {
        let half = if time.hour() < 12 { "AM" } else { "PM" };
        let hour = (time.hour() + 11) % 12 + 1;
        format!("{hour}:{:02} {half}", time.minute())
    }

    fn duration(&self, duration: Duration) -> String {
        let minutes = duration.as_secs().div_ceil(60);
        let (days, hours, minutes) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
        let parts = [(days, "d"), (hours, "h"), (minutes, "m")];
        let shown = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}"));
        shown.collect::<Vec<_>>().join(" ")
    }

    fn relative(&self, relative: RelativeTime) -> String {
        relative.to_string()
    }

    fn status(&self, status: &BookingStatus) -> String {
        match status {
            BookingStatus::Pending => "Pending".to_owned(),
            BookingStatus::Confirmed => "Confirmed".to_owned(),
            BookingStatus::Cancelled => "Cancelled".to_owned(),
            BookingStatus::Complete => "Complete".to_owned(),
            BookingStatus::NoShow => "No-show".to_owned(),
            BookingStatus::Other(word) => word.as_str().to_owned(),
        }
    }

    fn waiting_for(&self, relative: RelativeTime) -> String {
        match relative {
            RelativeTime::Now => "waiting".to_owned(),
            _ => format!("waiting {relative}"),
        }
    }

    fn message_removed(&self) -> String {
        "Message removed".to_owned()
    }

    fn automatic(&self) -> String {
        "Automatic reply".to_owned()
    }

    fn messaging_off(&self) -> String {
        "Messaging is switched off".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::time;

    #[test]
    fn times_of_day_use_the_twelve_hour_clock() {
        for (time, shown) in [
            (time!(0:00), "12:00 AM"),
            (time!(11:59:59), "11:59 AM"),
            (time!(12:00), "12:00 PM"),
            (time!(23:05), "11:05 PM"),
        ] {
            assert_eq!(English.time(time), shown);
        }
    }

    #[test]
    fn known_statuses_are_capitalized_and_other_words_are_unchanged() {
        for (word, shown) in [
            ("pending", "Pending"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
            ("complete", "Complete"),
            ("no_show", "No-show"),
            ("on hold", "on hold"),
        ] {
            assert_eq!(English.status(&BookingStatus::from_word(word)), shown);
        }
    }

    #[test]
    fn durations_leave_out_units_that_are_zero() {
        for (seconds, shown) in [
            (1, "1m"),
            (2700, "45m"),
            (7200, "2h"),
            (9000, "2h 30m"),
            (3 * 86_400, "3d"),
            (90_060, "1d 1h 1m"),
        ] {
            assert_eq!(English.duration(Duration::from_secs(seconds)), shown);
        }
    }
}
