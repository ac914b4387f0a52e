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

/// The fields that the JSON of each event has, and the fields of some kinds of events.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventJson<'a> {
    kind: &'static str,
    id: Option<EventId>,
    revision: Option<Revision>,
    thread: &'a ThreadId,
    #[serde(flatten)]
    head: Option<HeadJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reader: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a Booking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked: Option<&'a BookingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<MessageNumber>,
}

/// The part of a thread that a notification needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeadJson<'a> {
    booking: &'a Booking,
    customer: Option<&'a str>,
    preview: Option<Preview>,
    short_code: SingleLine,
    unread: PerRole<u32>,
    waiting_since: Option<Timestamp>,
    redactions: u32,
}

impl<'a> EventJson<'a> {
    fn new(event: &'a Event, revision: Option<Revision>) -> Self {
        let id = event.id();
        let of = |kind, thread: &'a Thread, message: Option<&'a Message>| Self {
            kind,
            id: id.clone(),
            revision,
            thread: thread.id(),
            head: Some(HeadJson::new(thread, message)),
            message,
            reader: None,
            before: None,
            linked: None,
            last: None,
        };
        match event {
            Event::ThreadStarted { thread } => of("threadStarted", thread, None),
            Event::MessageReceived { thread, message } => {
                of("messageReceived", thread, Some(message))
            }
            Event::ReplySent { thread, message } => of("replySent", thread, Some(message)),
            Event::MessageRedacted { thread, message } => {
                of("messageRedacted", thread, Some(message))
            }
            Event::MarkedRead { thread, reader } => {
                Self { reader: Some(*reader), ..of("markedRead", thread, None) }
            }
            Event::MarkedUnread { thread, reader } => {
                Self { reader: Some(*reader), ..of("markedUnread", thread, None) }
            }
            Event::MarkedAnswered { thread } => of("markedAnswered", thread, None),
            Event::BookingUpdated { thread, before } => {
                Self { before: Some(before), ..of("bookingUpdated", thread, None) }
            }
            Event::ThreadLinked { thread, booking } => {
                Self { linked: Some(booking), ..of("threadLinked", thread, None) }
            }
            Event::ThreadChanged { thread } => of("threadChanged", thread, None),
            Event::ThreadErased { tombstone } => Self {
                kind: "threadErased",
                id,
                revision,
                thread: &tombstone.id,
                head: None,
                message: None,
                reader: None,
                before: None,
                linked: None,
                last: Some(tombstone.last),
            },
        }
    }
}

impl<'a> HeadJson<'a> {
    fn new(thread: &'a Thread, message: Option<&'a Message>) -> Self {
        let booking = thread.booking();
        let author = message.map(Message::author).filter(|author| author.role == Role::Customer);
        let name = author.and_then(|author| author.name.as_ref());
        let preview = match message {
            Some(message) => message.body().map(Preview::of),
            None => thread.last_message().and_then(|last| last.preview.clone()),
        };
        Self {
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
        }
    }
}

/// Serializes the event in the form that `docs/json.md` fixes.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventJson::new(self, None).serialize(serializer)
    }
}

/// Serializes the event in the form that `docs/json.md` fixes.
impl Serialize for FeedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = EventJson::new(&self.event, Some(self.revision));
        EventJson { id: Some(self.id.clone()), ..json }.serialize(serializer)
    }
}
