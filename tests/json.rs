//! The wire format, compared with each block of `docs/json.md`, and the input that
//! deserializing refuses (T8).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use frontdesk::cursor::{FollowCursor, OpenThread, PollCursor};
use frontdesk::desk::{Event, FollowAnswer, PageRequest};
use frontdesk::store::{
    Epoch, MemoryStore, StoreError, ThreadState, ThreadStore, VersionedThread, async_trait,
};
use frontdesk::view::{English, Entry, Header, InboxRow, ViewContext};
use frontdesk::{
    Booking, BookingId, BookingPatch, BookingStatus, CustomerDesk, DisplayName, Draft, LocationId,
    Message, MessageBody, MessageNumber, OperatorDesk, ParticipantId, Preview, ProfileId,
    SingleLine, Thread, Timestamp,
};
use futures::executor::block_on;
use json_page::documented;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::fixture::Fixture;
use support::hooked_store::{Hook, HookedStore};
use support::{booking_id, participant_id};
use time::macros::offset;

#[path = "support/json_page.rs"]
mod json_page;
mod support;

#[track_caller]
fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// Replaces the random epoch of a store in memory by zero, so that its cursors are those of
/// `docs/json.md`.
#[derive(Clone, Default)]
struct ZeroEpoch {
    replaced: Arc<OnceLock<Epoch>>,
}

#[async_trait]
impl Hook for ZeroEpoch {
    async fn before_call(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn after_call(&self) {}

    fn inner_epoch(&self, _: Epoch) -> Epoch {
        self.replaced.get().copied().unwrap_or_default()
    }

    fn epoch(&self, inner: Epoch) -> Epoch {
        self.replaced.get_or_init(|| inner);
        Epoch::ZERO
    }
}

/// The example of `docs/json.md`: a customer asked yesterday, and Kim answered today. The customer
/// has not seen the answer.
struct Example {
    fixture: Fixture<HookedStore<MemoryStore, ZeroEpoch>>,
    booking: Booking,
}

const OFFSET: time::UtcOffset = offset!(+1);

impl Example {
    fn new() -> Self {
        let store = HookedStore::new(MemoryStore::new(), ZeroEpoch::default());
        let fixture = Fixture::over(store).at_location("harbour");
        let starts_at = at("2027-03-20T09:00:00Z");
        let booking = Booking::new(booking_id("b-1"), "K7Q2-XH41", "Harbour tour")
            .with_start(starts_at)
            .with_duration(Duration::from_secs(9_000))
            .with_status(BookingStatus::Confirmed)
            .with_customer_name(DisplayName::new("Ann Lee"))
            .with_profile(ProfileId::new("crm-88").unwrap());
        let example = Self { fixture, booking };
        block_on(async {
            example.fixture.set_clock(at("2027-03-14T22:30:00.123456Z"));
            example.ann().send("Is it <b>wet</b>?").await.unwrap();
            example.fixture.set_clock(at("2027-03-15T08:05:00Z"));
            example.kim().reply(&example.booking.id, "Bring a jacket.").await.unwrap();
            example.fixture.set_clock(at("2027-03-15T08:10:00Z"));
        });
        example
    }

    fn ann(&self) -> CustomerDesk {
        self.fixture.customer("b-1", "c-9").starting_with(self.booking.clone())
    }

    fn kim(&self) -> OperatorDesk {
        let location = self.fixture.location.clone();
        self.fixture.desk.operator(location, participant_id("u-7"), DisplayName::new("Kim"))
    }

    fn context(&self) -> ViewContext<'_> {
        self.fixture.desk.view_context(&OFFSET, &English)
    }

    fn stored(&self) -> VersionedThread {
        block_on(self.fixture.store.thread(&self.fixture.thread_id("b-1"))).unwrap().value.unwrap()
    }

    fn thread(&self) -> Thread {
        block_on(self.fixture.thread("b-1"))
    }
}

#[track_caller]
fn assert_serializes(value: &impl Serialize, documented: &Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), *documented);
}

#[track_caller]
fn assert_round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    documented: &Value,
) {
    assert_serializes(value, documented);
    assert_eq!(serde_json::from_value::<T>(documented.clone()).unwrap(), *value);
}

fn thread_json() -> Value {
    documented("A thread")[0]["state"]["live"].clone()
}

