//! T8: whatever bytes arrive as JSON, each type is an error or a value that is written
//! and read again as the same, and holds no control characters.
#![no_main]

use std::fmt::Debug;

use frontdesk::desk::{CustomerCursor, OpenThread, PageCursor, PollCursor};
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{Revision, Stored, ThreadState};
use frontdesk::{
    Booking, BookingId, BookingRecord, BookingStatus, ConfirmationCode, DisplayName, Draft,
    IdempotencyKey, LastMessage, LocationId, MarkRecord, Message, MessageBody, MessageNumber,
    MessageRecord, OneLine, Participant, ParticipantId, Preview, ProfileId, Role, Sides, Thread,
    ThreadId, ThreadRecord, Timestamp, Tombstone,
};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn goes_round<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &[u8], is_clean: bool) {
    let Ok(value) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_value(&value).unwrap();
    if is_clean {
        assert_clean(&written);
    }
    assert_eq!(serde_json::from_value::<T>(written).ok(), Some(value));
}

#[track_caller]
fn assert_clean(value: &Value) {
    match value {
        Value::String(text) => {
            let forbidden = |c: char| c.is_control() && c != '\n' && c != '\t';
            assert!(!text.contains(forbidden), "a control character came in");
        }
        Value::Array(items) => items.iter().for_each(assert_clean),
        Value::Object(fields) => fields.values().for_each(assert_clean),
        _ => {}
    }
}

macro_rules! all {
    ($json:expr, $is_clean:expr, $($kind:ty),+ $(,)?) => {
        $(goes_round::<$kind>($json, $is_clean);)+
    };
}

fuzz_target!(|json: &[u8]| {
    all!(
        json,
        true,
        MessageBody,
        Preview,
        OneLine,
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
        Stored,
        InboxPosition,
        OpenThread,
        PollCursor,
        PageCursor,
        CustomerCursor,
    );
    // Plain values: what they cannot be is found when they become something, and a
    // draft's text when it is sent.
    all!(json, false, MarkRecord, ThreadRecord, MessageRecord, BookingRecord, Draft, Sides<i64>);
});
