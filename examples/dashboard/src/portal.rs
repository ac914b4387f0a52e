//! The customer's page and its API, as thin handlers over a [`CustomerDesk`].

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use frontdesk::CustomerDesk;
use frontdesk::view::{
    Badge, CustomerConversationView, CustomerHistoryView, CustomerPollView, Entry,
};
use serde::Serialize;
use serde_json::json;

use crate::dates;
use crate::page;
use crate::parameters::{self, JsonFields, Parameter, QueryParameters};
use crate::problem::Problem;
use crate::session::Session;
use crate::state::AppState;

/// Number of older or later messages that the page loads at once.
const PAGE_SIZE: usize = 20;

const CURSOR: Parameter =
    Parameter { name: "cursor", takes: "the `cursor` of the last poll or of the opened page" };

type CustomerSession = Session<CustomerDesk>;

pub(crate) fn routes() -> Router<Arc<AppState>> {
    const API: &str = "/api/portal/{location}/{booking}/{signature}";
    Router::new()
        .route("/portal/{location}/{booking}/{signature}", get(customer_page))
        .route(&format!("{API}/open"), post(open))
        .route(&format!("{API}/later"), post(later))
        .route(&format!("{API}/poll"), post(poll))
        .route(&format!("{API}/unread"), get(unread))
        .route(&format!("{API}/dates"), post(dates::refresh::<CustomerDesk>))
        .route(&format!("{API}/messages"), get(history).post(send))
}

/// Renders the newest messages and marks nothing as read, because a browser may load a page
/// that nobody looks at. The script of the page opens the conversation, which marks the
/// messages as read (U3).
async fn customer_page(
    session: CustomerSession,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let history = session.desk.history(None, PAGE_SIZE).await?.view(&session.view_context());
    page::render("portal.html", &session, &query, json!({ "conversation": history }))
}

async fn open(session: CustomerSession) -> Result<Json<CustomerConversationView>, Problem> {
    Ok(Json(session.desk.open().await?.view(&session.view_context())))
}

/// Reads the messages after the messages that the page shows, and marks them as read (U3).
async fn later(
    session: CustomerSession,
    mut fields: JsonFields,
) -> Result<Json<CustomerConversationView>, Problem> {
    let after = fields.require(parameters::AFTER_NUMBER)?;
    let later = session.desk.later(after, PAGE_SIZE).await?;
    Ok(Json(later.view(&session.view_context())))
}

async fn poll(
    session: CustomerSession,
    mut fields: JsonFields,
) -> Result<Json<CustomerPollView>, Problem> {
    let cursor = fields.require(CURSOR)?;
    Ok(Json(session.desk.poll(&cursor).await?.view(&session.view_context())))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct UnreadResponse {
    unread: u32,
    badge: Badge,
}

async fn unread(session: CustomerSession) -> Result<Json<UnreadResponse>, Problem> {
    let unread = session.desk.unread_messages().await?;
    Ok(Json(UnreadResponse { unread, badge: Badge::new(unread.into()) }))
}

async fn history(
    session: CustomerSession,
    query: QueryParameters,
) -> Result<Json<CustomerHistoryView>, Problem> {
    let before = parameters::before(&query)?;
    Ok(Json(session.desk.history(before, PAGE_SIZE).await?.view(&session.view_context())))
}

async fn send(
    session: CustomerSession,
    fields: JsonFields,
) -> Result<(StatusCode, Json<Entry>), Problem> {
    let sent = session.desk.send(parameters::draft(fields)?).await?;
    // A retry returns the stored message and adds none (I4).
    let status = if sent.is_replayed() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(sent.view(&session.view_context()))))
}
