use std::time::Duration;

use frontdesk::BookingStatus;
use frontdesk::calendar::RelativeTime;
use frontdesk::view::Localization;
use time::{Date, Time};

/// German texts and date formats for the library's views. The library itself has only English.
pub(crate) struct German;

const WEEKDAYS: &str = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag";
const MONTHS: &str =
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember";

fn nth_word(words: &'static str, index: u8) -> &'static str {
    words.split(' ').nth(index.into()).unwrap_or_default()
}

impl Localization for German {
    fn support(&self) -> String {
        "Kundendienst".to_owned()
    }

    fn customer(&self) -> String {
        "Gast".to_owned()
    }

    fn today(&self) -> String {
        "Heute".to_owned()
    }

    fn yesterday(&self) -> String {
        "Gestern".to_owned()
    }

    fn date(&self, date: Date, with_year: bool) -> String {
        let weekday = nth_word(WEEKDAYS, date.weekday().number_days_from_monday());
        let month = nth_word(MONTHS, u8::from(date.month()) - 1);
        let year = if with_year { format!(" {}", date.year()) } else { String::new() };
        format!("{weekday}, {}. {month}{year}", date.day())
    }

    fn time(&self, time: Time) -> String {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    fn duration(&self, duration: Duration) -> String {
        let minutes = duration.as_secs().div_ceil(60);
        let parts =
            [(minutes / (24 * 60), "T."), (minutes / 60 % 24, "Std."), (minutes % 60, "Min.")];
        let shown = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}"));
        shown.collect::<Vec<_>>().join(" ")
    }

    fn relative(&self, relative: RelativeTime) -> String {
        match relative {
            RelativeTime::Now => "jetzt".to_owned(),
            RelativeTime::Minutes(n) => format!("{n} Min."),
            RelativeTime::Hours(n) => format!("{n} Std."),
            RelativeTime::Days(n) => format!("{n} T."),
            RelativeTime::Years(n) => format!("{n} J."),
        }
    }

    fn status(&self, status: &BookingStatus) -> String {
        match status {
            BookingStatus::Pending => "Offen".to_owned(),
            BookingStatus::Confirmed => "Bestätigt".to_owned(),
            BookingStatus::Cancelled => "Storniert".to_owned(),
            BookingStatus::Complete => "Abgeschlossen".to_owned(),
            BookingStatus::NoShow => "Nicht erschienen".to_owned(),
            other @ BookingStatus::Other { .. } => other.word().to_owned(),
        }
    }

    fn waiting_for(&self, relative: RelativeTime) -> String {
        match relative {
            RelativeTime::Now => "wartet".to_owned(),
            _ => format!("wartet seit {}", self.relative(relative)),
        }
    }

    fn message_removed(&self) -> String {
        "Nachricht entfernt".to_owned()
    }

    fn automatic(&self) -> String {
        "Automatische Antwort".to_owned()
    }

    fn messaging_off(&self) -> String {
        "Nachrichten sind abgeschaltet".to_owned()
    }
}
