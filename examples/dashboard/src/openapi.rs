//! The OpenAPI document of the routes, `openapi.json`, which the tests make from the types and from
//! the table of operations.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use axum::http::StatusCode;
use frontdesk::cursor::{CustomerCursor, OpenThread, PollCursor};
use frontdesk::desk::FeedEvent;
use frontdesk::view::{
    CustomerConversationView, CustomerHistoryView, CustomerPollView, Entry, Header, InboxRow,
    InboxView, OperatorConversationView, OperatorEntry, OperatorPollView,
};
use frontdesk::{BookingId, Draft, MessageNumber, Messaging};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::dates::{DatesRequest, DatesResponse};
use crate::health::Health;
use crate::operator::{ConversationResponse, MessagingResponse, RedactResponse};
use crate::portal::UnreadResponse;
use crate::problem::ProblemBody;

#[path = "../../../tests/support/schema_document.rs"]
mod schema_document;

use schema_document::SchemaDocument;

const TEAM: &str = "/api/desk/{location}";
const CUSTOMER: &str = "/api/portal/{location}/{booking}/{signature}";

/// The bodies of requests that the handlers read field by field.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct PollRequest {
    /// The `cursor` of the last poll or of the first page.
    cursor: PollCursor,
    /// The conversation on the screen.
    open: Option<OpenThread>,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct CustomerPollRequest {
    /// The `cursor` of the last poll or of the opened page.
    cursor: CustomerCursor,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct StartRequest {
    /// The booking for which the thread is started.
    booking: BookingId,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct LaterRequest {
    /// The number up to which the page shows every message.
    after: MessageNumber,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct MarkUnreadRequest {
    /// The number of the first message to mark as unread.
    from: MessageNumber,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "only the schema is used")]
struct MarkAnsweredRequest {
    /// The number of the last message that needs no reply.
    up_to: MessageNumber,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct RedactRequest {
    /// The number of the message to remove.
    number: MessageNumber,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct MessagingRequest {
    /// The position of the switch.
    messaging: Messaging,
}

/// The body of a request without parameters.
#[derive(Deserialize, JsonSchema)]
struct EmptyRequest {}

/// The paths of the document.
#[derive(Default)]
struct Paths(Map<String, Value>);

impl Paths {
    /// Adds an operation with the parameters that its path names.
    fn add(&mut self, path: &str, method: &str, id: &str, summary: &str, operation: Value) {
        let names = path.split('{').skip(1).map(|part| part.split('}').next().unwrap());
        let mut parameters: Vec<Value> = names.map(path_parameter).collect();
        let Value::Object(mut operation) = operation else { panic!("{id} is no object") };
        if let Some(Value::Array(query)) = operation.remove("parameters") {
            parameters.extend(query);
        }
        operation.insert("operationId".to_owned(), json!(id));
        operation.insert("summary".to_owned(), json!(summary));
        operation.insert("parameters".to_owned(), json!(parameters));
        let operations = self.0.entry(path).or_insert_with(|| json!({}));
        let replaced =
            operations.as_object_mut().unwrap().insert(method.to_owned(), json!(operation));
        assert!(replaced.is_none(), "{method} {path} occurs twice");
    }
}

fn path_parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

fn query(name: &str, description: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

/// Statuses of problems. Each operation can answer 403, 404, 500 and 503.
const ALWAYS: &[u16] = &[403, 404, 500, 503];
/// Statuses of requests with a body.
const BODY: &[u16] = &[400, 413, 422];

const PROBLEMS: &[(u16, &str, &str)] = &[
    (400, "InvalidJson", "The body is not valid JSON (`request`)."),
    (
        403,
        "Forbidden",
        "The request comes from another site (`forged`), or messaging is off (`messaging-off`).",
    ),
    (
        404,
        "NotFound",
        "The location, the booking, the conversation (`not-found`) or the message (`no-such-message`) does not exist or is out of reach.",
    ),
    (
        409,
        "Conflict",
        "The state of the conversation does not allow the change (`already-has-thread`, `key-reused`, `not-latest`, `thread-full`).",
    ),
    (413, "TooLong", "The body is too long (`too-long`)."),
    (
        422,
        "Unprocessable",
        "A parameter or a text is not valid (`blank`, `control-character`, `cursor`, `invalid-parameter`, `page-limit`, `request`, `too-long`).",
    ),
    (500, "InternalError", "The server failed (`store`, `unexpected`)."),
    (
        503,
        "Unavailable",
        "The same request can succeed later (`busy`, `outcome-unknown`, `unavailable`).",
    ),
];

/// Returns the responses of an operation: the bodies of success, and the statuses of problems.
fn responses(bodies: &[(u16, &str, &Value)], problems: &[&[u16]]) -> Value {
    let mut responses = Map::new();
    for &(status, media_type, schema) in bodies {
        let description = StatusCode::from_u16(status).unwrap().canonical_reason().unwrap();
        let content = json!({ media_type: { "schema": schema } });
        let response = json!({ "description": description, "content": content });
        responses.insert(status.to_string(), response);
    }
    for (status, name, _) in PROBLEMS.iter().filter(|it| problems.concat().contains(&it.0)) {
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.insert(status.to_string(), reference);
    }
    Value::Object(responses)
}

const JSON: &str = "application/json";

fn get(answer: &Value, parameters: &[Value]) -> Value {
    let invalid: &[u16] = if parameters.is_empty() { &[] } else { &[422] };
    let responses = responses(&[(200, JSON, answer)], &[ALWAYS, invalid]);
    json!({ "parameters": parameters, "responses": responses })
}

fn post(request: &Value, answer: &Value, problems: &[u16]) -> Value {
    let responses = responses(&[(200, JSON, answer)], &[ALWAYS, BODY, problems]);
    json!({ "requestBody": body(request), "responses": responses })
}

/// Returns an operation that reads no body. The request has the media type of JSON all the same.
fn post_without_fields(request: &Value, answer: &Value) -> Value {
    let mut body = body(request);
    body["required"] = json!(false);
    json!({ "requestBody": body, "responses": responses(&[(200, JSON, answer)], &[ALWAYS]) })
}

/// Returns an operation that stores a message. The status is 200 if the message was stored before.
fn send(request: &Value, entry: &Value) -> Value {
    let answers = [(200, JSON, entry), (201, JSON, entry)];
    let responses = responses(&answers, &[ALWAYS, BODY, &[409]]);
    json!({ "requestBody": body(request), "responses": responses })
}

fn body(schema: &Value) -> Value {
    json!({ "required": true, "content": { JSON: { "schema": schema } } })
}

/// Returns an operation whose answer is no JSON.
fn file(media_types: &[&str], problems: &[&[u16]], parameters: &[Value]) -> Value {
    let text = json!({ "type": "string" });
    let content: Map<String, Value> =
        media_types.iter().map(|it| ((*it).to_owned(), json!({ "schema": text }))).collect();
    let mut responses = responses(&[], problems);
    responses["200"] = json!({ "description": "OK", "content": content });
    json!({ "parameters": parameters, "responses": responses })
}

fn document() -> Value {
    let mut schemas = SchemaDocument::new("/components/schemas");
    let mut paths = Paths::default();
    let problem = schemas.add_written::<ProblemBody>();
    add_pages(&mut paths, &schemas.add_written::<Health>());
    add_team(&mut paths, &mut schemas);
    add_customer(&mut paths, &mut schemas);
    // No route answers with events. Host applications that forward events use the type.
    schemas.add_written::<FeedEvent>();
    let problems = PROBLEMS.iter().map(|(_, name, description)| {
        let content = json!({ "application/problem+json": { "schema": problem } });
        ((*name).to_owned(), json!({ "description": description, "content": content }))
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The dashboard of frontdesk",
            "description": "The example of a host application. docs/json.md explains the fields.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "http://127.0.0.1:8080" }],
        "security": [],
        "paths": paths.0,
        "components": {
            "responses": problems.collect::<Map<_, _>>(),
            "schemas": schemas.into_schemas(),
        },
    })
}

fn add_pages(paths: &mut Paths, health: &Value) {
    let string = json!({ "type": "string" });
    let page = file(
        &["text/html"],
        &[ALWAYS, &[422]],
        &[
            query("lang", "The language of the page, such as en or de.", &string),
            query("poll", "The milliseconds between two polls.", &json!({ "type": "integer" })),
        ],
    );
    paths.add("/desk/{location}", "get", "teamPage", "Returns the team's page.", page.clone());
    let portal = "/portal/{location}/{booking}/{signature}";
    paths.add(portal, "get", "customerPage", "Returns the customer's page.", page);
    let files = ["text/javascript", "text/css", "image/svg+xml"];
    let asset = file(&files, &[&[403, 404, 500]], &[]);
    paths.add("/assets/{file}", "get", "asset", "Returns a file of the pages.", asset);
    let health = json!({ "responses": responses(&[(200, JSON, health)], &[&[403, 500]]) });
    paths.add("/health", "get", "health", "Returns the versions of zone data and Unicode.", health);
}

fn add_team(paths: &mut Paths, schemas: &mut SchemaDocument) {
    let row = schemas.add_written::<InboxRow>();
    let conversation = schemas.add_written::<ConversationResponse>();
    let number = schemas.add_read::<MessageNumber>();
    let string = json!({ "type": "string" });
    let list = json!({ "type": "string", "enum": ["all", "unread", "waiting"] });
    let parameters = [
        query("list", "The list: all, unread or waiting.", &list),
        query("after", "The `next` of the previous page, which contains the list.", &string),
    ];
    let operation = get(&schemas.add_written::<InboxView>(), &parameters);
    paths.add(&format!("{TEAM}/inbox"), "get", "inbox", "Returns a page of a list.", operation);
    let answer = schemas.add_written::<OperatorPollView>();
    let operation = post(&schemas.add_read::<PollRequest>(), &answer, &[]);
    let summary = "Returns the changes since a cursor.";
    paths.add(&format!("{TEAM}/poll"), "post", "poll", summary, operation);
    let answer = schemas.add_written::<DatesResponse>();
    let operation = post(&schemas.add_read::<DatesRequest>(), &answer, &[]);
    let summary = "Returns current texts for times and dates.";
    paths.add(&format!("{TEAM}/dates"), "post", "dates", summary, operation);
    let bookings = json!({ "type": "array", "items": schemas.add_written::<Header>() });
    let summary = "Returns the bookings without a conversation.";
    paths.add(&format!("{TEAM}/bookings"), "get", "bookings", summary, get(&bookings, &[]));
    let operation = post(&schemas.add_read::<StartRequest>(), &row, &[409]);
    let summary = "Starts the conversation of a booking.";
    paths.add(&format!("{TEAM}/threads"), "post", "start", summary, operation);
    let operation = post(
        &schemas.add_read::<MessagingRequest>(),
        &schemas.add_written::<MessagingResponse>(),
        &[],
    );
    let summary = "Switches messaging for the location's customers on or off.";
    paths.add(&format!("{TEAM}/messaging"), "post", "setMessaging", summary, operation);

    let thread = format!("{TEAM}/threads/{{booking}}");
    let mut add = |path: &str, method: &str, id: &str, summary: &str, operation: Value| {
        paths.add(&format!("{thread}{path}"), method, id, summary, operation);
    };
    let operation = post_without_fields(&schemas.add_read::<EmptyRequest>(), &conversation);
    add("", "post", "open", "Opens a conversation and marks it as read.", operation);
    let before = query("before", "The number before which the messages end.", &number);
    let summary = "Returns the newest messages, or those before a number.";
    add("/messages", "get", "messages", summary, get(&conversation, &[before]));
    let operation = send(&schemas.add_read::<Draft>(), &schemas.add_written::<OperatorEntry>());
    add("/messages", "post", "reply", "Sends a reply.", operation);
    let later = schemas.add_written::<OperatorConversationView>();
    let operation = post(&schemas.add_read::<LaterRequest>(), &later, &[]);
    add("/later", "post", "later", "Returns the messages after a number.", operation);
    let operation = post(&schemas.add_read::<MarkUnreadRequest>(), &row, &[]);
    add("/unread", "post", "markUnread", "Marks messages as unread.", operation);
    let operation = post(&schemas.add_read::<MarkAnsweredRequest>(), &row, &[]);
    add("/answered", "post", "markAnswered", "Ends the wait for a reply.", operation);
    let answer = schemas.add_written::<RedactResponse>();
    let operation = post(&schemas.add_read::<RedactRequest>(), &answer, &[]);
    add("/redact", "post", "redact", "Removes the text of a message for good.", operation);
}

fn add_customer(paths: &mut Paths, schemas: &mut SchemaDocument) {
    let conversation = schemas.add_written::<CustomerConversationView>();
    let number = schemas.add_read::<MessageNumber>();
    let mut add = |path: &str, method: &str, id: &str, summary: &str, operation: Value| {
        paths.add(&format!("{CUSTOMER}{path}"), method, id, summary, operation);
    };
    let operation = post_without_fields(&schemas.add_read::<EmptyRequest>(), &conversation);
    let summary = "Opens the customer's conversation and marks it as read.";
    add("/open", "post", "customerOpen", summary, operation);
    let operation = post(&schemas.add_read::<LaterRequest>(), &conversation, &[]);
    add("/later", "post", "customerLater", "Returns the messages after a number.", operation);
    let answer = schemas.add_written::<CustomerPollView>();
    let operation = post(&schemas.add_read::<CustomerPollRequest>(), &answer, &[]);
    add("/poll", "post", "customerPoll", "Returns the changes since a cursor.", operation);
    let operation = get(&schemas.add_written::<UnreadResponse>(), &[]);
    add("/unread", "get", "customerUnread", "Returns the number of unread messages.", operation);
    let answer = schemas.add_written::<DatesResponse>();
    let operation = post(&schemas.add_read::<DatesRequest>(), &answer, &[]);
    let summary = "Returns current texts for times and dates.";
    add("/dates", "post", "customerDates", summary, operation);
    let before = query("before", "The number before which the messages end.", &number);
    let operation = get(&schemas.add_written::<CustomerHistoryView>(), &[before]);
    let summary = "Returns the newest messages, or those before a number.";
    add("/messages", "get", "customerMessages", summary, operation);
    let operation = send(&schemas.add_read::<Draft>(), &schemas.add_written::<Entry>());
    add("/messages", "post", "customerSend", "Sends a message.", operation);
}

/// Writes `openapi.json` anew.
const WRITE: &str = "FRONTDESK_WRITE_SCHEMA=1 cargo test -p dashboard openapi";

#[test]
fn the_openapi_document_is_that_of_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let made = format!("{:#}\n", document());
    if env::var("FRONTDESK_WRITE_SCHEMA").is_ok_and(|value| value == "1") {
        fs::write(&file, &made).unwrap();
    }
    let is_same = fs::read_to_string(file).is_ok_and(|text| text == made);
    assert!(is_same, "openapi.json differs from the document of the routes: run {WRITE}");
}

/// Returns the method and the path of each operation of the document.
fn documented_operations() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, operations)| {
        operations.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
    });
    operations.collect()
}

#[test]
fn each_route_is_in_the_openapi_document() {
    let route = r#"\.route\(\s*(?:&format!\()?"([^"]+)"\)?,\s*(.*)\)"#;
    let (route, method) = (Regex::new(route).unwrap(), Regex::new(r"\b(get|post)\(").unwrap());
    let mut routes = BTreeSet::new();
    for source in [
        include_str!("main.rs"),
        include_str!("health.rs"),
        include_str!("operator.rs"),
        include_str!("portal.rs"),
    ] {
        for found in route.captures_iter(source) {
            let path = found[1].replace("{API}", CUSTOMER).replace("{*", "{");
            let methods = method.captures_iter(&found[2]);
            routes.extend(methods.map(|method| (method[1].to_owned(), path.clone())));
        }
    }
    assert!(routes.len() > 20, "only {} routes were found", routes.len());
    assert_eq!(routes, documented_operations());
}

/// Each status is tested in `tests/api.rs`, except those that the tests cannot cause over HTTP.
#[test]
fn each_status_of_the_openapi_document_is_tested() {
    let tests = include_str!("../tests/api.rs");
    let statuses = Regex::new(r"StatusCode::([A-Z_]+)").unwrap();
    let tested: BTreeSet<&str> =
        statuses.captures_iter(tests).map(|it| it.extract::<1>().1[0]).collect();
    // A store in memory does not fail.
    let not_tested = ["INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"];
    let documented = PROBLEMS.iter().map(|(status, _, _)| *status).chain([200, 201]);
    for status in documented {
        let status = StatusCode::from_u16(status).unwrap();
        let name = status.canonical_reason().unwrap().to_uppercase().replace(' ', "_");
        assert!(tested.contains(&*name) || not_tested.contains(&&*name), "{status} is not tested");
    }
}
