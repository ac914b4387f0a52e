//! Errors as problem details (RFC 9457). No error contains a customer's text, except that the
//! refusal of a conditional reply contains the newer messages.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use frontdesk::store::StoreErrorKind;
use frontdesk::view::OperatorConversationView;
use frontdesk::{BodyError, DeskError};
use serde::Serialize;

/// An error response.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    /// The end of the problem's `type`. For each kind, the pages have a text in their language.
    kind: &'static str,
    /// A text for developers.
    pub(crate) detail: String,
    newer_messages: Option<Box<OperatorConversationView>>,
}

/// The body of an error response (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemBody {
    /// `urn:frontdesk:problem:` and the kind of the problem.
    r#type: String,
    /// The standard text of the status.
    title: Option<&'static str>,
    /// The status of the response.
    status: u16,
    /// A text for developers.
    detail: String,
    /// The newer messages because of which a conditional reply was refused (L6).
    #[serde(skip_serializing_if = "Option::is_none")]
    newer_messages: Option<Box<OperatorConversationView>>,
}

impl Problem {
    const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

    fn new(status: StatusCode, kind: &'static str, detail: String) -> Self {
        Self { status, kind, detail, newer_messages: None }
    }

    /// Adds the newer messages, as a further member of the problem (RFC 9457, section 3.2).
    pub(crate) fn with_newer_messages(mut self, view: OperatorConversationView) -> Self {
        self.newer_messages = Some(Box::new(view));
        self
    }

    /// Makes the problem for everything that does not exist or is out of reach (A1).
    pub(crate) fn not_found() -> Self {
        DeskError::NotFound.into()
    }

    /// Makes the problem for a request that another site sent.
    pub(crate) fn forged() -> Self {
        let detail = "the request does not come from a page of this server".to_owned();
        Self::new(StatusCode::FORBIDDEN, "forged", detail)
    }

    /// Makes the problem for a request with an invalid parameter.
    pub(crate) fn invalid_parameter(detail: String) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-parameter", detail)
    }

    /// Makes the problem for a request that the web framework rejected. The framework's own
    /// text is dropped because that text may quote the request.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        let detail = status.canonical_reason().unwrap_or_default().to_lowercase();
        let is_too_long = status == StatusCode::PAYLOAD_TOO_LARGE;
        Self::new(status, if is_too_long { "too-long" } else { "request" }, detail)
    }

    /// Returns `true` if a response is a problem already.
    pub(crate) fn is_problem(response: &Response) -> bool {
        response.headers().get(header::CONTENT_TYPE) == Some(&Self::MEDIA_TYPE)
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let (status, kind) = match &error {
            DeskError::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            DeskError::NoSuchMessage { .. } => (StatusCode::NOT_FOUND, "no-such-message"),
            DeskError::Body(body) => (StatusCode::UNPROCESSABLE_ENTITY, body_kind(body)),
            DeskError::PageLimit { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "page-limit"),
            DeskError::Cursor(_) => (StatusCode::UNPROCESSABLE_ENTITY, "cursor"),
            DeskError::MessagingOff => (StatusCode::FORBIDDEN, "messaging-off"),
            DeskError::KeyReused => (StatusCode::CONFLICT, "key-reused"),
            DeskError::NotLatest(_) => (StatusCode::CONFLICT, "not-latest"),
            DeskError::AlreadyHasThread => (StatusCode::CONFLICT, "already-has-thread"),
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
        Self::new(status, kind, error.to_string())
    }
}

fn body_kind(error: &BodyError) -> &'static str {
    match error {
        BodyError::Blank => "blank",
        BodyError::Control { .. } => "control-character",
        _ => "too-long",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            r#type: format!("urn:frontdesk:problem:{}", self.kind),
            title: self.status.canonical_reason(),
            status: self.status.as_u16(),
            detail: self.detail,
            newer_messages: self.newer_messages,
        };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, Self::MEDIA_TYPE);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            // A retry is safe with the same idempotency key (I4).
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
