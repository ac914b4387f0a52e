//! The customer's side: thin handlers over a [`CustomerDesk`].

use std::sync::Arc;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use frontdesk::desk::{CustomerConversationView, CustomerCursor, CustomerPollView};
use frontdesk::view::{Badge, CustomerConversation, Entry};
use frontdesk::{CustomerDesk, Draft, MessageNumber};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::dates;
use crate::host::Host;
use crate::login::At;
use crate::page::{self, Asked};
use crate::problem::Problem;

/// How many older messages come at once.
const PAGE: usize = 20;

pub(crate) fn routes() -> Router<Arc<Host>> {
    Router::new()
        .route("/portal/{location}/{booking}/{signature}", get(customers_page))
        .route("/api/portal/{location}/{booking}/{signature}/visit", post(visit))
        .route("/api/portal/{location}/{booking}/{signature}/poll", post(poll))
        .route("/api/portal/{location}/{booking}/{signature}/unread", get(unread))
        .route(
            "/api/portal/{location}/{booking}/{signature}/dates",
            post(dates::say::<CustomerDesk>),
        )
        .route("/api/portal/{location}/{booking}/{signature}/messages", get(history).post(send))
}

type Guest = At<CustomerDesk>;

/// Shows the newest messages and marks nothing: whatever loads a page ahead of its
/// reader has not read it. The page's own visit does (U3).
async fn customers_page(guest: Guest, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let newest = guest.desk.history(None, PAGE).await?.view(&guest.screen());
    Ok(page::page("portal.html", &guest, &asked, json!({ "shown": newest })))
}

async fn visit(guest: Guest) -> Result<Json<CustomerConversationView>, Problem> {
    Ok(Json(guest.desk.visit().await?.view(&guest.screen())))
}

#[derive(Deserialize)]
struct Poll {
    cursor: CustomerCursor,
}

async fn poll(guest: Guest, Json(poll): Json<Poll>) -> Result<Json<CustomerPollView>, Problem> {
    Ok(Json(guest.desk.poll(&poll.cursor).await?.view(&guest.screen())))
}

#[derive(Serialize)]
struct Unread {
    unread: u32,
    badge: Badge,
}

async fn unread(guest: Guest) -> Result<Json<Unread>, Problem> {
    let unread = guest.desk.unread().await?;
    Ok(Json(Unread { unread, badge: Badge::new(unread.into()) }))
}

#[derive(Deserialize)]
struct Before {
    before: Option<MessageNumber>,
}

async fn history(
    guest: Guest,
    Query(Before { before }): Query<Before>,
) -> Result<Json<CustomerConversation>, Problem> {
    Ok(Json(guest.desk.history(before, PAGE).await?.view(&guest.screen())))
}

async fn send(
    guest: Guest,
    Json(draft): Json<Draft>,
) -> Result<(StatusCode, Json<Entry>), Problem> {
    let sent = guest.desk.send(draft).await?;
    // A retry of what is stored already stores nothing (I4).
    let status = if sent.is_replayed() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(sent.view(&guest.screen()))))
}
