//! The JSON Schema in `docs/schema.json`: it is made from the types, and `docs/json.md` conforms to
//! it.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use frontdesk::cursor::{FollowCursor, OpenThread};
use frontdesk::desk::{Event, FeedEvent};
use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::VersionedThread;
use frontdesk::view::{
    CustomerConversationView, CustomerHistoryView, CustomerPollView, Header, InboxView,
    OperatorConversationView, OperatorPollView,
};
use frontdesk::{Booking, BookingPatch, Draft, Message, Participant, Thread, Tombstone};
use futures::executor::block_on;
use regex::Regex;
use serde_json::{Value, json};

use json_page::documented;
use schema_document::SchemaDocument;
use schema_validator::SchemaValidator;
use sources::{read, rust_files};
use support::booking_id;
use support::fixture::Fixture;

#[path = "support/json_page.rs"]
mod json_page;
#[path = "support/schema_document.rs"]
mod schema_document;
#[path = "support/schema_validator.rs"]
mod schema_validator;
#[path = "support/sources.rs"]
mod sources;
mod support;

fn made() -> Value {
    let mut document = SchemaDocument::new("/$defs");
    document.add_written::<InboxView>();
    document.add_written::<OperatorConversationView>();
    document.add_written::<OperatorPollView>();
    document.add_written::<CustomerConversationView>();
    document.add_written::<CustomerHistoryView>();
    document.add_written::<CustomerPollView>();
    document.add_written::<Event>();
    document.add_written::<FeedEvent>();
    document.add_written::<FollowCursor>();
    document.add_written::<VersionedThread>();
    document.add_written::<Header>();
    document.add_written::<Thread>();
    document.add_written::<Message>();
    document.add_written::<Booking>();
    document.add_written::<Participant>();
    document.add_written::<Tombstone>();
    document.add_written::<InboxPosition>();
    document.add_written::<WaitingPosition>();
    document.add_read::<Draft>();
    document.add_read::<OpenThread>();
    document.add_read::<BookingPatch>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The JSON of frontdesk",
        "description": "Each schema in $defs has the name of a Rust type. docs/json.md explains the fields. maxLength counts characters. The library's limits are in bytes of UTF-8, so it can refuse a shorter text.",
        "$defs": document.into_schemas(),
    })
}

/// Writes `docs/schema.json` anew.
const WRITE: &str = "FRONTDESK_WRITE_SCHEMA=1 cargo test --features schemars --test schema docs_is";

#[test]
fn the_schema_in_the_docs_is_that_of_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema.json");
    let made = format!("{:#}\n", made());
    if env::var("FRONTDESK_WRITE_SCHEMA").is_ok_and(|value| value == "1") {
        fs::write(&file, &made).unwrap();
    }
    let is_same = fs::read_to_string(file).is_ok_and(|text| text == made);
    assert!(is_same, "docs/schema.json differs from the schema of the types: run {WRITE}");
}

/// The blocks of `docs/json.md` by heading, and the schema of each block.
const BLOCKS: &[(&str, &[&str])] = &[
    ("An inbox page", &["InboxView"]),
    ("An operator's conversation", &["OperatorConversationView"]),
    ("An operator's poll", &["OpenThread", "OperatorPollView", "OperatorPollView"]),
    ("A customer's conversation", &["CustomerConversationView", "CustomerPollView"]),
    ("An event", &["Event", "Event"]),
    ("A follower's cursor", &["FollowCursor"]),
    ("A draft", &["Draft"]),
    ("A change of a booking", &["BookingPatch"]),
    ("A message", &["MessageRecord"]),
    ("A thread", &["VersionedThread"]),
    ("A tombstone", &["Tombstone"]),
];

