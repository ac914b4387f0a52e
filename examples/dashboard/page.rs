//! The pages as the server puts them together, and the files they ask for.

use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html as Page, IntoResponse, Response};
use frontdesk::Html;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dates;
use crate::link;
use crate::login::At;

/// What a page can be asked for, beside its language.
#[derive(Deserialize)]
pub(crate) struct Asked {
    lang: Option<String>,
    /// Another interval between polls, for tests.
    poll: Option<u64>,
}

/// The templates. What they show is encoded by the crate (T5), and each `{{ }}` in
/// them stands in an element or in a quoted attribute, where that is safe.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, text) in [
        ("head.html", include_str!("page/head.html")),
        ("operator.html", include_str!("page/operator.html")),
        ("portal.html", include_str!("page/portal.html")),
        // The same for what the server shows at first and what a script adds.
        ("row.html", include_str!("page/row.html")),
        ("day.html", include_str!("page/day.html")),
        ("message.html", include_str!("page/message.html")),
    ] {
        templates.add_template(name, text).expect("our templates are well-formed");
    }
    templates.add_filter("part", |text: Option<String>| link::encoded(&text.unwrap_or_default()));
    templates.set_undefined_behavior(UndefinedBehavior::Chainable);
    templates.set_formatter(|out, _, value| {
        if value.is_undefined() || value.is_none() {
            return Ok(());
        }
        let text = value.to_string();
        // `|safe` is for the one text that is `Html` already.
        let html = if value.is_safe() { text } else { Html::encode(&text).to_string() };
        out.write_str(&html).map_err(Into::into)
    });
    templates
});

/// Somebody's page with what it shows, and the language's cookie where one was
/// chosen.
pub(crate) fn page<Desk>(
    template: &str,
    at: &At<Desk>,
    asked: &Asked,
    mut shown: Value,
) -> Response {
    let (screen, language) = (at.screen(), at.language);
    let today = dates::today(&screen);
    let poll = asked.poll.map_or(at.host.poll, |poll| Duration::from_millis(poll.max(50)));
    let both = json!({
        "api": format!("/api{}", at.page),
        "t": language.labels(),
        "labels": language.labels().to_string(),
        "lang": language.tag(),
        "otherLang": language.other().tag(),
        "poll": u64::try_from(poll.as_millis()).unwrap_or(u64::MAX),
        "today": today,
        "todayLabel": screen.heading(today),
        "location": at.location.name,
        "zone": at.location.zone_name,
    });
    if let (Some(shown), Value::Object(both)) = (shown.as_object_mut(), both) {
        shown.extend(both);
    }
    let template = TEMPLATES.get_template(template);
    match template.and_then(|template| template.render(Serde(&shown))) {
        Ok(html) => {
            let kept = format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax", language.tag());
            let chosen = asked.lang.is_some().then_some([(header::SET_COOKIE, kept)]);
            (chosen, Page(html)).into_response()
        }
        Err(error) => {
            eprintln!("dashboard: a template failed: {:?}", error.kind());
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The files of the pages.
pub(crate) async fn asset(Path(file): Path<String>) -> Response {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    let (kind, text) = match file.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("page/style.css")),
        "icon.svg" => ("image/svg+xml", include_str!("page/icon.svg")),
        "operator.js" => (SCRIPT, include_str!("page/operator.js")),
        "portal.js" => (SCRIPT, include_str!("page/portal.js")),
        "shared.js" => (SCRIPT, include_str!("page/shared.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
