//! `JsonSchema` for the types whose JSON differs from their Rust fields.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::calendar::{DateGroup, LocalTime};
use crate::cursor::{CustomerCursor, FollowCursor, PageCursor, PollCursor};
use crate::desk::{Event, EventJson, FeedEvent};
use crate::record::{BookingRecord, MessageRecord, ThreadRecord};
use crate::store::Revision;
use crate::view::Badge;
use crate::{
    Booking, BookingId, BookingStatus, DisplayName, EncodedHtml, IdempotencyKey, LocationId,
    MAX_ID_BYTES, Message, MessageBody, MessageNumber, ParticipantId, ProfileId, SingleLine,
    Thread, Timestamp,
};

/// Control characters, as the contents of a class of a regular expression.
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
/// Control characters that a message must not contain.
const CONTROL_IN_BODY: &str = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f";
/// Whitespace that is no control character.
const WHITESPACE: &str = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// Implements `JsonSchema` for types whose JSON is a single value. An inline schema has no name.
macro_rules! impl_schema {
    (inline: $is_inline:literal, $($type:ident = $schema:expr;)+) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                $is_inline
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}

/// Returns the schema of a text. JSON Schema counts characters, so that a limit in bytes is only an
/// upper bound. `forbidden` is the contents of a class of a regular expression, and `repetition` is
/// `+` for a text that is not empty.
fn limited(max_bytes: usize, forbidden: &str, repetition: char, description: &str) -> Schema {
    json_schema!({
        "type": "string", "maxLength": max_bytes, "pattern": format!("^[^{forbidden}]{repetition}$"),
        "description": format!(
            "{description} At most {max_bytes} bytes in UTF-8, so at most as many characters."
        ),
    })
}

fn id(description: &str) -> Schema {
    limited(MAX_ID_BYTES, &format!("{CONTROL}{WHITESPACE}"), '+', description)
}

fn cursor(description: &str) -> Schema {
    let description = format!("{description} A client returns it unchanged.");
    json_schema!({ "type": "string", "description": description })
}

fn text(format: &str, description: &str) -> Schema {
    json_schema!({ "type": "string", "format": format, "description": description })
}

fn number(maximum: u64, description: &str) -> Schema {
    json_schema!({
        "type": "integer", "minimum": 0, "maximum": maximum, "description": description
    })
}

/// Implements `JsonSchema` with the schema of another type.
macro_rules! impl_same_schema {
    ($($type:ident = $other:ty;)+) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                <$other>::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                <$other>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$other>::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$other>::json_schema(generator)
            }
        }
    )+};
}

impl_same_schema! {
    EncodedHtml = String;
    Booking = BookingRecord;
    Message = MessageRecord;
    Thread = ThreadRecord;
    Event = EventJson<'static>;
    FeedEvent = EventJson<'static>;
}

impl_schema! {
    inline: false,
    BookingId = id("The id that the host application uses for a booking (I1).");
    LocationId = id("The id that the host application uses for a location (I1).");
    ParticipantId = id("The id that the host application uses for an author (I1).");
    ProfileId = id("The id that the host application uses for a CRM profile (I1).");
    IdempotencyKey = limited(MAX_ID_BYTES, CONTROL, '+', "A key that makes a retry safe (I4).");
    PageCursor = cursor("The position of a page in a list of threads.");
    PollCursor = cursor("The position of an operator's poll.");
    CustomerCursor = cursor("The position of a customer's poll.");
    FollowCursor = cursor("The position of a follower of events.");
    LocalTime = text("date-time", "A time in RFC 3339, with the UTC offset of the location.");
    Timestamp = text("date-time", "A time in RFC 3339, in UTC.");
    DateGroup = text("date", "A date in the location's calendar.");
    MessageNumber = number(MessageNumber::MAX.get().into(), "A number from 1; 0 is no message.");
    Revision = number(Revision::MAX.get(), "The number of a commit of a location.");
    Badge = json_schema!({
        "type": ["string", "null"], "pattern": "^([1-9]|9\\+)$",
        "description": "A count as text: null at 0, the number up to 9, \"9+\" above (W7)."
    });
    BookingStatus = {
        let description = "The status of a booking: a known word, or one of the host application.";
        let mut schema = limited(SingleLine::MAX_BYTES, CONTROL, '*', description);
        let words = ["pending", "confirmed", "cancelled", "complete", "no_show"];
        schema.insert("examples".to_owned(), words.to_vec().into());
        schema
    };
}

impl_schema! {
    inline: true,
    DisplayName = limited(SingleLine::MAX_BYTES, CONTROL, '+', "A name (T6).");
    MessageBody = limited(MessageBody::MAX_BYTES, CONTROL_IN_BODY, '+', "A text (T8).");
    SingleLine = limited(SingleLine::MAX_BYTES, CONTROL, '*', "A single-line text (T6).");
}
