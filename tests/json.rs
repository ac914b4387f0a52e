//! The wire format, fixed to the letter by `docs/json.md`, and what may not enter by it
//! (T8).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use frontdesk::desk::{OpenThread, PageRequest, PollCursor};
use frontdesk::store::{MemoryStore, Stored, ThreadState, ThreadStore};
use frontdesk::view::{English, Entry, Screen};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, Draft, FrontDesk, LocationId, Message,
    MessageBody, MessageNumber, OneLine, ParticipantId, Preview, ProfileId, Thread, ThreadId,
    Timestamp,
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

/// The JSON that stands under a heading of the docs' page, one block after another.
#[track_caller]
fn documented(heading: &str) -> Vec<Value> {
    let page = include_str!("../docs/json.md");
    let (_, section) = page.split_once(&format!("\n### {heading}\n")).expect(heading);
    let section = section.split("\n#").next().unwrap();
    let blocks = section.split("```json\n").skip(1);
    blocks.map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap()).collect()
}

#[track_caller]
fn shown_as(value: &impl Serialize, documented: &Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), *documented);
}

#[track_caller]
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    documented: &Value,
) {
    shown_as(value, documented);
    assert_eq!(serde_json::from_value::<T>(documented.clone()).unwrap(), *value);
}

fn thread_json() -> Value {
    documented("A thread")[0]["state"]["live"].clone()
}

#[test]
fn what_a_store_keeps_as_json() {
    let scene = Scene::new();
    both_ways(&scene.stored(), &documented("A thread")[0]);
    both_ways(&scene.thread(), &thread_json());
    let messages = block_on(scene.kim().history(&scene.booking.id, None, 10)).unwrap().messages;
    both_ways(&messages[1], &documented("A message")[0]);
    both_ways(
        &messages[0],
        &json!({
            "number": 1, "ordinal": 1, "role": "customer", "author": "c-9",
            "body": "Is it <b>wet</b>?", "sentAt": "2027-03-14T22:30:00.123456Z"
        }),
    );
    let tombstone = scene.thread().erase();
    let json = &documented("A tombstone")[0];
    both_ways(&tombstone, json);
    both_ways(&ThreadState::Erased(tombstone), &json!({ "erased": json }));
}

#[test]
fn what_comes_in_as_json() {
    let draft = Draft::new("Is it <b>wet</b>?")
        .with_key("3f0c9a".try_into().unwrap())
        .having_seen(2.try_into().unwrap());
    both_ways(&draft, &documented("A draft")[0]);
    both_ways(&Draft::new("Is it wet?"), &json!({ "body": "Is it wet?" }));
}

#[test]
fn an_inbox_page_as_json() {
    let scene = Scene::new();
    let page = block_on(scene.kim().inbox(&PageRequest::first(10))).unwrap();
    shown_as(&page.view(&scene.screen()), &documented("An inbox page")[0]);
}

#[test]
fn conversations_of_both_sides_as_json() {
    let scene = Scene::new();
    let operators = block_on(scene.kim().open(&scene.booking.id)).unwrap();
    shown_as(&operators.view(&scene.screen()), &documented("An operator's conversation")[0]);
    let customers = block_on(scene.ann().visit()).unwrap();
    shown_as(&customers.view(&scene.screen()), &documented("A customer's conversation")[0]);

    let (operators, customers) = (operators.view(&scene.screen()), customers.view(&scene.screen()));
    let shown_to_both: &Entry = operators.sections[0].entries[0].as_ref();
    assert_eq!(shown_to_both, customers.conversation.sections[0].entries[0].as_ref());
}

