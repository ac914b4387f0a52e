//! What the pages should say about times (W4, W5).

use frontdesk::view::{English, Words as _};
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, Duration, OffsetDateTime};

/// Honolulu's clock, which is never changed.
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(offset!(-10))
}

/// How the demo's booking in so many days is dated, and when it starts. There are two
/// answers if an hour has begun since the demo did.
pub(crate) fn booked(in_days: i64) -> [(String, String); 2] {
    [now() - Duration::minutes(5), now()].map(|begun| {
        let starts =
            begun + Duration::hours(24 * in_days + 3) - Duration::minutes(begun.minute().into());
        let date = English.date(starts.date(), starts.year() != now().year());
        let time = English.time(time::Time::from_hms(starts.hour(), 0, 0).unwrap());
        (date, time)
    })
}

/// What may stand above the messages of a date: there are two answers at midnight.
pub(crate) fn headings(date: &str) -> [String; 2] {
    let date = Date::parse(date, format_description!("[year]-[month]-[day]")).unwrap();
    [now() - Duration::minutes(5), now()].map(|now| match (now.date() - date).whole_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => English.date(date, date.year() != now.year()),
    })
}

/// The date and the time of day of a moment, as the location has them.
pub(crate) fn local(moment: &str) -> (String, String) {
    let at = self::moment(moment).to_offset(offset!(-10));
    let date = at.date().format(format_description!("[year]-[month]-[day]")).unwrap();
    (date, English.time(at.time()))
}

pub(crate) fn moment(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap()
}
