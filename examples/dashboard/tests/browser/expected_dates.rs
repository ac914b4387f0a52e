//! The dates and times that the pages must show for the location Honolulu (W4, W5).

use frontdesk::view::{English, Localization as _};
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime, Time};

/// Returns the current time in Honolulu, which has no daylight saving.
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(offset!(-10))
}

/// Returns the possible dates and times of the demo's booking that starts in `in_days`
/// days. The two results differ if a new hour has begun since the demo started.
pub(crate) fn booking_start(in_days: i64) -> [(String, String); 2] {
    [now() - Duration::minutes(5), now()].map(|start| {
        let starts_at =
            start + Duration::hours(24 * in_days + 3) - Duration::minutes(start.minute().into());
        let date = English.date(starts_at.date(), starts_at.year() != now().year());
        let time = English.time(Time::from_hms(starts_at.hour(), 0, 0).unwrap());
        (date, time)
    })
}

/// Returns the possible headings of a date. The two headings differ around midnight.
pub(crate) fn headings(date: &str) -> [String; 2] {
    let date = Date::parse(date, format_description!("[year]-[month]-[day]")).unwrap();
    [now() - Duration::minutes(5), now()].map(|now| match (now.date() - date).whole_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => English.date(date, date.year() != now.year()),
    })
}

/// Returns the date and the time of day of an instant in the location's zone.
pub(crate) fn local(instant: &str) -> (String, String) {
    let at = parse_instant(instant).to_offset(offset!(-10));
    let date = at.date().format(format_description!("[year]-[month]-[day]")).unwrap();
    (date, English.time(at.time()))
}

pub(crate) fn parse_instant(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap()
}
