//! The HTTP API without a browser.

#[path = "support/server.rs"]
mod server;

use axum::body::{self, Body};
use axum::http::{Method, Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
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
    let mut request = Request::builder().method(method).uri(url);
    request = request.header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request
            .headers_mut()
            .unwrap()
            .insert(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let response = client.request(request).await.unwrap();
    let status = response.status();
    let body = body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
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
        (format!("{team}/inbox?unread=x7"), "unread"),
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
