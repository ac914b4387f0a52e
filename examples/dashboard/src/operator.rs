//! The team's page and its API, as thin handlers over an [`OperatorDesk`].

use std::str::FromStr;
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
use frontdesk::{BookingId, DeskError, MessageNumber, Messaging, OperatorDesk};
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
const LIST: Parameter = Parameter { name: "list", takes: "all, unread or waiting" };
const CURSOR: Parameter =
    Parameter { name: "cursor", takes: "the `cursor` of the last poll or of the first page" };
const OPEN: Parameter = Parameter {
    name: "open",
    takes: "null, or an object with the `booking` of the open conversation, the number of the last \
            message that is `shown`, and, if they are known, the number of `redactions` and the \
            number of the last message that was `read`",
};
const BOOKING: Parameter = Parameter { name: "booking", takes: "the id of a booking" };
const FROM: Parameter =
    Parameter { name: "from", takes: "the number of the first message to mark as unread" };
const UP_TO: Parameter =
    Parameter { name: "upTo", takes: "the number of the last message that needs no reply" };
const NUMBER: Parameter =
    Parameter { name: "number", takes: "the number of the message to remove" };
const MESSAGING: Parameter = Parameter { name: "messaging", takes: "on or off" };

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
        .route("/api/desk/{location}/threads/{booking}/later", post(later))
        .route("/api/desk/{location}/threads/{booking}/unread", post(mark_unread))
        .route("/api/desk/{location}/threads/{booking}/answered", post(mark_answered))
        .route("/api/desk/{location}/threads/{booking}/redact", post(redact))
        .route("/api/desk/{location}/messaging", post(set_messaging))
}

async fn team_page(session: TeamSession, query: QueryParameters) -> Result<Response, Problem> {
    let inbox = session.desk.inbox(&PageRequest::first(PAGE_SIZE)).await?;
    let link =
        |location: &Arc<Location>| json!({ "name": location.name, "href": location.page_path() });
    let values = json!({
        "inbox": inbox.view(&session.view_context()),
        "operator": OPERATOR_NAME,
        "messaging": session.location.messaging(),
        "locations": session.state.locations.iter().map(link).collect::<Vec<_>>(),
    });
    page::render("operator.html", &session, &query, values)
}

/// A list of the location's threads.
enum InboxList {
    All,
    Unread,
    Waiting,
}

impl FromStr for InboxList {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "all" => Ok(Self::All),
            "unread" => Ok(Self::Unread),
            "waiting" => Ok(Self::Waiting),
            _ => Err(()),
        }
    }
}

async fn inbox(session: TeamSession, query: QueryParameters) -> Result<Json<InboxView>, Problem> {
    let request = match (query.get(AFTER)?, query.get(LIST)?) {
        // The cursor of a page contains the list.
        (Some(cursor), _) => PageRequest::after(cursor, PAGE_SIZE),
        (None, Some(InboxList::Unread)) => PageRequest::unread(PAGE_SIZE),
        (None, Some(InboxList::Waiting)) => PageRequest::waiting(PAGE_SIZE),
        (None, Some(InboxList::All) | None) => PageRequest::first(PAGE_SIZE),
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ConversationResponse {
    #[serde(flatten)]
    conversation: OperatorConversationView,
    /// The address of the customer's CRM profile.
    crm: Option<String>,
    /// The path of the customer's page.
    portal: String,
}

impl ConversationResponse {
    fn new(session: &TeamSession, conversation: OperatorConversationView) -> Self {
        let profile = conversation.profile.as_ref().map(|profile| percent_encode(profile.as_str()));
        let crm = profile.map(|profile| format!("https://crm.example/profiles/{profile}"));
        let booking = &conversation.header.booking;
        let portal = session.state.links.portal_path(&session.location.id, booking);
        Self { conversation, crm, portal }
    }
}

async fn open(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
) -> Result<Json<ConversationResponse>, Problem> {
    let conversation = session.desk.open(&booking).await?.view(&session.view_context());
    Ok(Json(ConversationResponse::new(&session, conversation)))
}

/// Reads older messages, or the newest messages for a page that nobody looks at, and marks nothing
/// as read.
async fn history(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    query: QueryParameters,
) -> Result<Json<ConversationResponse>, Problem> {
    let before = parameters::before(&query)?;
    let history = session.desk.history(&booking, before, PAGE_SIZE).await?;
    let conversation = history.view(&session.view_context());
    Ok(Json(ConversationResponse::new(&session, conversation)))
}

/// Reads the messages after the messages that the page shows, and marks them as read. The team's
/// page uses polls instead, because a poll can say which messages were in view.
async fn later(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    mut fields: JsonFields,
) -> Result<Json<OperatorConversationView>, Problem> {
    let after = fields.require(parameters::AFTER_NUMBER)?;
    let later = session.desk.later(&booking, after, PAGE_SIZE).await?;
    Ok(Json(later.view(&session.view_context())))
}

async fn reply(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    fields: JsonFields,
) -> Result<(StatusCode, Json<OperatorEntry>), Problem> {
    let sent = match session.desk.reply(&booking, parameters::draft(fields)?).await {
        Err(DeskError::NotLatest(newer)) => {
            let newer_messages = newer.view(&session.view_context());
            let problem = Problem::from(DeskError::NotLatest(newer));
            return Err(problem.with_newer_messages(newer_messages));
        }
        sent => sent?,
    };
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

/// Ends the wait for a reply without a reply (U5).
async fn mark_answered(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    mut fields: JsonFields,
) -> Result<Json<InboxRow>, Problem> {
    let up_to: MessageNumber = fields.require(UP_TO)?;
    let thread = session.desk.mark_answered(&booking, up_to).await?;
    Ok(Json(InboxRow::new(&thread, &session.view_context())))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RedactResponse {
    /// `false` if the message was removed before.
    removed: bool,
}

/// Removes the text of a message for good (T9). The pages get the changed message with their next
/// polls.
async fn redact(
    session: TeamSession,
    Path(ThreadPath { booking }): Path<ThreadPath>,
    mut fields: JsonFields,
) -> Result<Json<RedactResponse>, Problem> {
    let number: MessageNumber = fields.require(NUMBER)?;
    let removed = session.desk.redact(&booking, number).await?;
    Ok(Json(RedactResponse { removed }))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MessagingResponse {
    messaging: Messaging,
}

/// Switches messaging for the location's customers on or off (L4).
async fn set_messaging(
    session: TeamSession,
    mut fields: JsonFields,
) -> Result<Json<MessagingResponse>, Problem> {
    let messaging = fields.require(MESSAGING)?;
    session.location.set_messaging(messaging);
    Ok(Json(MessagingResponse { messaging }))
}
