//! Dates and relative times that become outdated on an open page.
//!
//! The pages compute no dates, because dates are those of the location's zone (W4) in the
//! page's language. Each page asks the server for new texts once a minute.

use std::collections::BTreeMap;

use axum::Json;
use frontdesk::calendar::DateGroup;
use frontdesk::view::ViewContext;
use frontdesk::{SingleLine, Timestamp};
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;

use crate::session::Session;

/// The instants and the dates that a page shows.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DatesRequest {
    times: Vec<String>,
    /// The instants since which threads wait for a reply.
    #[serde(default)]
    waits: Vec<String>,
    dates: Vec<String>,
}

/// The current texts for these instants and dates. Invalid instants and dates are left out.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DatesResponse {
    today: DateGroup,
    times: BTreeMap<String, SingleLine>,
    waits: BTreeMap<String, SingleLine>,
    dates: BTreeMap<String, SingleLine>,
}

/// Returns the current date of the location.
pub(crate) fn today(context: &ViewContext<'_>) -> DateGroup {
    let today = context.local(context.now()).date();
    DateGroup::new(today, today)
}

/// Handles a request for new texts.
pub(crate) async fn refresh<Desk>(
    session: Session<Desk>,
    Json(request): Json<DatesRequest>,
) -> Json<DatesResponse> {
    let (context, today) = (session.view_context(), today(&session.view_context()));
    let relative = |text: String| {
        let time = text.parse::<Timestamp>().ok()?;
        Some((text, context.relative(time)))
    };
    let wait = |text: String| {
        let since = text.parse::<Timestamp>().ok()?;
        Some((text, context.waiting_for(since)))
    };
    let heading = |text: String| {
        let date = Date::parse(&text, format_description!("[year]-[month]-[day]")).ok()?;
        Some((text, context.heading(DateGroup::new(date, today.date))))
    };
    Json(DatesResponse {
        today,
        times: request.times.into_iter().filter_map(relative).collect(),
        waits: request.waits.into_iter().filter_map(wait).collect(),
        dates: request.dates.into_iter().filter_map(heading).collect(),
    })
}
