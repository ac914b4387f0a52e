//! Checks of each request and security headers of each response.

use axum::extract::Request;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::problem::Problem;

/// Allows scripts, styles, images and requests of this server only, and nothing inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Rejects forged requests, turns plain errors into problems and adds security headers.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    let is_allowed = is_for_this_machine(headers) && (is_read || is_same_origin(headers));
    let mut response = if is_allowed {
        // The task runs to its end even if the browser disconnects. Without the task, the
        // request could be dropped after a commit and before the event of this commit.
        match tokio::spawn(next.run(request)).await {
            Ok(response) => response,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    } else {
        Problem::forged().into_response()
    };
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if is_error && !Problem::is_problem(&response) {
        response = Problem::from_status(status).into_response();
    }
    let headers = response.headers_mut();
    let mut set_default = |name: HeaderName, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set_default(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set_default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The address of a customer's page is a secret, so links must not send it to other sites.
    set_default(header::REFERRER_POLICY, "no-referrer");
    set_default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set_default(header::CACHE_CONTROL, "no-store");
    response
}

/// Returns `true` if the `Host` header names this machine. Returns `false` for the host name of
/// another site, even if the name resolves to this machine (DNS rebinding).
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost"].contains(&name)
}

/// Returns `true` if a request that changes something comes from this server's own pages.
///
/// A form on another site cannot send JSON, and a script on another site would need permission
/// by CORS. Browsers also send the header `Sec-Fetch-Site` or `Origin`. If one of these headers
/// is present, its value must match.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let own_origin = text(header::HOST).map(|host| format!("http://{host}"));
    text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"))
        && text(HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin")
        && text(header::ORIGIN).is_none_or(|origin| own_origin.as_deref() == Some(origin))
}
