use std::fmt;

use time::Date;

use super::localization::Localization;
use super::names::ParticipantNames;
use super::stay::Stay;
use crate::calendar::{DateGroup, LocalTime, RelativeDay, RelativeTime, TimeZone};
use crate::{Booking, BookingStatus, Participant, Role, SingleLine, Timestamp};

/// The time zone, the language and the current time of a view.
///
/// The time zone determines the dates, and is usually that of the location (W4).
/// [`FrontDesk::view_context`](crate::FrontDesk::view_context) makes a context with the current
/// time of the desk's clock. Make a new context for each answer, because the current time in a
/// context never changes.
///
/// ```
/// use frontdesk::calendar::DateGroup;
/// use frontdesk::view::{English, ViewContext};
/// use frontdesk::{Booking, BookingId, Participant, ParticipantId, Timestamp};
/// use time::UtcOffset;
/// use time::macros::date;
///
/// let now: Timestamp = "2027-03-15T14:05:00Z".parse()?;
/// let context = ViewContext::new(&UtcOffset::UTC, &English, now);
/// assert_eq!(context.time(context.local(now)).as_str(), "2:05 PM");
/// assert_eq!(context.relative("2027-03-15T12:00:00Z".parse()?).as_str(), "2h");
/// assert_eq!(context.full_date(date!(2028-01-01)).as_str(), "Saturday, Jan 1, 2028");
/// let today = DateGroup::new(date!(2027-03-15), context.local(context.now()).date());
/// assert_eq!(context.heading(today).as_str(), context.localization().today());
/// assert_eq!(context.time_zone().offset_at(now), UtcOffset::UTC);
///
/// let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// assert_eq!(context.customer(&booking).as_str(), "Customer");
/// let nameless = Participant::operator(ParticipantId::new("u-7")?, None);
/// assert_eq!(context.sender(&nameless, &booking).as_str(), "Support");
/// assert_eq!(context.status(&booking.status).as_str(), "Pending");
/// assert_eq!(context.duration(&booking), None);
/// assert!(context.has_html() && !context.with_html(false).has_html());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    time_zone: &'a dyn TimeZone,
    localization: &'a dyn Localization,
    now: Timestamp,
    html: bool,
    names: Option<&'a dyn ParticipantNames>,
}

impl<'a> ViewContext<'a> {
    /// Makes a context whose views contain encoded HTML.
    pub fn new(
        time_zone: &'a dyn TimeZone,
        localization: &'a dyn Localization,
        now: Timestamp,
    ) -> Self {
        Self { time_zone, localization, now, html: true, names: None }
    }

    /// Sets if views contain [`Entry::html`](super::Entry::html). Pass `false` for clients that use
    /// only the raw text.
    #[must_use]
    pub fn with_html(mut self, html: bool) -> Self {
        self.html = html;
        self
    }

    /// Sets the names that views show for the senders of messages in place of the stored names
    /// (A2).
    #[must_use]
    pub fn with_names(mut self, names: &'a dyn ParticipantNames) -> Self {
        self.names = Some(names);
        self
    }

    /// Returns `true` if views contain encoded HTML.
    pub fn has_html(&self) -> bool {
        self.html
    }

    /// Returns the time zone.
    pub fn time_zone(&self) -> &'a dyn TimeZone {
        self.time_zone
    }

    /// Returns the labels and date formats.
    pub fn localization(&self) -> &'a dyn Localization {
        self.localization
    }

    /// Returns the current time of the view.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the local date and time of an instant.
    pub fn local(&self, at: Timestamp) -> LocalTime {
        LocalTime::new(at, self.time_zone)
    }

    /// Returns the heading of a date's messages (W5).
    pub fn heading(&self, group: DateGroup) -> SingleLine {
        SingleLine::new(match group.day {
            RelativeDay::Today => self.localization.today(),
            RelativeDay::Yesterday => self.localization.yesterday(),
            RelativeDay::ThisYear => self.localization.date(group.date, false),
            RelativeDay::OtherYear => self.localization.date(group.date, true),
        })
    }

    /// Formats a full date, with the year unless it is the current year.
    pub fn full_date(&self, date: Date) -> SingleLine {
        let with_year = date.year() != self.local(self.now).date().year();
        SingleLine::new(self.localization.date(date, with_year))
    }

    /// Formats a time of day.
    pub fn time(&self, at: LocalTime) -> SingleLine {
        SingleLine::new(self.localization.time(at.time()))
    }

    /// Formats the time that has passed since `then` (W6).
    pub fn relative(&self, then: Timestamp) -> SingleLine {
        SingleLine::new(self.localization.relative(RelativeTime::between(then, self.now)))
    }

    /// Formats the time for which a thread has waited since `since` (U5).
    pub fn waiting_for(&self, since: Timestamp) -> SingleLine {
        SingleLine::new(self.localization.waiting_for(RelativeTime::between(since, self.now)))
    }

    /// Returns the label of a redacted message (T9).
    pub fn message_removed(&self) -> SingleLine {
        SingleLine::new(self.localization.message_removed())
    }

    /// Returns the label of a message that a program wrote.
    pub fn automatic(&self) -> SingleLine {
        SingleLine::new(self.localization.automatic())
    }

    /// Returns the label of a location whose customers cannot write (L4).
    pub fn messaging_off(&self) -> SingleLine {
        SingleLine::new(self.localization.messaging_off())
    }

    /// Returns the label of a booking's status.
    pub fn status(&self, status: &BookingStatus) -> SingleLine {
        SingleLine::new(self.localization.status(status))
    }

    /// Formats the duration of a booking, or its number of nights if it spans nights (W8). Returns
    /// `None` if the booking has no duration.
    pub fn duration(&self, booking: &Booking) -> Option<SingleLine> {
        let duration = booking.duration();
        let label = |stay: Option<Stay>| match stay {
            Some(stay) => self.localization.nights(stay.nights),
            None => self.localization.duration(duration),
        };
        (!duration.is_zero()).then(|| SingleLine::new(label(self.stay(booking))))
    }

    /// Returns the nights that a booking spans, or `None` if it spans no night (W8).
    pub(super) fn stay(&self, booking: &Booking) -> Option<Stay> {
        let (start, end) = (booking.starts_at?, booking.ends_at()?);
        Stay::between(self.local(start), self.local(end))
    }

    /// Returns the name of a booking's customer, or the label for a customer without a name (T6).
    pub fn customer(&self, booking: &Booking) -> SingleLine {
        match &booking.customer_name {
            Some(name) => name.as_line().clone(),
            None => SingleLine::new(self.localization.customer()),
        }
    }

    /// Returns the name of an author: the name of the [host application](Self::with_names), else
    /// the stored one. For a customer without a name, returns the booking's customer
    /// name or, if it has none, the label for a customer. For an operator without a name, returns
    /// the label for an operator, which is "Support" in English (T6).
    pub fn sender(&self, author: &Participant, booking: &Booking) -> SingleLine {
        if let Some(name) = self.names.and_then(|names| names.name(author)) {
            return name.as_line().clone();
        }
        match (&author.name, author.role) {
            (Some(name), _) => name.as_line().clone(),
            (None, Role::Customer) => self.customer(booking),
            (None, Role::Operator) => SingleLine::new(self.localization.support()),
        }
    }
}

impl fmt::Debug for ViewContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewContext").field("now", &self.now).finish_non_exhaustive()
    }
}
