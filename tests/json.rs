//! The wire format (design, section 5), fixed to the letter, and what may not
//! enter by it (T8).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::desk::{OpenThread, PageRequest};
use frontdesk::store::{MemoryStore, Stored, ThreadState, ThreadStore};
use frontdesk::view::{English, Screen};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, FrontDesk, LocationId, Message, MessageBody,
    ParticipantId, Preview, ProfileId, Thread, ThreadId, Timestamp, Tombstone,
};
use futures::executor::block_on;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::macros::offset;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// A customer asked yesterday, Kim answered today; the customer has not seen it.
struct Scene {
    desk: FrontDesk,
    store: MemoryStore,
    booking: Booking,
}

const OFFSET: time::UtcOffset = offset!(+1);

impl Scene {
    fn new() -> Self {
        let store = MemoryStore::new();
        let now = Arc::new(Mutex::new(at("2027-03-14T22:30:00.123456Z")));
        let clock = Arc::clone(&now);
        let desk = FrontDesk::builder(store.clone()).clock(move || *clock.lock().unwrap()).build();
        let booking = Booking::new(
            BookingId::new("b-1").unwrap(),
            "K7Q2-XH41",
            "Harbour tour",
            at("2027-03-20T09:00:00Z"),
        )
        .lasting(Duration::from_secs(9_000))
        .with_status(BookingStatus::Confirmed)
        .with_customer_name(DisplayName::new("Ann Lee"))
        .with_profile(ProfileId::new("crm-88").unwrap());
        let scene = Self { desk, store, booking };
        block_on(async {
            scene.ann().send("Is it <b>wet</b>?").await.unwrap();
            *now.lock().unwrap() = at("2027-03-15T08:05:00Z");
            scene.kim().reply(&scene.booking.id, "Bring a jacket.").await.unwrap();
            *now.lock().unwrap() = at("2027-03-15T08:10:00Z");
        });
        scene
    }

    fn here() -> LocationId {
        LocationId::new("harbour").unwrap()
    }

    fn ann(&self) -> frontdesk::CustomerDesk {
        let id = ParticipantId::new("c-9").unwrap();
        self.desk.customer(Self::here(), self.booking.clone(), id, None)
    }

    fn kim(&self) -> frontdesk::OperatorDesk {
        let id = ParticipantId::new("u-7").unwrap();
        self.desk.operator(Self::here(), id, DisplayName::new("Kim"))
    }

    fn screen(&self) -> Screen<'_> {
        self.desk.screen(&OFFSET, &English)
    }

    fn stored(&self) -> Stored {
        let id = ThreadId::new(Self::here(), self.booking.id.clone());
        block_on(self.store.thread(&id)).unwrap().unwrap()
    }

    fn thread(&self) -> Thread {
        self.stored().state.live().unwrap().clone()
    }
}

fn thread_json() -> Value {
    json!({
        "location": "harbour",
        "booking": {
            "id": "b-1",
            "code": "K7Q2-XH41",
            "activity": "Harbour tour",
            "startsAt": "2027-03-20T09:00:00Z",
            "durationSecs": 9000,
            "status": "confirmed",
            "customerName": "Ann Lee",
            "profile": "crm-88"
        },
        "createdAt": "2027-03-14T22:30:00.123456Z",
        "firstNumber": 1,
        "messages": { "customer": 1, "operator": 1 },
        "last": {
            "role": "operator",
            "sentAt": "2027-03-15T08:05:00Z",
            "preview": { "text": "Bring a jacket.", "cut": false }
        },
        "marks": {
            "customer": { "number": 1, "covered": 0, "furthest": 1, "setAt": "2027-03-14T22:30:00.123456Z" },
            "operator": { "number": 2, "covered": 1, "furthest": 2, "setAt": "2027-03-15T08:05:00Z" }
        }
    })
}

#[track_caller]
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    json: &Value,
) {
    assert_eq!(serde_json::to_value(value).unwrap(), *json);
    assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), *value);
}

#[test]
fn a_thread_and_a_message_as_json() {
    let scene = Scene::new();
    both_ways(&scene.thread(), &thread_json());
    let messages = block_on(scene.kim().history(&scene.booking.id, None, 10)).unwrap().messages;
    both_ways(
        &messages[1],
        &json!({
            "number": 2, "ordinal": 1, "role": "operator", "author": "u-7", "name": "Kim",
            "body": "Bring a jacket.", "sentAt": "2027-03-15T08:05:00Z"
        }),
    );
    both_ways(
        &messages[0],
        &json!({
            "number": 1, "ordinal": 1, "role": "customer", "author": "c-9",
            "body": "Is it <b>wet</b>?", "sentAt": "2027-03-14T22:30:00.123456Z"
        }),
    );
}

