use serde::Serialize;

use super::badge::Badge;
use super::words::Screen;
use crate::booking::{Booking, BookingStatus, ConfirmationCode};
use crate::calendar::{DateGroup, LocalTime, group_by_date};
use crate::id::{BookingId, ParticipantId, ProfileId};
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::text::{Html, MessageBody, OneLine};
use crate::thread::Thread;

/// What stands above a conversation, for both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Header {
    /// The booking.
    pub booking: BookingId,
    /// Its whole confirmation code.
    pub code: ConfirmationCode,
    /// What was booked.
    pub activity: OneLine,
    /// The booking's customer, or "Customer".
    pub customer: OneLine,
    /// When it starts.
    pub starts_at: LocalTime,
    /// The date of that, in words.
    pub date: OneLine,
    /// The time of that, in words.
    pub time: OneLine,
    /// How long it takes, in words.
    pub duration: Option<OneLine>,
    /// How it stands.
    pub status: BookingStatus,
    /// The same, in words.
    pub status_label: OneLine,
}

impl Header {
    /// The header of a booking.
    pub fn new(booking: &Booking, screen: &Screen<'_>) -> Self {
        let starts_at = screen.local(booking.starts_at);
        Self {
            booking: booking.id.clone(),
            code: booking.code.clone(),
            activity: booking.activity.clone(),
            customer: screen.customer(booking),
            starts_at,
            date: screen.full_date(starts_at.date()),
            time: screen.time(starts_at),
            duration: screen.duration(booking),
            status: booking.status.clone(),
            status_label: screen.status(&booking.status),
        }
    }
}

/// One message, for both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// Its place in the thread.
    pub number: MessageNumber,
    /// Which side wrote it: the customer's stand on the left, replies on the right.
    pub side: Role,
    /// Who wrote it, in words.
    pub sender: OneLine,
    /// When it was sent.
    pub sent_at: LocalTime,
    /// The time of that, in words.
    pub time: OneLine,
    /// The raw text, for `textContent`.
    pub text: MessageBody,
    /// The same text encoded, for pages put together on the server (T5).
    pub html: Html,
    /// Whether the other side has read it (U1).
    pub read: bool,
}

impl Entry {
    /// A message of `thread`.
    pub fn new(message: &Message, thread: &Thread, screen: &Screen<'_>) -> Self {
        let sent_at = screen.local(message.sent_at());
        Self {
            number: message.number(),
            side: message.role(),
            sender: screen.sender(message.author(), thread.booking()),
            sent_at,
            time: screen.time(sent_at),
            text: message.body().clone(),
            html: message.body().to_html(),
            read: message.number() <= thread.mark(message.role().other()).furthest(),
        }
    }
}

/// One message, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperatorEntry {
    /// What both sides see. In JSON its fields stand among these.
    #[serde(flatten)]
    pub entry: Entry,
    /// The host's id of who wrote it.
    pub author: ParticipantId,
}

impl OperatorEntry {
    /// A message of `thread`, as operators see it.
    pub fn new(message: &Message, thread: &Thread, screen: &Screen<'_>) -> Self {
        let author = message.author().id.clone();
        Self { entry: Entry::new(message, thread, screen), author }
    }
}

/// For code that draws the entries of both sides alike.
impl AsRef<Entry> for Entry {
    fn as_ref(&self) -> &Entry {
        self
    }
}

impl AsRef<Entry> for OperatorEntry {
    fn as_ref(&self) -> &Entry {
        &self.entry
    }
}

/// The messages of one date under its heading (W5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DateSection<E> {
    /// The date.
    pub date: DateGroup,
    /// The date in words: "Today", "Yesterday", "Monday, Mar 15".
    pub heading: OneLine,
    /// Its messages, oldest first; never empty.
    pub entries: Vec<E>,
}

fn sections<E>(
    messages: &[Message],
    screen: &Screen<'_>,
    entry: impl Fn(&Message) -> E,
) -> Vec<DateSection<E>> {
    group_by_date(messages, Message::sent_at, screen.zone(), screen.now())
        .map(|(date, messages)| DateSection {
            date,
            heading: screen.heading(date),
            entries: messages.iter().map(&entry).collect(),
        })
        .collect()
}