/// Returns each block of `docs/json.md` with the name of its schema.
fn blocks() -> Vec<(&'static str, Value)> {
    let with_schema = |&(heading, schemas): &(_, &'static [&'static str])| {
        let blocks = documented(heading);
        assert_eq!(blocks.len(), schemas.len(), "{heading}");
        schemas.iter().copied().zip(blocks)
    };
    let blocks: Vec<_> = BLOCKS.iter().flat_map(with_schema).collect();
    assert_eq!(blocks.len(), read("docs/json.md").matches("```json\n").count());
    blocks
}

fn validator() -> SchemaValidator {
    let document: Value = serde_json::from_str(&read("docs/schema.json")).unwrap();
    let names: Vec<String> = document["$defs"].as_object().unwrap().keys().cloned().collect();
    SchemaValidator::new(document, names.into_iter().map(|name| format!("/$defs/{name}")))
}

/// Returns the JSON pointers of a value and of all values in it.
fn pointers(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(i, it)| (i.to_string(), it)).collect()
        }
        _ => Vec::new(),
    };
    let inner = inner.into_iter().flat_map(|(name, value)| {
        pointers(value).into_iter().map(move |pointer| format!("/{name}{pointer}"))
    });
    std::iter::once(String::new()).chain(inner).collect()
}

#[test]
fn each_block_of_the_docs_conforms_to_its_schema() {
    let validator = validator();
    for (schema, block) in blocks() {
        assert_eq!(validator.validate(&format!("/$defs/{schema}"), &block), Ok(()), "{schema}");
    }
}

/// A value of another type and an unknown field are invalid everywhere. A missing field is invalid in
/// views, which have every field.
#[test]
fn changed_blocks_of_the_docs_do_not_conform_to_their_schemas() {
    let validator = validator();
    let mut count = 0;
    for (schema, block) in blocks() {
        for pointer in pointers(&block) {
            let mut changed = vec![block.clone(), block.clone()];
            let [other_type, unknown_field] = &mut changed[..] else { unreachable!() };
            let value = other_type.pointer_mut(&pointer).unwrap();
            *value =
                if value.is_array() || value.is_null() { json!({ "x7": 1 }) } else { json!([]) };
            match unknown_field.pointer_mut(&pointer).unwrap() {
                Value::Object(fields) => _ = fields.insert("x7".to_owned(), json!(1)),
                _ => _ = changed.pop(),
            }
            let fields = block.pointer(&pointer).and_then(Value::as_object);
            for name in
                fields.filter(|_| schema.ends_with("View")).into_iter().flat_map(|it| it.keys())
            {
                let mut without_field = block.clone();
                without_field.pointer_mut(&pointer).unwrap().as_object_mut().unwrap().remove(name);
                changed.push(without_field);
            }
            for changed in changed {
                let is_valid = validator.validate(&format!("/$defs/{schema}"), &changed).is_ok();
                assert!(!is_valid, "{schema} accepts a change at {pointer:?}");
                count += 1;
            }
        }
    }
    assert!(count > 300, "only {count} changes were tried");
}

/// Sets the value at a JSON pointer, also of a field that is absent.
fn with(mut block: Value, pointer: &str, value: Value) -> Value {
    let (object, name) = pointer.rsplit_once('/').unwrap();
    let object = block.pointer_mut(object).unwrap().as_object_mut().unwrap();
    object.insert(name.to_owned(), value);
    block
}

/// Returns `true` if the library reads a value as the type of this name.
fn is_read_as(schema: &str, value: &Value) -> bool {
    let value = value.clone();
    match schema {
        "BookingPatch" => serde_json::from_value::<BookingPatch>(value).is_ok(),
        "Draft" => serde_json::from_value::<Draft>(value).is_ok(),
        "MessageRecord" => serde_json::from_value::<Message>(value).is_ok(),
        "OpenThread" => serde_json::from_value::<OpenThread>(value).is_ok(),
        "VersionedThread" => serde_json::from_value::<VersionedThread>(value).is_ok(),
        other => panic!("{other} is not read"),
    }
}