#[test]
fn stored_records_have_the_documented_json() {
    let example = Example::new();
    assert_round_trip(&example.stored(), &documented("A thread")[0]);
    assert_round_trip(&example.thread(), &thread_json());
    let messages = block_on(example.kim().history(&example.booking.id, None, 10)).unwrap().messages;
    assert_round_trip(&messages[1], &documented("A message")[0]);
    assert_round_trip(
        &messages[0],
        &json!({
            "number": 1, "ordinal": 1, "role": "customer", "author": "c-9",
            "body": "Is it <b>wet</b>?", "sentAt": "2027-03-14T22:30:00.123456Z"
        }),
    );
    let tombstone = example.thread().erase();
    let json = &documented("A tombstone")[0];
    assert_round_trip(&tombstone, json);
    assert_round_trip(&ThreadState::Erased(tombstone), &json!({ "erased": json }));
}

#[test]
fn a_draft_has_the_documented_json() {
    let draft = Draft::new("Is it <b>wet</b>?")
        .with_key("3f0c9a".try_into().unwrap())
        .with_seen(2.try_into().unwrap());
    assert_round_trip(&draft, &documented("A draft")[0]);
    assert_round_trip(&Draft::new("Is it wet?"), &json!({ "body": "Is it wet?" }));
    assert_serializes(&Draft::new("Is it wet?").cleaned(), &json!({ "body": "Is it wet?" }));
    let conditional = draft.only_if_latest();
    let json = with(documented("A draft")[0].clone(), json!({ "onlyIfLatest": true }));
    assert_round_trip(&conditional, &json);
    assert_refused::<Draft>(json!({ "body": "Closed", "automatic": true }), "unknown field");
}

/// L5: a patch has the documented JSON.
#[test]
fn l5_a_change_of_a_booking_has_the_documented_json() {
    let patch = BookingPatch::new(booking_id("b-1"))
        .with_status(BookingStatus::Cancelled)
        .without_customer_name()
        .with_version(8);
    assert_round_trip(&patch, &documented("A change of a booking")[0]);
}

#[test]
fn an_inbox_page_has_the_documented_json() {
    let example = Example::new();
    let page = block_on(example.kim().inbox(&PageRequest::first(10))).unwrap();
    assert_serializes(&page.view(&example.context()), &documented("An inbox page")[0]);
}

#[test]
fn conversations_of_both_sides_have_the_documented_json() {
    let example = Example::new();
    let operators = block_on(example.kim().open(&example.booking.id)).unwrap();
    let operators = operators.view(&example.context());
    assert_serializes(&operators, &documented("An operator's conversation")[0]);
    let customers = block_on(example.ann().open()).unwrap().view(&example.context());
    assert_serializes(&customers, &documented("A customer's conversation")[0]);

    let operators_entry: &Entry = operators.sections[0].entries[0].as_ref();
    assert_eq!(operators_entry, customers.conversation.sections[0].entries[0].as_ref());
}

/// A booking without a start has no `startsAt` in a record, and views contain no date of it.
#[test]
fn an_enquiry_has_no_date() {
    let example = Example::new();
    let enquiry = Booking::enquiry(booking_id("e-1"), "Do you rent kayaks?");
    let json = json!({
        "id": "e-1", "code": "", "activity": "Do you rent kayaks?", "durationSecs": 0,
        "status": "pending"
    });
    assert_round_trip(&enquiry, &json);

    let thread = block_on(example.kim().start(enquiry)).unwrap();
    let row = serde_json::to_value(InboxRow::new(&thread, &example.context())).unwrap();
    let header = Header::new(thread.booking(), &example.context());
    let header = serde_json::to_value(header).unwrap();
    for shown in [
        &row["startsAt"],
        &row["bookingDate"],
        &header["startsAt"],
        &header["date"],
        &header["time"],
    ] {
        assert_eq!(*shown, Value::Null);
    }
}

/// T5: a view without encoded HTML differs only in its `html` fields, which are null.
#[test]
fn t5_a_view_without_html_differs_only_in_html_fields() {
    let example = Example::new();
    let context = example.context().with_html(false);
    let operators = block_on(example.kim().open(&example.booking.id)).unwrap();
    let expected = without_html(documented("An operator's conversation")[0].clone());
    assert_serializes(&operators.view(&context), &expected);
    let customers = block_on(example.ann().open()).unwrap();
    let expected = without_html(documented("A customer's conversation")[0].clone());
    assert_serializes(&customers.view(&context), &expected);
}

fn without_html(mut conversation: Value) -> Value {
    for section in conversation["sections"].as_array_mut().unwrap() {
        for entry in section["entries"].as_array_mut().unwrap() {
            entry["html"] = Value::Null;
        }
    }
    conversation
}

