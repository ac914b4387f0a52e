use std::fmt;
use std::time::Duration;

use time::{Date, Time};

use crate::booking::{Booking, BookingStatus};
use crate::calendar::{DateGroup, Day, LocalTime, RelativeTime, Zone};
use crate::participant::{Participant, Role};
use crate::text::OneLine;
use crate::timestamp::Timestamp;

/// Every word and date format on the views, in one language.
///
/// [`English`](super::English) is built in. What these return is shown as one
/// line of raw text and encoded like any other (T6).
///
/// Another language, here German:
///
/// ```
/// use frontdesk::BookingStatus;
/// use frontdesk::calendar::RelativeTime;
/// use frontdesk::view::Words;
/// use std::time::Duration;
/// use time::{Date, Time};
///
/// struct German;
///
/// impl Words for German {
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
///             other => other.word().into(),
///         }
///     }
/// }
///
/// let date = time::macros::date!(2027-03-15);
/// assert_eq!(German.date(date, true), "Montag, 15.3.2027");
/// ```
pub trait Words: Send + Sync {
    /// Who an operator without a name is.
    fn support(&self) -> String;

    /// Who a customer is when neither they nor the booking has a name.
    fn customer(&self) -> String;

    /// Above the messages of today.
    fn today(&self) -> String;

    /// Above the messages of the date before today.
    fn yesterday(&self) -> String;

    /// A full date, with its year when that is not the current one (W5).
    fn date(&self, date: Date, with_year: bool) -> String;

    /// A time of day.
    fn time(&self, time: Time) -> String;

    /// How long a booking takes; never asked about zero.
    fn duration(&self, duration: Duration) -> String;

    /// How long ago something was (W6).
    fn relative(&self, relative: RelativeTime) -> String;

    /// How a booking stands.
    fn status(&self, status: &BookingStatus) -> String;
}

/// Where and when something is shown: the zone whose dates hold, usually the
/// location's (W4), the words, and now.
///
/// [`FrontDesk::screen`](crate::FrontDesk::screen) makes one with the desk's clock. Make
/// one for each answer: it keeps the moment that it was made.
///
/// ```
/// use frontdesk::calendar::DateGroup;
/// use frontdesk::view::{English, Screen};
/// use frontdesk::{Booking, BookingId, Participant, ParticipantId, Timestamp};
/// use time::UtcOffset;
/// use time::macros::date;
///
/// let now: Timestamp = "2027-03-15T14:05:00Z".parse()?;
/// let screen = Screen::new(&UtcOffset::UTC, &English, now);
/// assert_eq!(screen.time(screen.local(now)).as_str(), "2:05 PM");
/// assert_eq!(screen.relative("2027-03-15T12:00:00Z".parse()?).as_str(), "2h");
/// assert_eq!(screen.full_date(date!(2028-01-01)).as_str(), "Saturday, Jan 1, 2028");
/// let today = DateGroup::new(date!(2027-03-15), screen.local(screen.now()).date());
/// assert_eq!(screen.heading(today).as_str(), screen.words().today());
/// assert_eq!(screen.zone().offset_at(now), UtcOffset::UTC);
///
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// assert_eq!(screen.customer(&booking).as_str(), "Customer");
/// let nameless = Participant::operator(ParticipantId::new("u-7")?, None);
/// assert_eq!(screen.sender(&nameless, &booking).as_str(), "Support");
/// assert_eq!(screen.status(&booking.status).as_str(), "Pending");
/// assert_eq!(screen.duration(&booking), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Screen<'a> {
    zone: &'a dyn Zone,
    words: &'a dyn Words,
    now: Timestamp,
}

impl<'a> Screen<'a> {
    /// A screen in `zone`, with `words`, looked at `now`.
    pub fn new(zone: &'a dyn Zone, words: &'a dyn Words, now: Timestamp) -> Self {
        Self { zone, words, now }
    }

    /// The zone.
    pub fn zone(&self) -> &'a dyn Zone {
        self.zone
    }

    /// The words.
    pub fn words(&self) -> &'a dyn Words {
        self.words
    }

    /// When it is looked at.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// An instant by the screen's calendar and clock.
    pub fn local(&self, at: Timestamp) -> LocalTime {
        LocalTime::new(at, self.zone)
    }

    /// What stands above the messages of a date (W5).
    pub fn heading(&self, group: DateGroup) -> OneLine {
        OneLine::new(match group.day {
            Day::Today => self.words.today(),
            Day::Yesterday => self.words.yesterday(),
            Day::ThisYear => self.words.date(group.date, false),
            Day::OtherYear => self.words.date(group.date, true),
        })
    }

    /// A full date, with its year when that is not the current one.
    pub fn full_date(&self, date: Date) -> OneLine {
        OneLine::new(self.words.date(date, date.year() != self.local(self.now).date().year()))
    }

    /// A time of day.
    pub fn time(&self, at: LocalTime) -> OneLine {
        OneLine::new(self.words.time(at.time()))
    }

    /// How long before now something was (W6).
    pub fn relative(&self, then: Timestamp) -> OneLine {
        OneLine::new(self.words.relative(RelativeTime::between(then, self.now)))
    }

    /// How a booking stands.
    pub fn status(&self, status: &BookingStatus) -> OneLine {
        OneLine::new(self.words.status(status))
    }

    /// How long a booking takes, if anybody said.
    pub fn duration(&self, booking: &Booking) -> Option<OneLine> {
        let duration = booking.duration();
        (!duration.is_zero()).then(|| OneLine::new(self.words.duration(duration)))
    }

    /// Who the customer of a booking is: the booking's name, else the word for it (T6).
    pub fn customer(&self, booking: &Booking) -> OneLine {
        match &booking.customer_name {
            Some(name) => name.as_line().clone(),
            None => OneLine::new(self.words.customer()),
        }
    }

    /// Who wrote: their own name; else, for a customer, the booking's name or the
    /// word for a customer, and for an operator "Support" (T6).
    pub fn sender(&self, author: &Participant, booking: &Booking) -> OneLine {
        match (&author.name, author.role) {
            (Some(name), _) => name.as_line().clone(),
            (None, Role::Customer) => self.customer(booking),
            (None, Role::Operator) => OneLine::new(self.words.support()),
        }
    }
}

impl fmt::Debug for Screen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("now", &self.now).finish_non_exhaustive()
    }
}
