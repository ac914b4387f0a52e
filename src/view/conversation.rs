use serde::Serialize;

use super::badge::Badge;
use super::context::ViewContext;
use super::entry::{DateSection, Entry, OperatorEntry, date_sections};
use super::header::Header;
use super::page_info::PageInfo;
use crate::calendar::LocalTime;
use crate::cursor::CustomerCursor;
use crate::{Booking, Message, MessageNumber, Messaging, ProfileId, Role, SingleLine, Thread};

/// The view of a conversation for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OperatorConversationView {
    /// The header. In JSON, the fields of the header are fields of this view.
    #[serde(flatten)]
    pub header: Header,
    /// The customer's CRM profile, if there is one.
    pub profile: Option<ProfileId>,
    /// The messages by date.
    pub sections: Vec<DateSection<OperatorEntry>>,
    /// The part of the thread that this view contains. In JSON, the fields of `page_info` are
    /// fields of this view.
    #[serde(flatten)]
    pub page_info: PageInfo,
    /// The number up to which the customer has read. A screen shows "read" on replies up to this
    /// number.
    pub read_to: MessageNumber,
    /// The number of customer messages that no operator has read.
    pub unread: u32,
    /// The number of unread messages as a badge.
    pub badge: Badge,
    /// The first unread customer message as of before this answer, or `None`. A screen shows "new
    /// messages" above it (U3).
    pub first_unread: Option<MessageNumber>,
    /// In a poll's answer, the messages that were redacted since the last answer and that the
    /// screen may show with their texts (T9). The screen replaces the messages with these entries.
    pub redacted: Vec<OperatorEntry>,
    /// The number of redacted messages that the screen knows, for the next poll's
    /// [`OpenThread`](crate::cursor::OpenThread). The number of a smaller answer never replaces a
    /// higher one of the same `first_number`.
    pub redactions: u32,
    /// The time since which the thread waits for an operator's answer, or `None` (U5).
    pub waiting_since: Option<LocalTime>,
    /// The time for which the thread has waited, as text. This text becomes outdated.
    pub waiting: Option<SingleLine>,
}

impl OperatorConversationView {
    /// Makes the view of `messages` of `thread`, oldest first.
    pub fn new(thread: &Thread, messages: &[Message], context: &ViewContext<'_>) -> Self {
        let unread = thread.unread(Role::Operator);
        Self {
            header: Header::of(thread, context),
            profile: thread.booking().profile.clone(),
            sections: date_sections(messages, context, |message| {
                OperatorEntry::new(message, thread, context)
            }),
            page_info: PageInfo::of(thread, messages),
            read_to: thread.mark(Role::Customer).furthest(),
            unread,
            badge: Badge::new(unread.into()),
            first_unread: first_unread(thread, Role::Operator, messages),
            redacted: Vec::new(),
            redactions: 0,
            waiting_since: thread.waiting_since().map(|since| context.local(since)),
            waiting: thread.waiting_since().map(|since| context.waiting_for(since)),
        }
    }
}

/// Finds the first of `messages` that the other side wrote after the read mark of `reader`.
fn first_unread(thread: &Thread, reader: Role, messages: &[Message]) -> Option<MessageNumber> {
    let mark = thread.mark(reader).number();
    let unread = |message: &&Message| message.number() > mark && message.role() != reader;
    messages.iter().find(unread).map(Message::number)
}

/// The view of a conversation for customers, without a cursor. It contains no CRM profile and no
/// operator's id (A2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerHistoryView {
    /// The header; `None` if the thread is not started and the customer desk has no booking. In
    /// JSON, the fields of the header are fields of this view.
    #[serde(flatten)]
    pub header: Option<Header>,
    /// The messages by date.
    pub sections: Vec<DateSection<Entry>>,
    /// The part of the thread that this view contains. In JSON, the fields of `page_info` are
    /// fields of this view.
    #[serde(flatten)]
    pub page_info: PageInfo,
    /// The number up to which the operators have read. A screen shows "read" on the customer's
    /// messages up to this number.
    pub read_to: MessageNumber,
    /// The number of operators' messages that the customer has not read.
    pub unread: u32,
    /// The number of unread messages as a badge.
    pub badge: Badge,
    /// The first unread message of an operator as of before this answer, or `None`. A screen shows
    /// "new messages" above it (U3).
    pub first_unread: Option<MessageNumber>,
    /// In a poll's answer, the messages that were redacted since the last answer and that the
    /// screen may show with their texts (T9). The screen replaces the messages with these entries.
    pub redacted: Vec<Entry>,
    /// The switch that lets customers write (L4).
    pub messaging: Messaging,
    /// The label to show instead of the composer if messaging is off, else `None`.
    pub messaging_label: Option<SingleLine>,
}

impl CustomerHistoryView {
    /// Makes the view of `messages` of `thread`, oldest first.
    pub fn new(thread: &Thread, messages: &[Message], context: &ViewContext<'_>) -> Self {
        let unread = thread.unread(Role::Customer);
        let entry = |message: &Message| Entry::new(message, thread, context);
        Self {
            header: Some(Header::of(thread, context)),
            sections: date_sections(messages, context, entry),
            page_info: PageInfo::of(thread, messages),
            read_to: thread.mark(Role::Operator).furthest(),
            unread,
            badge: Badge::new(unread.into()),
            first_unread: first_unread(thread, Role::Customer, messages),
            redacted: Vec::new(),
            messaging: Messaging::On,
            messaging_label: None,
        }
    }

    /// Returns the view with the switch that lets customers write (L4).
    #[must_use]
    pub fn with_messaging(mut self, messaging: Messaging, context: &ViewContext<'_>) -> Self {
        self.messaging = messaging;
        self.messaging_label = match messaging {
            Messaging::On => None,
            Messaging::Off => Some(context.messaging_off()),
        };
        self
    }

    /// Makes the view of a booking that has no thread. If a thread of the booking was erased,
    /// `last` is the last number of the erased thread. If the booking never had a thread, `last` is
    /// [`MessageNumber::START`].
    ///
    /// ```
    /// use frontdesk::view::{CustomerHistoryView, English, ViewContext};
    /// use frontdesk::{Booking, BookingId, MessageNumber, Timestamp};
    /// use time::UtcOffset;
    ///
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// let context = ViewContext::new(&UtcOffset::UTC, &English, now);
    /// let last = MessageNumber::START;
    /// let view = CustomerHistoryView::not_started(Some(&booking), last, &context);
    /// assert!(view.header.is_some() && view.sections.is_empty());
    /// # Ok::<(), frontdesk::IdError>(())
    /// ```
    pub fn not_started(
        booking: Option<&Booking>,
        last: MessageNumber,
        context: &ViewContext<'_>,
    ) -> Self {
        let first_number = last.next().unwrap_or(last);
        let page_info =
            PageInfo { first_number, shown: last, has_earlier: false, has_later: false };
        Self {
            header: booking.map(|booking| Header::new(booking, context)),
            sections: Vec::new(),
            page_info,
            read_to: MessageNumber::START,
            unread: 0,
            badge: Badge::new(0),
            first_unread: None,
            redacted: Vec::new(),
            messaging: Messaging::On,
            messaging_label: None,
        }
    }
}

/// The view of a conversation for customers, with the position from which the next poll continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CustomerConversationView {
    /// The conversation. In JSON, the fields of the conversation are fields of this view.
    #[serde(flatten)]
    pub conversation: CustomerHistoryView,
    /// The position from which the next poll continues.
    pub cursor: CustomerCursor,
}
