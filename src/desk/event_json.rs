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
    Thread(ThreadJson<'a>),
    Message(MessageJson<'a>),
    Mark(MarkJson<'a>),
    Booking(BookingJson<'a>),
    Link(LinkJson<'a>),
    Erasure(ErasureJson<'a>),
}

/// Defines the JSON of the events that have the same fields, with the kinds of these events. The
/// fields of the first one become fields of the event.
macro_rules! define_events {
    (
        $(#[$doc:meta])*
        $name:ident<$a:lifetime> as $schema:literal, $kinds:ident { $($kind:ident),+ },
        $flattened:ident: $flattened_type:ty,
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)?
    ) => {
        $(#[$doc])*
        #[derive(Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = $schema))]
        pub(crate) struct $name<$a> {
            kind: $kinds,
            #[serde(flatten)]
            $flattened: $flattened_type,
            $($(#[$field_doc])* $field: $type,)?
        }

        #[derive(Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(inline))]
        #[serde(rename_all = "camelCase")]
        enum $kinds { $($kind),+ }
    };
}

define_events! {
    /// An event of a thread that is not erased, with the part of the thread that a notification
    /// needs.
    ThreadJson<'a> as "ThreadEvent", ThreadKind { ThreadStarted, MarkedAnswered, ThreadChanged },
    state: StateJson<'a>,
}

define_events! {
    /// A message that was sent or redacted.
    MessageJson<'a> as "MessageEvent", MessageKind { MessageReceived, ReplySent, MessageRedacted },
    state: StateJson<'a>,
    /// The message.
    message: &'a Message,
}

define_events! {
    /// A read mark that was moved.
    MarkJson<'a> as "MarkEvent", MarkKind { MarkedRead, MarkedUnread },
    state: StateJson<'a>,
    /// The side whose mark moved.
    reader: Role,
}

define_events! {
    /// A change of the booking's snapshot.
    BookingJson<'a> as "BookingEvent", BookingKind { BookingUpdated },
    state: StateJson<'a>,
    /// The booking before the change.
    before: &'a Booking,
}

define_events! {
    /// Another booking that was linked to the thread (I2).
    LinkJson<'a> as "LinkEvent", LinkKind { ThreadLinked },
    state: StateJson<'a>,
    /// The linked booking.
    linked: &'a BookingId,
}

define_events! {
    /// The erasure of a thread.
    ErasureJson<'a> as "ErasureEvent", ErasureKind { ThreadErased },
    delivery: DeliveryJson<'a>,
    /// The last number of the erased messages.
    last: MessageNumber,
}

/// The part of a thread that a notification needs.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct StateJson<'a> {
    #[serde(flatten)]
    delivery: DeliveryJson<'a>,
    /// The booking of the thread's snapshot.
    booking: &'a Booking,
    /// The name of the customer who wrote the message or booked.
    customer: Option<&'a DisplayName>,
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
}

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
        let state =
            |thread: &'a Thread, message| StateJson::new(delivery(thread.id()), thread, message);
        let of_thread =
            |kind, thread| Self::Thread(ThreadJson { kind, state: state(thread, None) });
        let of_message = |kind, thread, message| {
            Self::Message(MessageJson { kind, state: state(thread, Some(message)), message })
        };
        let of_mark = |kind, thread, reader| {
            Self::Mark(MarkJson { kind, state: state(thread, None), reader })
        };
        match event {
            Event::ThreadStarted { thread } => of_thread(ThreadKind::ThreadStarted, thread),
            Event::MessageReceived { thread, message } => {
                of_message(MessageKind::MessageReceived, thread, message)
            }
            Event::ReplySent { thread, message } => {
                of_message(MessageKind::ReplySent, thread, message)
            }
            Event::MessageRedacted { thread, message } => {
                of_message(MessageKind::MessageRedacted, thread, message)
            }
            Event::MarkedRead { thread, reader } => of_mark(MarkKind::MarkedRead, thread, *reader),
            Event::MarkedUnread { thread, reader } => {
                of_mark(MarkKind::MarkedUnread, thread, *reader)
            }
            Event::MarkedAnswered { thread } => of_thread(ThreadKind::MarkedAnswered, thread),
            Event::BookingUpdated { thread, before } => Self::Booking(BookingJson {
                kind: BookingKind::BookingUpdated,
                state: state(thread, None),
                before,
            }),
            Event::ThreadLinked { thread, booking } => Self::Link(LinkJson {
                kind: LinkKind::ThreadLinked,
                state: state(thread, None),
                linked: booking,
            }),
            Event::ThreadChanged { thread } => of_thread(ThreadKind::ThreadChanged, thread),
            Event::ThreadErased { tombstone } => Self::Erasure(ErasureJson {
                kind: ErasureKind::ThreadErased,
                delivery: delivery(&tombstone.id),
                last: tombstone.last,
            }),
        }
    }
}

impl<'a> StateJson<'a> {
    fn new(delivery: DeliveryJson<'a>, thread: &'a Thread, message: Option<&'a Message>) -> Self {
        let booking = thread.booking();
        let author = message.map(Message::author).filter(|author| author.role == Role::Customer);
        let name = author.and_then(|author| author.name.as_ref());
        let preview = match message {
            Some(message) => message.body().map(Preview::of),
            None => thread.last_message().and_then(|last| last.preview.clone()),
        };
        Self {
            delivery,
            booking,
            customer: name.or(booking.customer_name.as_ref()),
            preview,
            short_code: booking.list_code(),
            unread: PerRole {
                customer: thread.unread(Role::Customer),
                operator: thread.unread(Role::Operator),
            },
            waiting_since: thread.waiting_since(),
            redactions: thread.redactions(),
        }
    }
}

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
