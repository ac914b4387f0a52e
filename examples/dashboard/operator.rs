//! The team's side: thin handlers over an [`OperatorDesk`].

use std::sync::Arc;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use frontdesk::desk::{
    InboxView, OpenThread, OperatorPollView, PageCursor, PageRequest, PollCursor,
};
use frontdesk::view::{Header, InboxRow, OperatorConversation, OperatorEntry};
use frontdesk::{BookingId, Draft, MessageNumber, OperatorDesk};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::dates;
use crate::host::{Host, Location};
use crate::link;
use crate::login::{At, OPERATOR};
use crate::page::{self, Asked};
use crate::problem::Problem;

/// How many threads or older messages come at once.
const PAGE: usize = 20;

pub(crate) fn routes() -> Router<Arc<Host>> {
    Router::new()
        .route("/desk/{location}", get(team_page))
        .route("/api/desk/{location}/inbox", get(inbox))
        .route("/api/desk/{location}/poll", post(poll))
        .route("/api/desk/{location}/dates", post(dates::say::<OperatorDesk>))
        .route("/api/desk/{location}/bookings", get(bookings))
        .route("/api/desk/{location}/threads", post(start))
        .route("/api/desk/{location}/threads/{booking}", post(open))
        .route("/api/desk/{location}/threads/{booking}/messages", get(history).post(reply))
        .route("/api/desk/{location}/threads/{booking}/unread", post(mark_unread))
}

type Team = At<OperatorDesk>;

async fn team_page(team: Team, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let inbox = team.desk.inbox(&PageRequest::first(PAGE)).await?.view(&team.screen());
    let place = |one: &Arc<Location>| json!({ "name": one.name, "href": one.page() });
    let places: Vec<_> = team.host.locations.iter().map(place).collect();
    let shown = json!({ "inbox": inbox, "operator": OPERATOR, "places": places });
    Ok(page::page("operator.html", &team, &asked, shown))
}

#[derive(Deserialize)]
struct WhichPage {
    after: Option<PageCursor>,
    #[serde(default)]
    unread: bool,
}

async fn inbox(team: Team, Query(which): Query<WhichPage>) -> Result<Json<InboxView>, Problem> {
    let request = match which {
        WhichPage { after: Some(cursor), .. } => PageRequest::after(cursor, PAGE),
        WhichPage { unread: true, .. } => PageRequest::unread(PAGE),
        WhichPage { .. } => PageRequest::first(PAGE),
    };
    Ok(Json(team.desk.inbox(&request).await?.view(&team.screen())))
}

#[derive(Deserialize)]
struct Poll {
    cursor: PollCursor,
    open: Option<OpenThread>,
}

async fn poll(team: Team, Json(poll): Json<Poll>) -> Result<Json<OperatorPollView>, Problem> {
    let news = team.desk.poll(&poll.cursor, poll.open.as_ref()).await?;
    Ok(Json(news.view(&team.screen())))
}

async fn bookings(team: Team) -> Result<Json<Vec<Header>>, Problem> {
    let free = team.location.without_thread(&team.desk).await?;
    Ok(Json(free.into_iter().map(|booking| Header::new(booking, &team.screen())).collect()))
}

async fn start(
    team: Team,
    Json(OfBooking { booking }): Json<OfBooking>,
) -> Result<Json<InboxRow>, Problem> {
    let mut calendar = team.location.bookings.iter();
    let booking = calendar.find(|one| one.id == booking).ok_or_else(Problem::not_found)?;
    let thread = team.desk.start(booking.clone()).await?;
    Ok(Json(InboxRow::new(&thread, &team.screen())))
}

/// A conversation, and where the host has more about its customer.
#[derive(Serialize)]
struct Opened {
    #[serde(flatten)]
    conversation: OperatorConversation,
    crm: Option<String>,
    portal: String,
}

async fn open(
    team: Team,
    Path(OfBooking { booking }): Path<OfBooking>,
) -> Result<Json<Opened>, Problem> {
    let conversation = team.desk.open(&booking).await?.view(&team.screen());
    let profile = conversation.profile.as_ref().map(|profile| link::encoded(profile.as_str()));
    let crm = profile.map(|profile| format!("https://crm.example/profiles/{profile}"));
    let portal = team.host.links.portal(&team.location.id, &booking);
    Ok(Json(Opened { conversation, crm, portal }))
}

#[derive(Deserialize)]
struct OfBooking {
    booking: BookingId,
}

#[derive(Deserialize)]
struct Before {
    before: Option<MessageNumber>,
}

async fn history(
    team: Team,
    Path(OfBooking { booking }): Path<OfBooking>,
    Query(Before { before }): Query<Before>,
) -> Result<Json<OperatorConversation>, Problem> {
    let older = team.desk.history(&booking, before, PAGE).await?;
    Ok(Json(older.view(&team.screen())))
}

async fn reply(
    team: Team,
    Path(OfBooking { booking }): Path<OfBooking>,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<OperatorEntry>), Problem> {
    let sent = team.desk.reply(&booking, draft).await?;
    // A retry of what is stored already stores nothing (I4).
    let status = if sent.is_replayed() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(sent.view(&team.screen()))))
}

#[derive(Deserialize)]
struct From {
    from: MessageNumber,
}

async fn mark_unread(
    team: Team,
    Path(OfBooking { booking }): Path<OfBooking>,
    Json(From { from }): Json<From>,
) -> Result<Json<InboxRow>, Problem> {
    let thread = team.desk.mark_unread(&booking, from).await?;
    Ok(Json(InboxRow::new(&thread, &team.screen())))
}
