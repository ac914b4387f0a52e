//! The team's page and its API, as thin handlers over an [`OperatorDesk`].

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use frontdesk::desk::PageRequest;
use frontdesk::view::{
    Header, InboxRow, InboxView, OperatorConversationView, OperatorEntry, OperatorPollView,
};
use frontdesk::{BookingId, MessageNumber, OperatorDesk};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::dates;
use crate::location::Location;
use crate::page;
use crate::parameters::{self, JsonFields, Parameter, QueryParameters};
use crate::problem::Problem;
use crate::session::{OPERATOR_NAME, Session};
use crate::signed_link::percent_encode;
use crate::state::AppState;

/// Number of threads, or of older messages, that the page loads at once.
const PAGE_SIZE: usize = 20;

const AFTER: Parameter = Parameter { name: "after", takes: "the `next` of the previous page" };
const UNREAD: Parameter = Parameter { name: "unread", takes: "true or false" };
const CURSOR: Parameter =
    Parameter { name: "cursor", takes: "the `cursor` of the last poll or of the first page" };
const OPEN: Parameter = Parameter {
    name: "open",
    takes: "null, or an object with the `booking` of the open conversation and the number of \
            the last message that is `shown`",
};
const BOOKING: Parameter = Parameter { name: "booking", takes: "the id of a booking" };
const FROM: Parameter =
    Parameter { name: "from", takes: "the number of the first message to mark as unread" };

type TeamSession = Session<OperatorDesk>;

pub(crate) fn routes() -> Router<Arc<AppState>> {
    Router::new()
        .route("/desk/{location}", get(team_page))
        .route("/api/desk/{location}/inbox", get(inbox))
        .route("/api/desk/{location}/poll", post(poll))
        .route("/api/desk/{location}/dates", post(dates::refresh::<OperatorDesk>))
        .route("/api/desk/{location}/bookings", get(bookings_without_thread))
        .route("/api/desk/{location}/threads", post(start))
        .route("/api/desk/{location}/threads/{booking}", post(open))
        .route("/api/desk/{location}/threads/{booking}/messages", get(history).post(reply))
        .route("/api/desk/{location}/threads/{booking}/unread", post(mark_unread))
}

async fn team_page(session: TeamSession, query: QueryParameters) -> Result<Response, Problem> {
    let inbox = session.desk.inbox(&PageRequest::first(PAGE_SIZE)).await?;
    let link =
        |location: &Arc<Location>| json!({ "name": location.name, "href": location.page_path() });
    let values = json!({
        "inbox": inbox.view(&session.view_context()),
        "operator": OPERATOR_NAME,
        "locations": session.state.locations.iter().map(link).collect::<Vec<_>>(),
    });
    page::render("operator.html", &session, &query, values)
}

async fn inbox(session: TeamSession, query: QueryParameters) -> Result<Json<InboxView>, Problem> {
    let request = match (query.get(AFTER)?, query.get(UNREAD)?) {
        (Some(cursor), _) => PageRequest::after(cursor, PAGE_SIZE),
        (None, Some(true)) => PageRequest::unread(PAGE_SIZE),
        (None, _) => PageRequest::first(PAGE_SIZE),
    };
    Ok(Json(session.desk.inbox(&request).await?.view(&session.view_context())))
}

async fn poll(
    session: TeamSession,
    mut fields: JsonFields,
) -> Result<Json<OperatorPollView>, Problem> {
    let (cursor, open) = (fields.require(CURSOR)?, fields.take(OPEN)?);
    let poll = session.desk.poll(&cursor, open.as_ref()).await?;
    Ok(Json(poll.view(&session.view_context())))
}

async fn bookings_without_thread(session: TeamSession) -> Result<Json<Vec<Header>>, Problem> {
    let bookings = session.location.bookings_without_thread(&session.desk).await?;
    let context = session.view_context();
    Ok(Json(bookings.into_iter().map(|booking| Header::new(booking, &context)).collect()))
}

async fn start(session: TeamSession, mut fields: JsonFields) -> Result<Json<InboxRow>, Problem> {
    let id: BookingId = fields.require(BOOKING)?;
    let mut bookings = session.location.bookings.iter();
    let booking = bookings.find(|booking| booking.id == id).ok_or_else(Problem::not_found)?;
    let thread = session.desk.start(booking.clone()).await?;
    Ok(Json(InboxRow::new(&thread, &session.view_context())))
}

#[derive(Deserialize)]
struct ThreadPath {
    booking: BookingId,
}

/// A conversation with two links of the host application: to the customer's profile in the CRM,
/// and to the customer's page.
#[derive(Serialize)]
struct OpenResponse {
    #[serde(flatten)]
    conversation: OperatorConversationView,
    crm: Option<String>,
    portal: String,
}

async fn open(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
) -> Result<Json<OpenResponse>, Problem> {
    let conversation = session.desk.open(&booking).await?.view(&session.view_context());
    let profile = conversation.profile.as_ref().map(|profile| percent_encode(profile.as_str()));
    let crm = profile.map(|profile| format!("https://crm.example/profiles/{profile}"));
    let portal = session.state.links.portal_path(&session.location.id, &booking);
    Ok(Json(OpenResponse { conversation, crm, portal }))
}

async fn history(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    query: QueryParameters,
) -> Result<Json<OperatorConversationView>, Problem> {
    let before = parameters::before(&query)?;
    let history = session.desk.history(&booking, before, PAGE_SIZE).await?;
    Ok(Json(history.view(&session.view_context())))
}

async fn reply(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    fields: JsonFields,
) -> Result<(StatusCode, Json<OperatorEntry>), Problem> {
    let sent = session.desk.reply(&booking, parameters::draft(fields)?).await?;
    // A retry returns the stored message and adds none (I4).
    let status = if sent.is_replayed() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(sent.view(&session.view_context()))))
}

async fn mark_unread(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    mut fields: JsonFields,
) -> Result<Json<InboxRow>, Problem> {
    let from: MessageNumber = fields.require(FROM)?;
    let thread = session.desk.mark_unread(&booking, from).await?;
    Ok(Json(InboxRow::new(&thread, &session.view_context())))
}