#[test]
fn an_operators_poll_has_the_documented_json() {
    let example = Example::new();
    let [open, update, start_over] = documented("An operator's poll").try_into().unwrap();
    let open_thread = OpenThread::new(example.booking.id.clone(), 1.try_into().unwrap());
    let with_all = open_thread.clone().with_redactions(2).with_read(1.try_into().unwrap());
    assert_round_trip(&with_all, &open);
    assert_round_trip(&open_thread, &json!({ "booking": "b-1", "shown": 1 }));

    let cursor = "p.0.2.686172626f7572".parse().unwrap();
    let other =
        Booking::new(booking_id("b-7"), "L9", "Kayaks").with_start(at("2027-03-21T09:00:00Z"));
    block_on(async {
        let (kim, context) = (example.kim(), example.context());
        let start = "p.0.0.686172626f7572".parse().unwrap();
        let all = kim.poll(&start, None).await.unwrap().view(&context);
        let json = serde_json::to_value(all).unwrap();
        assert_eq!(json["rows"], documented("An inbox page")[0]["rows"]);

        kim.start(other).await.unwrap();
        example.fixture.admin().erase(&booking_id("b-7")).await.unwrap();
        let answer = kim.poll(&cursor, None).await.unwrap();
        assert_serializes(&answer.view(&context), &update);

        let answer = kim.poll(&cursor, Some(&open_thread)).await.unwrap();
        let json = serde_json::to_value(answer.view(&context)).unwrap();
        let whole = &documented("An operator's conversation")[0];
        let new =
            with(whole.clone(), json!({ "sections": [whole["sections"][1]], "hasEarlier": true }));
        assert_eq!(json["conversation"], new);

        let ahead = "p.0.9.686172626f7572".parse().unwrap();
        let answer = kim.poll(&ahead, None).await.unwrap();
        assert_serializes(&answer.view(&context), &start_over);
    });
}

#[test]
fn a_customers_poll_has_the_documented_json() {
    let example = Example::new();
    let [opened, start_over] = documented("A customer's conversation").try_into().unwrap();
    block_on(async {
        let (ann, context) = (example.ann(), example.context());
        let cursor = ann.open().await.unwrap().cursor().clone();
        let answer = ann.poll(&cursor).await.unwrap();
        let nothing_new =
            with(opened, json!({ "kind": "update", "sections": [], "firstUnread": null }));
        assert_serializes(&answer.view(&context), &nothing_new);

        let ahead = "c.0.9.686172626f7572.622d31".parse().unwrap();
        let answer = ann.poll(&ahead).await.unwrap();
        assert_serializes(&answer.view(&context), &start_over);
    });
}

/// P5: the events of a follower and its cursor have the documented JSON.
#[test]
fn p5_the_events_of_a_follower_have_the_documented_json() {
    let example = Example::new();
    let [received, erased] = documented("An event").try_into().unwrap();
    let [cursor] = documented("A follower's cursor").try_into().unwrap();
    let admin = example.fixture.admin();
    block_on(async {
        let follow = async |cursor: &FollowCursor| match admin.follow(Some(cursor), 9).await {
            Ok(FollowAnswer::Events(page)) => page,
            other => panic!("{other:?}"),
        };
        let Ok(FollowAnswer::StartOver { oldest, .. }) = admin.follow(None, 9).await else {
            panic!("a follower without a cursor starts over")
        };
        let page = follow(&oldest).await;
        assert_eq!(page.events.len(), 2);
        assert_serializes(&page.events[0], &received);
        assert_round_trip(&page.cursor, &cursor);

        example.ann().open().await.unwrap();
        let page = follow(&page.cursor).await;
        assert_eq!(page.events.len(), 1);
        let mut changed = with(
            received.clone(),
            json!({
                "kind": "threadChanged", "id": "c-686172626f7572-622d31-3", "revision": 3,
                "preview": { "text": "Bring a jacket.", "cut": false },
                "unread": { "customer": 0, "operator": 0 }
            }),
        );
        changed.as_object_mut().unwrap().remove("message");
        assert_serializes(&page.events[0], &changed);

        example.fixture.admin().erase(&example.booking.id).await.unwrap();
        let page = follow(&page.cursor).await;
        assert_serializes(&page.events[0], &erased);
    });
}