/// Which part of a thread a conversation holds, and what a screen does with it.
///
/// A screen that already shows a part and gets a later one, from a poll, drops
/// what is below [`first_number`](Self::first_number), adds the entries whose
/// number it does not show yet (a message just sent it may), into its last section
/// where the dates are equal, and shows "read" on the viewer's own messages up to
/// `read_to`. Where entries are kept by number, [`group_by_date`] makes the sections anew;
/// in Rust [`Conversation::apply`](crate::desk::Conversation::apply) does all of it for
/// operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Part {
    /// The number of the thread's first message; drop what is below (L3).
    pub first_number: MessageNumber,
    /// Up to where a screen shows everything once it shows this: what to tell the
    /// next poll, and to write into a draft as `seen`. A look into the history
    /// does not change it.
    pub shown: MessageNumber,
    /// Whether there are these, and the thread has messages before them.
    pub has_earlier: bool,
    /// Whether the thread has messages after these, which the next poll brings; of a
    /// look into the history that found none, it says nothing.
    pub has_later: bool,
}

impl Part {
    /// The part of `thread` that `messages` are, oldest first; none are those
    /// after the last.
    pub fn of(thread: &Thread, messages: &[Message]) -> Self {
        let (first_number, last) = (thread.first_number(), thread.last_number());
        let shown = messages.last().map_or(last, Message::number);
        let has_earlier = messages.first().is_some_and(|first| first.number() > first_number);
        Self { first_number, shown, has_earlier, has_later: shown < last }
    }
}

/// A conversation, for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OperatorConversation {
    /// What stands above it. In JSON its fields stand among these.
    #[serde(flatten)]
    pub header: Header,
    /// The customer's CRM profile, if there is one.
    pub profile: Option<ProfileId>,
    /// The messages that were asked for, by date.
    pub sections: Vec<DateSection<OperatorEntry>>,
    /// Which part of the thread this is. In JSON its fields stand among these.
    #[serde(flatten)]
    pub part: Part,
    /// How far the customer has read: what is up to here shows "read".
    pub read_to: MessageNumber,
    /// How many of the customer's messages no operator has read.
    pub unread: u32,
    /// The same as a badge.
    pub badge: Badge,
}

impl OperatorConversation {
    /// `messages` of `thread`, oldest first.
    pub fn new(thread: &Thread, messages: &[Message], screen: &Screen<'_>) -> Self {
        let unread = thread.unread(Role::Operator);
        Self {
            header: Header::new(thread.booking(), screen),
            profile: thread.booking().profile.clone(),
            sections: sections(messages, screen, |message| {
                OperatorEntry::new(message, thread, screen)
            }),
            part: Part::of(thread, messages),
            read_to: thread.mark(Role::Customer).furthest(),
            unread,
            badge: Badge::new(unread.into()),
        }
    }
}

/// A conversation, for the customer: no CRM profile, no operator's id (A2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerConversation {
    /// What stands above it. In JSON its fields stand among these.
    #[serde(flatten)]
    pub header: Header,
    /// The messages that were asked for, by date.
    pub sections: Vec<DateSection<Entry>>,
    /// Which part of the thread this is. In JSON its fields stand among these.
    #[serde(flatten)]
    pub part: Part,
    /// How far the operators have read: what is up to here shows "read".
    pub read_to: MessageNumber,
    /// How many of the operators' messages the customer has not read.
    pub unread: u32,
    /// The same as a badge.
    pub badge: Badge,
}

impl CustomerConversation {
    /// `messages` of `thread`, oldest first.
    pub fn new(thread: &Thread, messages: &[Message], screen: &Screen<'_>) -> Self {
        let unread = thread.unread(Role::Customer);
        Self {
            header: Header::new(thread.booking(), screen),
            sections: sections(messages, screen, |message| Entry::new(message, thread, screen)),
            part: Part::of(thread, messages),
            read_to: thread.mark(Role::Operator).furthest(),
            unread,
            badge: Badge::new(unread.into()),
        }
    }

    /// The conversation that a booking does not have yet, or any more: `last` is
    /// the last number that one had.
    ///
    /// ```
    /// use frontdesk::view::{CustomerConversation, English, Screen};
    /// use frontdesk::{Booking, BookingId, MessageNumber, Timestamp};
    /// use time::UtcOffset;
    ///
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
    /// let screen = Screen::new(&UtcOffset::UTC, &English, now);
    /// let view = CustomerConversation::not_started(&booking, MessageNumber::START, &screen);
    /// assert!(view.sections.is_empty());
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    pub fn not_started(booking: &Booking, last: MessageNumber, screen: &Screen<'_>) -> Self {
        let first_number = last.next().unwrap_or(last);
        Self {
            header: Header::new(booking, screen),
            sections: Vec::new(),
            part: Part { first_number, shown: last, has_earlier: false, has_later: false },
            read_to: MessageNumber::START,
            unread: 0,
            badge: Badge::new(0),
        }
    }
}
