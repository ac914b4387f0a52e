//! What grows old on a page that stays open: how long ago something was, and which
//! day is today. The page asks again, since dates are the location's (W4) and in
//! its own language; it makes none itself.

use std::collections::BTreeMap;

use axum::Json;
use frontdesk::calendar::DateGroup;
use frontdesk::view::Screen;
use frontdesk::{OneLine, Timestamp};
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;

use crate::login::At;

#[derive(Deserialize)]
pub(crate) struct Dates {
    times: Vec<String>,
    dates: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Said {
    today: DateGroup,
    times: BTreeMap<String, OneLine>,
    dates: BTreeMap<String, OneLine>,
}

/// The location's date.
pub(crate) fn today(screen: &Screen<'_>) -> DateGroup {
    let today = screen.local(screen.now()).date();
    DateGroup::new(today, today)
}

pub(crate) async fn say<Desk>(at: At<Desk>, Json(asked): Json<Dates>) -> Json<Said> {
    let (screen, today) = (at.screen(), today(&at.screen()));
    let relative = |at: String| {
        let then = at.parse::<Timestamp>().ok()?;
        Some((at, screen.relative(then)))
    };
    let heading = |text: String| {
        let date = Date::parse(&text, format_description!("[year]-[month]-[day]")).ok()?;
        Some((text, screen.heading(DateGroup::new(date, today.date))))
    };
    Json(Said {
        today,
        times: asked.times.into_iter().filter_map(relative).collect(),
        dates: asked.dates.into_iter().filter_map(heading).collect(),
    })
}
