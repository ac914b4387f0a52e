use std::time::Duration;

use time::{Date, Time};

use crate::BookingStatus;
use crate::calendar::RelativeTime;

/// The labels and date formats of one language.
///
/// [`English`](super::English) is built in. The methods return raw text, which views encode for
/// HTML like any other text. Views also clean each text to a single line (T6).
///
/// German, as an example:
///
/// ```
/// use frontdesk::BookingStatus;
/// use frontdesk::calendar::RelativeTime;
/// use frontdesk::view::Localization;
/// use std::time::Duration;
/// use time::{Date, Time};
///
/// struct German;
///
/// impl Localization for German {
///     fn support(&self) -> String {
///         "Kundendienst".into()
///     }
///     fn customer(&self) -> String {
///         "Gast".into()
///     }
///     fn today(&self) -> String {
///         "Heute".into()
///     }
///     fn yesterday(&self) -> String {
///         "Gestern".into()
///     }
///     fn date(&self, date: Date, with_year: bool) -> String {
///         const DAYS: [&str; 7] = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
///         let day = DAYS[usize::from(date.weekday().number_days_from_monday())];
///         let (day_of_month, month) = (date.day(), u8::from(date.month()));
///         if with_year {
///             format!("{day}, {day_of_month}.{month}.{}", date.year())
///         } else {
///             format!("{day}, {day_of_month}.{month}.")
///         }
///     }
///     fn time(&self, time: Time) -> String {
///         format!("{}:{:02} Uhr", time.hour(), time.minute())
///     }
///     fn duration(&self, duration: Duration) -> String {
///         format!("{} Min.", duration.as_secs() / 60)
///     }
///     fn relative(&self, relative: RelativeTime) -> String {
///         match relative {
///             RelativeTime::Now => "jetzt".into(),
///             RelativeTime::Minutes(n) => format!("{n} Min."),
///             RelativeTime::Hours(n) => format!("{n} Std."),
///             RelativeTime::Days(n) => format!("{n} T."),
///             RelativeTime::Years(n) => format!("{n} J."),
///         }
///     }
///     fn status(&self, status: &BookingStatus) -> String {
///         match status {
///             BookingStatus::Pending => "offen".into(),
///             BookingStatus::Confirmed => "bestätigt".into(),
///             BookingStatus::Cancelled => "storniert".into(),
///             BookingStatus::Complete => "abgeschlossen".into(),
///             BookingStatus::NoShow => "nicht erschienen".into(),
///             other => other.word().into(),
///         }
///     }
///     fn waiting_for(&self, relative: RelativeTime) -> String {
///         format!("wartet seit {}", self.relative(relative))
///     }
///     fn message_removed(&self) -> String {
///         "Nachricht entfernt".into()
///     }
///     fn automatic(&self) -> String {
///         "Automatische Antwort".into()
///     }
///     fn messaging_off(&self) -> String {
///         "Nachrichten sind abgeschaltet".into()
///     }
/// }
///
/// let date = time::macros::date!(2027-03-15);
/// assert_eq!(German.date(date, true), "Montag, 15.3.2027");
/// ```
pub trait Localization: Send + Sync {
    /// Returns the label for an operator without a name.
    fn support(&self) -> String;

    /// Returns the label for a customer whose name is unknown: neither the author nor the booking
    /// contains it.
    fn customer(&self) -> String;

    /// Returns the heading of today's messages.
    fn today(&self) -> String;

    /// Returns the heading of yesterday's messages.
    fn yesterday(&self) -> String;

    /// Formats a full date (W5). Views set `with_year` unless the date is in the current year.
    fn date(&self, date: Date, with_year: bool) -> String;

    /// Formats a time of day.
    fn time(&self, time: Time) -> String;

    /// Formats the duration of a booking, which is never zero.
    fn duration(&self, duration: Duration) -> String;

    /// Formats the time that has passed since an event (W6).
    fn relative(&self, relative: RelativeTime) -> String;

    /// Returns the label of a booking's status.
    fn status(&self, status: &BookingStatus) -> String;

    /// Formats the time for which a thread has waited for an operator's answer (U5).
    fn waiting_for(&self, relative: RelativeTime) -> String;

    /// Returns the label that a redacted message shows instead of its text (T9).
    fn message_removed(&self) -> String;

    /// Returns the label of a message that a program wrote.
    fn automatic(&self) -> String;

    /// Returns the label that a customer sees while messaging is switched off (L4).
    fn messaging_off(&self) -> String;
}