/// P5: a listener's events have the documented fields.
#[test]
fn p5_the_events_of_a_listener_have_the_documented_json() {
    let example = Example::new();
    let [received, _] = documented("An event").try_into().unwrap();
    let (kim, admin, id) = (example.kim(), example.fixture.admin(), example.booking.id.clone());
    let mut rescheduled = example.booking.clone();
    rescheduled.id = booking_id("b-2");
    block_on(async {
        let first = example.fixture.events();
        let as_received = with(
            received.clone(),
            json!({
                "revision": null, "unread": { "customer": 0, "operator": 1 },
                "waitingSince": "2027-03-14T22:30:00.123456Z"
            }),
        );
        assert_serializes(&first[1], &as_received);

        kim.mark_unread(&id, 1.try_into().unwrap()).await.unwrap();
        kim.mark_read(&id, 1.try_into().unwrap()).await.unwrap();
        example.ann().send("Thanks!").await.unwrap();
        kim.mark_answered(&id, 3.try_into().unwrap()).await.unwrap();
        kim.redact(&id, 3.try_into().unwrap()).await.unwrap();
        admin.refresh(&BookingPatch::new(id.clone()).with_activity("Kayaks")).await.unwrap();
        admin.link(&id, &rescheduled).await.unwrap();
        admin.erase(&id).await.unwrap();
    });
    let head: Vec<String> = received.as_object().unwrap().keys().cloned().collect();
    let mut kinds: Vec<(String, Vec<String>)> = example
        .fixture
        .events()
        .iter()
        .map(|event: &Event| {
            let json = serde_json::to_value(event).unwrap();
            let extra = json.as_object().unwrap().keys();
            let extra = extra.filter(|key| *key == "message" || !head.contains(key));
            (json["kind"].as_str().unwrap().to_owned(), extra.cloned().collect())
        })
        .collect();
    kinds.push(("threadChanged".to_owned(), Vec::new()));
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, documented_kinds());
}

/// Returns the kinds of events in the table of `docs/json.md`, each with its additional fields.
fn documented_kinds() -> Vec<(String, Vec<String>)> {
    let page = include_str!("../docs/json.md");
    let (_, table) = page.split_once("| kind | who gets it |").unwrap();
    let table = table.split("\n\n").next().unwrap();
    let quoted =
        |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<String>>();
    let mut kinds = Vec::new();
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.split('|').collect();
        for kind in quoted(cells[1]) {
            let extra =
                if kind == "threadErased" { vec!["last".to_owned()] } else { quoted(cells[3]) };
            kinds.push((kind, extra));
        }
    }
    kinds.sort();
    kinds
}

/// Returns an object with some of its fields replaced.
fn with(mut object: Value, replaced: Value) -> Value {
    let (Some(fields), Value::Object(replaced)) = (object.as_object_mut(), replaced) else {
        unreachable!()
    };
    fields.extend(replaced);
    object
}

/// Asserts that JSON is refused with an error that contains `reason`. The error must not contain
/// the word "secret", which the tests put into texts and ids.
#[track_caller]
fn assert_refused<T: DeserializeOwned>(json: Value, reason: &str) {
    let Err(error) = serde_json::from_value::<T>(json) else {
        panic!("the JSON was accepted, but the error {reason:?} was expected")
    };
    let error = error.to_string();
    assert!(error.contains(reason), "{error:?} does not contain {reason:?}");
    assert!(!error.contains("secret"), "{error}");
}

/// T8: a value that no store could have written is refused. The error names the broken
/// limit and contains none of the text.
#[test]
fn t8_json_of_an_invalid_text_or_id_is_refused() {
    assert_refused::<LocationId>(json!(7), "expected a string");
    assert_refused::<BookingStatus>(json!(7), "expected a string");
    assert_refused::<Timestamp>(json!(7), "expected a string");
    assert_refused::<MessageBody>(json!(7), "expected a string");
    assert_refused::<SingleLine>(json!(7), "expected a string");
    assert_refused::<DisplayName>(json!(7), "expected a string");
    assert_refused::<PollCursor>(json!(7), "expected a string");
    assert_refused::<MessageNumber>(json!("7"), "expected i64");
    assert_refused::<LocationId>(json!(""), "location id is empty");
    assert_refused::<BookingId>(json!("secret b"), "booking id contains U+0020 at byte 6");
    assert_refused::<ParticipantId>(json!("x".repeat(129)), "participant id has 129 bytes");
    assert_refused::<Timestamp>(json!("10000-01-01T00:00:00Z"), "RFC 3339");
    assert_refused::<Timestamp>(json!("0000-06-01T00:00:00Z"), "years 1 to 9999");
    assert_refused::<MessageBody>(json!("secret\u{0}"), "control character U+0000 at byte 6");
    assert_refused::<MessageBody>(json!("x".repeat((1 << 20) + 1)), "1048577 bytes");
    assert_refused::<DisplayName>(json!("secret\u{7}"), "control character U+0007");
    assert_refused::<DisplayName>(json!("x".repeat(513)), "513 bytes");
    assert_refused::<Preview>(json!({ "text": "x".repeat(2049), "cut": true }), "2049 bytes");
    assert_refused::<Draft>(json!({ "body": "x", "idempotencyKey": "k" }), "unknown field");
    assert_refused::<Draft>(json!({ "body": "x", "cleaned": true }), "unknown field");
    let misspelt = json!({ "booking": "b-1", "shown": 2, "readTo": 1 });
    assert_refused::<OpenThread>(misspelt, "unknown field");
    assert_refused::<VersionedThread>(json!({ "revision": 1_u64 << 53, "state": {} }), "2^53 - 1");
}