#[test]
fn what_a_store_keeps_as_json() {
    let scene = Scene::new();
    both_ways(&scene.stored(), &json!({ "revision": 2, "state": { "live": thread_json() } }));
    let tombstone = scene.thread().erase();
    let json = json!({ "location": "harbour", "booking": "b-1", "last": 2 });
    both_ways::<Tombstone>(&tombstone, &json);
    both_ways(&ThreadState::Erased(tombstone), &json!({ "erased": json }));
}

#[test]
fn an_inbox_page_as_json() {
    let scene = Scene::new();
    let page = block_on(scene.kim().inbox(&PageRequest::first(10))).unwrap();
    assert_eq!(
        serde_json::to_value(page.view(&scene.screen())).unwrap(),
        json!({
            "rows": [{
                "booking": "b-1",
                "customer": "Ann Lee",
                "activity": "Harbour tour",
                "shortCode": "K7Q2",
                "startsAt": "2027-03-20T10:00:00+01:00",
                "bookingDate": "Saturday, Mar 20",
                "status": "confirmed",
                "statusLabel": "Confirmed",
                "preview": { "text": "Bring a jacket.", "cut": false },
                "lastFrom": "operator",
                "activeAt": "2027-03-15T09:05:00+01:00",
                "relative": "5m",
                "unread": 0,
                "badge": null
            }],
            "unread": 0,
            "badge": null,
            "next": null,
            "cursor": "p.0.2.686172626f7572"
        })
    );
}

fn header() -> Value {
    json!({
        "booking": "b-1",
        "code": "K7Q2-XH41",
        "activity": "Harbour tour",
        "customer": "Ann Lee",
        "startsAt": "2027-03-20T10:00:00+01:00",
        "date": "Saturday, Mar 20",
        "time": "10:00 AM",
        "duration": "2h 30m",
        "status": "confirmed",
        "statusLabel": "Confirmed"
    })
}

fn question() -> Value {
    json!({
        "number": 1,
        "side": "customer",
        "sender": "Ann Lee",
        "sentAt": "2027-03-14T23:30:00.123456+01:00",
        "time": "11:30 PM",
        "text": "Is it <b>wet</b>?",
        "html": "Is it &lt;b&gt;wet&lt;&#x2f;b&gt;?",
        "read": true
    })
}

fn answer(read: bool) -> Value {
    json!({
        "number": 2,
        "side": "operator",
        "sender": "Kim",
        "sentAt": "2027-03-15T09:05:00+01:00",
        "time": "9:05 AM",
        "text": "Bring a jacket.",
        "html": "Bring a jacket.",
        "read": read
    })
}

fn with(mut object: Value, more: Value) -> Value {
    let (Some(object_of), Value::Object(more)) = (object.as_object_mut(), more) else {
        unreachable!()
    };
    object_of.extend(more);
    object
}

#[test]
fn conversations_of_both_sides_as_json() {
    let scene = Scene::new();
    let operators = block_on(scene.kim().open(&scene.booking.id)).unwrap();
    let expected = with(
        header(),
        json!({
            "profile": "crm-88",
            "sections": [
                { "date": "2027-03-14", "heading": "Yesterday",
                  "entries": [with(question(), json!({ "author": "c-9" }))] },
                { "date": "2027-03-15", "heading": "Today",
                  "entries": [with(answer(false), json!({ "author": "u-7" }))] },
            ],
            "firstNumber": 1, "shown": 2, "hasEarlier": false, "hasLater": false, "readTo": 1, "unread": 0, "badge": null
        }),
    );
    assert_eq!(serde_json::to_value(operators.view(&scene.screen())).unwrap(), expected);

    let customers = block_on(scene.ann().visit()).unwrap();
    let expected = with(
        header(),
        json!({
            "sections": [
                { "date": "2027-03-14", "heading": "Yesterday", "entries": [question()] },
                { "date": "2027-03-15", "heading": "Today", "entries": [answer(true)] },
            ],
            "firstNumber": 1, "shown": 2, "hasEarlier": false, "hasLater": false, "readTo": 2, "unread": 0, "badge": null,
            "cursor": "c.0.2.686172626f7572.622d31"
        }),
    );
    assert_eq!(serde_json::to_value(customers.view(&scene.screen())).unwrap(), expected);
}

