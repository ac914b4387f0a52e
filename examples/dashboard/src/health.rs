//! The health of the program, for its administrator: the source of each location's zone, and the
//! version of Unicode that counts grapheme clusters.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use frontdesk::UNICODE_VERSION;
use serde::Serialize;

use crate::state::AppState;

pub(crate) fn routes() -> Router<Arc<AppState>> {
    Router::new().route("/health", get(health))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Health {
    unicode: String,
    locations: Vec<LocationHealth>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct LocationHealth {
    location: String,
    zone: String,
    zone_source: String,
}

/// Returns the health. It contains no data of customers, so it needs no login.
async fn health(State(state): State<Arc<AppState>>) -> Json<Health> {
    let (major, minor, update) = UNICODE_VERSION;
    let locations = state.locations.iter().map(|location| LocationHealth {
        location: location.id.as_str().to_owned(),
        zone: location.zone_name.clone(),
        zone_source: location.zone_source.clone(),
    });
    Json(Health { unicode: format!("{major}.{minor}.{update}"), locations: locations.collect() })
}
