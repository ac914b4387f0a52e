//! What stands before every request and around every answer.

use axum::extract::Request;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;

/// No script, style or request but this server's own; nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Refuses what another site made up, and says what browsers may do with answers.
pub(crate) async fn watch(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let here = is_here(headers);
    let mut response = if here && (reads || is_own(headers)) {
        // To its end, although the browser may have gone: else nobody would be told of
        // what was committed.
        match tokio::spawn(next.run(request)).await {
            Ok(response) => response,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    } else {
        Problem::forged().into_response()
    };
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !Problem::is_in(&response) {
        response = Problem::of_status(status).into_response();
    }
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::CONTENT_SECURITY_POLICY, POLICY);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // A customer's link is a secret.
    say(header::REFERRER_POLICY, "no-referrer");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    say(header::CACHE_CONTROL, "no-store");
    response
}

/// Whether the browser was asked for this machine: a name of somebody else's that
/// was made to point here (DNS rebinding) is not.
fn is_here(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost"].contains(&name)
}

/// Whether what changes something comes from one of our own pages. No form of
/// another site sends JSON, and its scripts would have to ask first. Browsers also
/// say where a request is from, with one of the two at least.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let own_origin = text(header::HOST).map(|host| format!("http://{host}"));
    text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"))
        && text(HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin")
        && text(header::ORIGIN).is_none_or(|origin| own_origin.as_deref() == Some(origin))
}