#[test]
fn a_poll_as_json() {
    let scene = Scene::new();
    let open = OpenThread { booking: scene.booking.id.clone(), shown: 2.try_into().unwrap() };
    both_ways(&open, &json!({ "booking": "b-1", "shown": 2 }));
    let cursor = "p.0.2.686172626f7572".parse().unwrap();
    let answer = block_on(scene.kim().poll(&cursor, Some(&open))).unwrap().view(&scene.screen());
    let json = serde_json::to_value(answer).unwrap();
    assert_eq!(json["kind"], "update");
    assert_eq!(json["rows"], json!([]));
    assert_eq!(json["erased"], json!([]));
    assert_eq!(json["cursor"], "p.0.2.686172626f7572.2.622d31");

    let ahead = "p.0.9.686172626f7572".parse().unwrap();
    let answer = block_on(scene.kim().poll(&ahead, None)).unwrap().view(&scene.screen());
    let json = serde_json::to_value(answer).unwrap();
    assert_eq!(json, json!({ "kind": "startOver", "cursor": "p.0.2.686172626f7572" }));
}

/// T8: nothing enters by deserializing that could not have been stored; the error
/// says which rule it breaks, and none of the words.
#[test]
fn t8_json_that_could_not_have_been_stored_is_refused() {
    fn refused<T: DeserializeOwned>(json: Value, why: &str) {
        let Err(error) = serde_json::from_value::<T>(json) else { panic!("let in: {why}") };
        let error = error.to_string();
        assert!(error.contains(why), "{error:?} does not say {why:?}");
        assert!(!error.contains("secret"), "{error}");
    }
    refused::<LocationId>(json!(""), "location id is empty");
    refused::<BookingId>(json!("secret b"), "booking id holds U+0020 at byte 6");
    refused::<ParticipantId>(json!("x".repeat(129)), "participant id has 129 bytes");
    refused::<Timestamp>(json!("10000-01-01T00:00:00Z"), "RFC 3339");
    refused::<Timestamp>(json!("0000-06-01T00:00:00Z"), "years 1 to 9999");
    refused::<MessageBody>(json!("secret\u{0}"), "control character U+0000 at byte 6");
    refused::<MessageBody>(json!("x".repeat((1 << 20) + 1)), "1048577 bytes");
    refused::<DisplayName>(json!("secret\u{7}"), "control character U+0007");
    refused::<DisplayName>(json!("x".repeat(513)), "513 bytes");
    refused::<Preview>(json!({ "text": "x".repeat(2049), "cut": true }), "2049 bytes");

    let message = json!({
        "number": 2, "ordinal": 1, "role": "operator", "author": "u-7",
        "body": "secret", "sentAt": "2027-03-15T08:05:00Z"
    });
    let message_with = |field: &str, value: Value| with(message.clone(), json!({ field: value }));
    refused::<Message>(message_with("number", json!(0)), "ordinal is outside");
    refused::<Message>(message_with("number", json!(1_u64 << 31)), "outside of 0 to 2^31 - 1");
    refused::<Message>(message_with("ordinal", json!(3)), "ordinal is outside");
    refused::<Message>(message_with("body", json!("")), "blank");
    refused::<Message>(message_with("role", json!("boss")), "unknown variant");

    let thread_with = |path: &str, value: Value| {
        let mut thread = thread_json();
        *thread.pointer_mut(path).unwrap() = value;
        thread
    };
    refused::<Thread>(thread_with("/firstNumber", json!(0)), "first number is 0");
    refused::<Thread>(thread_with("/messages/operator", json!(-1)), "number of messages");
    refused::<Thread>(thread_with("/messages/operator", json!((1_u64 << 31) - 1)), "more messages");
    refused::<Thread>(thread_with("/messages/operator", json!(0)), "a side that wrote none");
    refused::<Thread>(thread_with("/last", Value::Null), "no last one");
    refused::<Thread>(
        thread_with("/last/sentAt", json!("2027-03-14T00:00:00Z")),
        "earlier than itself",
    );
    refused::<Thread>(thread_with("/marks/operator/number", json!(3)), "outside of its messages");
    refused::<Thread>(thread_with("/marks/operator/furthest", json!(1)), "ahead of the furthest");
    refused::<Thread>(
        thread_with("/marks/operator/covered", json!(2)),
        "more messages than there are",
    );
    refused::<Thread>(
        thread_with("/marks/customer/covered", json!(2)),
        "more messages than there are",
    );
    refused::<Thread>(thread_with("/booking/durationSecs", json!(-1)), "duration");
    refused::<frontdesk::Draft>(json!({ "body": "x", "idempotencyKey": "k" }), "unknown field");
    refused::<Stored>(json!({ "revision": 1_u64 << 53, "state": {} }), "2^53 - 1");
}
