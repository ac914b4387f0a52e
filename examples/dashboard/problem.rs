//! What went wrong, as RFC 9457 has it. No problem has a customer's words in it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use frontdesk::store::StoreErrorKind;
use frontdesk::{BodyError, DeskError};
use serde_json::json;

/// A status, a word for the page to translate, and what to tell a developer.
pub(crate) struct Problem {
    status: StatusCode,
    kind: &'static str,
    detail: String,
}

impl Problem {
    const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

    /// What is out of reach looks like what does not exist (A1).
    pub(crate) fn not_found() -> Self {
        DeskError::NotFound.into()
    }

    /// A request that another site made up.
    pub(crate) fn forged() -> Self {
        let detail = "the request is not from this page".to_owned();
        Self { status: StatusCode::FORBIDDEN, kind: "forged", detail }
    }

    /// What the web framework refused. Its own text is dropped: it may quote what
    /// it could not read.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let detail = status.canonical_reason().unwrap_or_default().to_lowercase();
        let too_long = status == StatusCode::PAYLOAD_TOO_LARGE;
        Self { status, kind: if too_long { "too-long" } else { "request" }, detail }
    }

    pub(crate) fn is_in(response: &Response) -> bool {
        response.headers().get(header::CONTENT_TYPE) == Some(&Self::MEDIA_TYPE)
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let (status, kind) = match &error {
            DeskError::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            DeskError::NoSuchMessage { .. } => (StatusCode::NOT_FOUND, "no-such-message"),
            DeskError::Body(body) => (StatusCode::UNPROCESSABLE_ENTITY, of_body(body)),
            DeskError::PageLimit { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "page-limit"),
            DeskError::Cursor(_) => (StatusCode::UNPROCESSABLE_ENTITY, "cursor"),
            DeskError::MessagingOff => (StatusCode::FORBIDDEN, "messaging-off"),
            DeskError::KeyReused => (StatusCode::CONFLICT, "key-reused"),
            DeskError::ThreadFull(_) => (StatusCode::CONFLICT, "thread-full"),
            DeskError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            DeskError::Store(store) => match store.kind() {
                StoreErrorKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
                StoreErrorKind::OutcomeUnknown => {
                    (StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown")
                }
                _ => (StatusCode::INTERNAL_SERVER_ERROR, "store"),
            },
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "unexpected"),
        };
        Self { status, kind, detail: error.to_string() }
    }
}

fn of_body(error: &BodyError) -> &'static str {
    match error {
        BodyError::Blank => "blank",
        BodyError::Control { .. } => "control-character",
        _ => "too-long",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("urn:frontdesk:problem:{}", self.kind),
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, Self::MEDIA_TYPE);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            // With the same key; the page does that when its reader says so.
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