/// T8: a message record whose fields contradict each other is refused.
#[test]
fn t8_json_of_an_invalid_message_is_refused() {
    let message = json!({
        "number": 2, "ordinal": 1, "role": "operator", "author": "u-7",
        "body": "secret", "sentAt": "2027-03-15T08:05:00Z"
    });
    let message_with = |field: &str, value: Value| with(message.clone(), json!({ field: value }));
    assert_refused::<Message>(message_with("number", json!(0)), "ordinal is outside");
    assert_refused::<Message>(message_with("number", json!(1_u64 << 31)), "outside 0 to 2^31 - 1");
    assert_refused::<Message>(message_with("ordinal", json!(3)), "ordinal is outside");
    assert_refused::<Message>(message_with("body", json!("")), "blank");
    assert_refused::<Message>(message_with("role", json!("boss")), "unknown variant");
    assert_refused::<Message>(message_with("body", Value::Null), "without a body");
    assert_refused::<Message>(message_with("redacted", json!(1)), "has a body");
}

/// T8: a thread record whose fields contradict each other is refused.
#[test]
fn t8_json_of_an_invalid_thread_is_refused() {
    let thread_with = |path: &str, value: Value| {
        let mut thread = thread_json();
        *thread.pointer_mut(path).unwrap() = value;
        thread
    };
    assert_refused::<Thread>(thread_with("/firstNumber", json!(0)), "first number is 0");
    assert_refused::<Thread>(thread_with("/messages/operator", json!(-1)), "number of messages");
    let too_many = json!((1_u64 << 31) - 1);
    assert_refused::<Thread>(thread_with("/messages/operator", too_many), "last number is above");
    let redacted = with(thread_json(), json!({ "redactions": 3 }));
    assert_refused::<Thread>(redacted, "more messages are redacted than exist");
    let full = thread_with("/messages/operator", json!((1_u64 << 31) - 2));
    assert!(
        serde_json::from_value::<Thread>(full).is_ok(),
        "a thread with the highest last number is refused"
    );
    let none = json!(0);
    assert_refused::<Thread>(thread_with("/messages/operator", none), "a role without messages");
    assert_refused::<Thread>(thread_with("/last", Value::Null), "last message is missing");
    let too_early = json!("2027-03-14T00:00:00Z");
    assert_refused::<Thread>(thread_with("/last/sentAt", too_early), "older than the thread");
    let mark = "/marks/operator/number";
    assert_refused::<Thread>(thread_with(mark, json!(3)), "outside the messages");
    let furthest = "/marks/operator/furthest";
    assert_refused::<Thread>(thread_with(furthest, json!(1)), "beyond its furthest");
    let at_start =
        json!({ "number": 0, "covered": 0, "furthest": 0, "setAt": at("2027-03-15T08:05:00Z") });
    assert_refused::<Thread>(thread_with("/marks/operator", at_start), "beyond its furthest");
    // One of the two messages is the customer's, so a mark at 2 covers one customer
    // message.
    for (path, covered) in [
        ("/marks/operator/covered", 0),
        ("/marks/operator/covered", 2),
        ("/marks/customer/covered", 2),
    ] {
        assert_refused::<Thread>(thread_with(path, json!(covered)), "more messages than exist");
    }
    assert_refused::<Thread>(thread_with("/booking/durationSecs", json!(-1)), "duration");
    assert_refused::<Thread>(thread_with("/location", json!("")), "location id is empty");
    assert_refused::<Thread>(thread_with("/booking/id", json!("")), "booking id is empty");
    for path in ["/firstNumber", furthest] {
        assert_refused::<Thread>(thread_with(path, json!(1_u64 << 31)), "outside 0 to 2^31 - 1");
    }
    assert_refused::<Thread>(
        thread_with("/marks/operator/covered", json!(-1)),
        "number of messages",
    );
}
