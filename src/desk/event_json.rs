//! The JSON of events.

use serde::{Serialize, Serializer};

use super::event::Event;
use super::event_id::EventId;
use super::feed_event::FeedEvent;
use crate::revision::Revision;
use crate::{
    Booking, BookingId, DisplayName, Message, MessageNumber, PerRole, Preview, Role, SingleLine,
    Thread, ThreadId, Timestamp,
};

/// An event (P5). The fields of a thread are as of the delivery.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "Event"))]
#[serde(untagged)]
pub(crate) enum EventJson<'a> {
    Erasure(ErasureJson<'a>),
    Thread(ThreadJson<'a>),
}

/// The erasure of a thread.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "ErasureEvent"))]
pub(crate) struct ErasureJson<'a> {
    kind: ErasureKind,
    #[serde(flatten)]
    delivery: DeliveryJson<'a>,
    /// The last number of the erased messages.
    last: MessageNumber,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
enum ErasureKind {
    ThreadErased,
}

/// An event of a thread that is not erased, with the part of the thread that a notification needs.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "ThreadEvent"))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadJson<'a> {
    kind: ThreadKind,
    #[serde(flatten)]
    delivery: DeliveryJson<'a>,
    /// The booking of the thread's snapshot.
    booking: &'a Booking,
    /// The name of the customer who wrote the message or booked.
    customer: Option<&'a str>,
    /// The preview of the message, else of the thread's last message; `None` for a redacted or a
    /// missing message.
    preview: Option<Preview>,
    /// The booking's short code, or the confirmation code before its first hyphen.
    short_code: SingleLine,
    /// The number of unread messages of each side.
    unread: PerRole<u32>,
    /// The time since which the thread waits for an operator's answer, or `None` (U5).
    waiting_since: Option<Timestamp>,
    /// The number of redacted messages.
    redactions: u32,
    /// The message of `messageReceived`, `replySent` and `messageRedacted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    /// The side whose mark moved, in `markedRead` and `markedUnread`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reader: Option<Role>,
    /// The booking before the change, in `bookingUpdated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a Booking>,
    /// The linked booking, in `threadLinked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked: Option<&'a BookingId>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "camelCase")]
enum ThreadKind {
    ThreadStarted,
    MessageReceived,
    ReplySent,
    MessageRedacted,
    MarkedRead,
    MarkedUnread,
    MarkedAnswered,
    BookingUpdated,
    ThreadLinked,
    ThreadChanged,
}

/// The fields that identify a delivered event.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
struct DeliveryJson<'a> {
    /// The id of the event; `None` in a listener's event of a kind that followers do not get.
    id: Option<EventId>,
    /// The revision of the commit; `None` in a listener's event.
    revision: Option<Revision>,
    /// The location and the booking for which the thread was started.
    thread: &'a ThreadId,
}

impl<'a> EventJson<'a> {
    fn new(event: &'a Event, id: Option<&EventId>, revision: Option<Revision>) -> Self {
        let delivery = |thread| DeliveryJson { id: id.cloned(), revision, thread };
        let of = |kind, thread: &'a Thread, message| {
            ThreadJson::new(kind, delivery(thread.id()), thread, message)
        };
        Self::Thread(match event {
            Event::ThreadStarted { thread } => of(ThreadKind::ThreadStarted, thread, None),
            Event::MessageReceived { thread, message } => {
                of(ThreadKind::MessageReceived, thread, Some(message))
            }
            Event::ReplySent { thread, message } => {
                of(ThreadKind::ReplySent, thread, Some(message))
            }
            Event::MessageRedacted { thread, message } => {
                of(ThreadKind::MessageRedacted, thread, Some(message))
            }
            Event::MarkedRead { thread, reader } => {
                let event = of(ThreadKind::MarkedRead, thread, None);
                ThreadJson { reader: Some(*reader), ..event }
            }
            Event::MarkedUnread { thread, reader } => {
                let event = of(ThreadKind::MarkedUnread, thread, None);
                ThreadJson { reader: Some(*reader), ..event }
            }
            Event::MarkedAnswered { thread } => of(ThreadKind::MarkedAnswered, thread, None),
            Event::BookingUpdated { thread, before } => {
                let event = of(ThreadKind::BookingUpdated, thread, None);
                ThreadJson { before: Some(before), ..event }
            }
            Event::ThreadLinked { thread, booking } => {
                let event = of(ThreadKind::ThreadLinked, thread, None);
                ThreadJson { linked: Some(booking), ..event }
            }
            Event::ThreadChanged { thread } => of(ThreadKind::ThreadChanged, thread, None),
            Event::ThreadErased { tombstone } => {
                return Self::Erasure(ErasureJson {
                    kind: ErasureKind::ThreadErased,
                    delivery: delivery(&tombstone.id),
                    last: tombstone.last,
                });
            }
        })
    }
}

impl<'a> ThreadJson<'a> {
    fn new(
        kind: ThreadKind,
        delivery: DeliveryJson<'a>,
        thread: &'a Thread,
        message: Option<&'a Message>,
    ) -> Self {
        let booking = thread.booking();
        let author = message.map(Message::author).filter(|author| author.role == Role::Customer);
        let name = author.and_then(|author| author.name.as_ref());
        let preview = match message {
            Some(message) => message.body().map(Preview::of),
            None => thread.last_message().and_then(|last| last.preview.clone()),
        };
        Self {
            kind,
            delivery,
            booking,
            customer: name.or(booking.customer_name.as_ref()).map(DisplayName::as_str),
            preview,
            short_code: booking.list_code(),
            unread: PerRole {
                customer: thread.unread(Role::Customer),
                operator: thread.unread(Role::Operator),
            },
            waiting_since: thread.waiting_since(),
            redactions: thread.redactions(),
            message,
            reader: None,
            before: None,
            linked: None,
        }
    }
}

/// Serializes the event in the form that `docs/json.md` fixes.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventJson::new(self, self.id().as_ref(), None).serialize(serializer)
    }
}

/// Serializes the event in the form that `docs/json.md` fixes.
impl Serialize for FeedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventJson::new(&self.event, Some(&self.id), Some(self.revision)).serialize(serializer)
    }
}
