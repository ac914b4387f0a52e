//! T8: deserializing a type from any bytes gives an error or a value. The value contains no
//! forbidden control character, and it is unchanged after it is serialized and deserialized.
#![no_main]

use std::fmt::Debug;

use frontdesk::cursor::{CustomerCursor, OpenThread, PageCursor, PollCursor};
use frontdesk::inbox::InboxPosition;
use frontdesk::record::{BookingRecord, MarkRecord, MessageRecord, ThreadRecord};
use frontdesk::store::{Revision, ThreadState, VersionedThread};
use frontdesk::{
    Booking, BookingId, BookingStatus, ConfirmationCode, DisplayName, Draft, IdempotencyKey,
    LastMessage, LocationId, Message, MessageBody, MessageNumber, Participant, ParticipantId,
    PerRole, Preview, ProfileId, Role, SingleLine, Thread, ThreadId, Timestamp, Tombstone,
};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn check_round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    json: &[u8],
    has_checked_text: bool,
) {
    let Ok(value) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_value(&value).unwrap();
    if has_checked_text {
        assert_no_control_characters(&written);
    }
    assert_eq!(serde_json::from_value::<T>(written).ok(), Some(value));
}

#[track_caller]
fn assert_no_control_characters(value: &Value) {
    match value {
        Value::String(text) => {
            let forbidden = |c: char| c.is_control() && c != '\n' && c != '\t';
            assert!(!text.contains(forbidden), "a control character was accepted");
        }
        Value::Array(items) => items.iter().for_each(assert_no_control_characters),
        Value::Object(fields) => fields.values().for_each(assert_no_control_characters),
        _ => {}
    }
}

macro_rules! check_all {
    ($json:expr, $has_checked_text:expr, $($kind:ty),+ $(,)?) => {
        $(check_round_trip::<$kind>($json, $has_checked_text);)+
    };
}

fuzz_target!(|json: &[u8]| {
    check_all!(
        json,
        true,
        MessageBody,
        Preview,
        SingleLine,
        DisplayName,
        ConfirmationCode,
        LocationId,
        BookingId,
        ParticipantId,
        ProfileId,
        IdempotencyKey,
        ThreadId,
        MessageNumber,
        Role,
        Participant,
        Booking,
        BookingStatus,
        Message,
        LastMessage,
        Thread,
        Tombstone,
        Timestamp,
        Revision,
        ThreadState,
        VersionedThread,
        InboxPosition,
        OpenThread,
        PollCursor,
        PageCursor,
        CustomerCursor,
    );
    // These types may contain control characters: the texts of a record are checked only when
    // it is converted, and the text of a draft only when it is sent.
    check_all!(
        json,
        false,
        MarkRecord,
        ThreadRecord,
        MessageRecord,
        BookingRecord,
        Draft,
        PerRole<i64>
    );
});