#[test]
fn an_operators_poll_as_json() {
    let scene = Scene::new();
    let [open, update, start_over] = documented("An operator's poll").try_into().unwrap();
    let open_thread =
        OpenThread { booking: scene.booking.id.clone(), shown: 1.try_into().unwrap() };
    both_ways(&open_thread, &open);

    let cursor = "p.0.2.686172626f7572".parse().unwrap();
    let booking = BookingId::new("b-7").unwrap();
    let other = Booking::new(booking.clone(), "L9", "Kayaks", at("2027-03-21T09:00:00Z"));
    block_on(async {
        let kim = scene.kim();
        let start = "p.0.0.686172626f7572".parse().unwrap();
        let all = kim.poll(&start, None).await.unwrap().view(&scene.screen());
        let json = serde_json::to_value(all).unwrap();
        assert_eq!(json["rows"], documented("An inbox page")[0]["rows"]);

        kim.start(other).await.unwrap();
        scene.desk.location(Scene::here()).erase(&booking).await.unwrap();
        let answer = kim.poll(&cursor, None).await.unwrap();
        shown_as(&answer.view(&scene.screen()), &update);

        let answer = kim.poll(&cursor, Some(&open_thread)).await.unwrap();
        let json = serde_json::to_value(answer.view(&scene.screen())).unwrap();
        let whole = &documented("An operator's conversation")[0];
        let news =
            with(whole.clone(), json!({ "sections": [whole["sections"][1]], "hasEarlier": true }));
        assert_eq!(json["conversation"], news);

        let ahead = "p.0.9.686172626f7572".parse().unwrap();
        let answer = kim.poll(&ahead, None).await.unwrap();
        shown_as(&answer.view(&scene.screen()), &start_over);
    });
}

#[test]
fn a_customers_poll_as_json() {
    let scene = Scene::new();
    let [visit, start_over] = documented("A customer's conversation").try_into().unwrap();
    block_on(async {
        let ann = scene.ann();
        let cursor = ann.visit().await.unwrap().cursor().clone();
        let answer = ann.poll(&cursor).await.unwrap();
        let nothing_new = with(visit, json!({ "kind": "update", "sections": [] }));
        shown_as(&answer.view(&scene.screen()), &nothing_new);

        let ahead = "c.0.9.686172626f7572.622d31".parse().unwrap();
        let answer = ann.poll(&ahead).await.unwrap();
        shown_as(&answer.view(&scene.screen()), &start_over);
    });
}

fn with(mut object: Value, more: Value) -> Value {
    let (Some(object_of), Value::Object(more)) = (object.as_object_mut(), more) else {
        unreachable!()
    };
    object_of.extend(more);
    object
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
    refused::<LocationId>(json!(7), "expected a string");
    refused::<BookingStatus>(json!(7), "expected a string");
    refused::<Timestamp>(json!(7), "expected a string");
    refused::<MessageBody>(json!(7), "expected a string");
    refused::<OneLine>(json!(7), "expected a string");
    refused::<DisplayName>(json!(7), "expected a string");
    refused::<PollCursor>(json!(7), "expected a string");
    refused::<MessageNumber>(json!("7"), "expected i64");
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
    let full = thread_with("/messages/operator", json!((1_u64 << 31) - 2));
    assert!(serde_json::from_value::<Thread>(full).is_ok(), "it has the last number there is");
    refused::<Thread>(thread_with("/messages/operator", json!(0)), "a side that wrote none");
    refused::<Thread>(thread_with("/last", Value::Null), "no last one");
    refused::<Thread>(
        thread_with("/last/sentAt", json!("2027-03-14T00:00:00Z")),
        "earlier than itself",
    );
    refused::<Thread>(thread_with("/marks/operator/number", json!(3)), "outside of its messages");
    refused::<Thread>(thread_with("/marks/operator/furthest", json!(1)), "ahead of the furthest");
    let at_its_start =
        json!({ "number": 0, "covered": 0, "furthest": 0, "setAt": at("2027-03-15T08:05:00Z") });
    refused::<Thread>(thread_with("/marks/operator", at_its_start), "ahead of the furthest");
    // Of two messages one is the customer's; the operators did not write both.
    refused::<Thread>(
        thread_with("/marks/operator/covered", json!(0)),
        "more messages than there are",
    );
    refused::<Thread>(
        thread_with("/marks/operator/covered", json!(2)),
        "more messages than there are",
    );
    refused::<Thread>(
        thread_with("/marks/customer/covered", json!(2)),
        "more messages than there are",
    );
    refused::<Thread>(thread_with("/booking/durationSecs", json!(-1)), "duration");
    refused::<Thread>(thread_with("/location", json!("")), "location id is empty");
    refused::<Thread>(thread_with("/booking/id", json!("")), "booking id is empty");
    for path in ["/firstNumber", "/marks/operator/furthest"] {
        refused::<Thread>(thread_with(path, json!(1_u64 << 31)), "outside of 0 to 2^31 - 1");
    }
    refused::<Thread>(thread_with("/marks/operator/covered", json!(-1)), "number of messages");
    refused::<frontdesk::Draft>(json!({ "body": "x", "idempotencyKey": "k" }), "unknown field");
    refused::<Stored>(json!({ "revision": 1_u64 << 53, "state": {} }), "2^53 - 1");
}