/// T8: a value that the library refuses does not conform to the schema, if JSON Schema can say so.
/// The values at the limits conform.
#[test]
fn t8_values_beyond_a_limit_do_not_conform() {
    let validator = validator();
    let (long, longer) = ("x".repeat(512), "x".repeat(513));
    let (id, longer_id) = ("\u{FEFF}".to_owned() + &"x".repeat(125), "x".repeat(129));
    for (schema, pointer, accepted, refused) in [
        ("BookingPatch", "/profile", json!([null, id]), json!(["", "a b", longer_id, 7])),
        ("BookingPatch", "/id", json!([id]), json!(["", "a\u{3000}b", longer_id])),
        ("BookingPatch", "/status", json!([longer]), json!([null])),
        ("BookingPatch", "/code", json!([null, longer]), json!([1])),
        ("Draft", "/key", json!(["a b"]), json!(["", "a\u{85}b", longer_id])),
        ("Draft", "/seen", json!([0, 2_147_483_647]), json!([-1, 2_147_483_648_u64])),
        ("OpenThread", "/redactions", json!([4_294_967_295_u64]), json!([-1, 4_294_967_296_u64])),
        ("MessageRecord", "/number", json!([2_147_483_647]), json!([0, 2_147_483_648_u64])),
        ("MessageRecord", "/ordinal", json!([2]), json!([0, 2_147_483_648_u64])),
        ("MessageRecord", "/author", json!([id]), json!(["a\u{A0}b", longer_id])),
        ("MessageRecord", "/name", json!([long]), json!(["", "a\nb", longer])),
        (
            "MessageRecord",
            "/body",
            json!(["a\n\tb"]),
            json!(["", "a\rb", "x".repeat((1 << 20) + 1)]),
        ),
        ("VersionedThread", "/revision", json!([1]), json!([-1, 1_u64 << 53])),
        ("VersionedThread", "/state/live/location", json!([id]), json!(["a b", longer_id])),
        ("VersionedThread", "/state/live/firstNumber", json!([1]), json!([0, 2_147_483_648_u64])),
        (
            "VersionedThread",
            "/state/live/redactions",
            json!([0, 2]),
            json!([-1, 2_147_483_648_u64]),
        ),
        (
            "VersionedThread",
            "/state/live/messages/customer",
            json!([1]),
            json!([-1, 4_294_967_296_u64]),
        ),
        (
            "VersionedThread",
            "/state/live/marks/customer/covered",
            json!([0]),
            json!([-1, 2_147_483_648_u64]),
        ),
        (
            "VersionedThread",
            "/state/live/last/preview/text",
            json!(["x".repeat(2_048)]),
            json!(["x".repeat(2_049)]),
        ),
        ("VersionedThread", "/state/live/booking/code", json!(["", long]), json!(["a\nb", longer])),
        ("VersionedThread", "/state/live/booking/activity", json!([long]), json!([longer])),
        ("VersionedThread", "/state/live/booking/shortCode", json!([long]), json!([longer])),
        (
            "VersionedThread",
            "/state/live/booking/status",
            json!(["on hold", long]),
            json!(["a\u{7}", longer]),
        ),
        ("VersionedThread", "/state/live/booking/customerName", json!([long]), json!(["", longer])),
        ("VersionedThread", "/state/live/booking/profile", json!([id]), json!(["a b", longer_id])),
        (
            "VersionedThread",
            "/state/live/booking/durationSecs",
            json!([2_147_483_647]),
            json!([-1, 2_147_483_648_u64]),
        ),
        (
            "VersionedThread",
            "/state/live/booking/version",
            json!([i64::MAX]),
            json!([-1, u64::MAX]),
        ),
    ] {
        let (_, block) = blocks().into_iter().find(|(name, _)| *name == schema).unwrap();
        for (values, is_valid) in [(accepted, true), (refused, false)] {
            for value in values.as_array().unwrap() {
                let changed = with(block.clone(), pointer, value.clone());
                let conforms = validator.validate(&format!("/$defs/{schema}"), &changed).is_ok();
                let found = (conforms, is_read_as(schema, &changed));
                assert_eq!(
                    found,
                    (is_valid, is_valid),
                    "{schema} {pointer} {:.80}",
                    value.to_string()
                );
            }
        }
    }
}

/// P5: the events of each kind conform to the schema, and an event with a field of another kind or
/// without a field of its kind does not.
#[test]
fn p5_each_kind_of_event_conforms_to_its_schema() {
    let fixture = Fixture::new();
    let (kim, ann, admin) = (fixture.kim(), fixture.ann(), fixture.admin());
    block_on(async {
        ann.send("Is it wet?").await.unwrap();
        let id = booking_id("b-1");
        kim.open(&id).await.unwrap();
        kim.mark_unread(&id, 1.try_into().unwrap()).await.unwrap();
        kim.reply(&id, "Bring a jacket.").await.unwrap();
        ann.send("Thanks!").await.unwrap();
        kim.mark_answered(&id, 3.try_into().unwrap()).await.unwrap();
        kim.redact(&id, 3.try_into().unwrap()).await.unwrap();
        admin.refresh(&BookingPatch::new(id.clone()).with_activity("Kayaks")).await.unwrap();
        admin.link(&id, &Booking::enquiry(booking_id("b-2"), "Kayaks")).await.unwrap();
        admin.erase(&id).await.unwrap();
    });
    let events = serde_json::to_value(fixture.events()).unwrap();
    let validator = validator();
    let mut kinds = BTreeSet::new();
    let events = events.as_array().unwrap();
    for event in events {
        assert_eq!(validator.validate("/$defs/Event", event), Ok(()), "{event:#}");
        kinds.insert(event["kind"].as_str().unwrap());
        for name in ["message", "reader", "before", "linked", "last"] {
            let mut changed = event.as_object().unwrap().clone();
            if changed.remove(name).is_none() {
                let value = events.iter().find_map(|event| event.get(name)).unwrap();
                changed.insert(name.to_owned(), value.clone());
            }
            let is_valid = validator.validate("/$defs/Event", &json!(changed)).is_ok();
            assert!(!is_valid, "the field {name} is wrong in {event:#}");
        }
    }
    assert_eq!(kinds.len(), 10, "{kinds:?}");
}

/// A type that serializes has a schema, derived or in `src/schema.rs`.
#[test]
fn each_type_that_serializes_has_a_schema() {
    fn names(pattern: &str, sources: &[String]) -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        let found = sources.iter().flat_map(|source| pattern.captures_iter(source));
        found.map(|found| found[1].to_owned()).collect()
    }
    const TYPE: &str = r"(?:#\[.*\]\n)*(?:pub(?:\(\w+\))? )?(?:struct|enum) (\w+)";
    let sources: Vec<String> = rust_files("src").iter().map(read).collect();
    let mut serialized = names(&format!(r"derive\(.*\bSerialize\b.*\)\]\n{TYPE}"), &sources);
    serialized.extend(names(r"impl(?:<.*>)? (?:serde::)?Serialize for (\w+)", &sources));
    let by_macro = r"(?:impl_string_serde!|define_id!|impl_text!) ?[({](?:\s*///.*\n)*\s*(\w+)";
    serialized.extend(names(by_macro, &sources));
    let mut with_schema = names(&format!(r"schemars::JsonSchema\).*\]\n{TYPE}"), &sources);
    with_schema.extend(names(r"(?m)^    (\w+) = ", &[read("src/schema.rs")]));
    let missing: Vec<_> = serialized.difference(&with_schema).collect();
    assert!(serialized.len() > 50, "only {} types were found", serialized.len());
    assert!(missing.is_empty(), "these types have no schema: {missing:?}");
}
