//! The HTML pages and their static files.

use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use frontdesk::EncodedHtml;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Value, json};

use crate::dates;
use crate::parameters::{Parameter, QueryParameters};
use crate::problem::Problem;
use crate::session::Session;
use crate::signed_link::percent_encode;

const LANG: Parameter = Parameter { name: "lang", takes: "a language tag, such as en or de" };
const POLL: Parameter =
    Parameter { name: "poll", takes: "the milliseconds between two polls, for tests" };

/// The shortest time between two polls that a page accepts.
pub(crate) const MIN_POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The templates. The library encodes each value as HTML (T5), and each `{{ }}` is in an element
/// or in a quoted attribute, where encoded text is safe.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, text) in [
        ("head.html", include_str!("../page/head.html")),
        ("operator.html", include_str!("../page/operator.html")),
        ("portal.html", include_str!("../page/portal.html")),
        // The scripts copy these three templates when they add content to the page.
        ("inbox_row.html", include_str!("../page/inbox_row.html")),
        ("date_section.html", include_str!("../page/date_section.html")),
        ("message.html", include_str!("../page/message.html")),
    ] {
        templates.add_template(name, text).expect("the templates are valid");
    }
    let encode = |text: Option<String>| percent_encode(&text.unwrap_or_default());
    templates.add_filter("percent_encode", encode);
    templates.set_undefined_behavior(UndefinedBehavior::Chainable);
    templates.set_formatter(|out, _, value| {
        if value.is_undefined() || value.is_none() {
            return Ok(());
        }
        let text = value.to_string();
        // `|safe` marks the only value that is encoded already.
        let html = if value.is_safe() { text } else { EncodedHtml::encode(&text).to_string() };
        out.write_str(&html).map_err(Into::into)
    });
    templates
});

/// Renders a page with `values` and the values that both pages need. If the query names a
/// language, the response sets a cookie that keeps the language.
pub(crate) fn render<Desk>(
    template: &str,
    session: &Session<Desk>,
    query: &QueryParameters,
    mut values: Value,
) -> Result<Response, Problem> {
    let (context, language) = (session.view_context(), session.language);
    let today = dates::today(&context);
    let poll = query.get(POLL)?.map(Duration::from_millis);
    let poll = poll.map_or(session.state.poll_interval, |poll| poll.max(MIN_POLL_INTERVAL));
    let common = json!({
        "api": format!("/api{}", session.page_path),
        "t": language.labels(),
        "labels": language.labels().to_string(),
        "lang": language.tag(),
        "otherLang": language.alternative().tag(),
        "poll": u64::try_from(poll.as_millis()).unwrap_or(u64::MAX),
        "today": today,
        "todayLabel": context.heading(today),
        "location": session.location.name,
        "zone": session.location.zone_name,
    });
    if let (Some(values), Value::Object(common)) = (values.as_object_mut(), common) {
        values.extend(common);
    }
    let template = TEMPLATES.get_template(template);
    match template.and_then(|template| template.render(Serde(&values))) {
        Ok(html) => {
            let cookie = format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax", language.tag());
            let is_chosen = query.get::<String>(LANG)?.is_some();
            let cookie = is_chosen.then_some([(header::SET_COOKIE, cookie)]);
            Ok((cookie, Html(html)).into_response())
        }
        Err(error) => {
            eprintln!("dashboard: a template failed: {:?}", error.kind());
            Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    }
}

/// Serves the static files.
pub(crate) async fn asset(Path(file): Path<String>) -> Response {
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    let (media_type, text) = match file.as_str() {
        "style.css" => ("text/css; charset=utf-8", include_str!("../page/style.css")),
        "icon.svg" => ("image/svg+xml", include_str!("../page/icon.svg")),
        "operator.js" => (SCRIPT, include_str!("../page/operator.js")),
        "portal.js" => (SCRIPT, include_str!("../page/portal.js")),
        "composer.js" => (SCRIPT, include_str!("../page/composer.js")),
        "conversation.js" => (SCRIPT, include_str!("../page/conversation.js")),
        "dates.js" => (SCRIPT, include_str!("../page/dates.js")),
        "removal.js" => (SCRIPT, include_str!("../page/removal.js")),
        "inbox.js" => (SCRIPT, include_str!("../page/inbox.js")),
        "message_text.js" => (SCRIPT, include_str!("../page/message_text.js")),
        "notifications.js" => (SCRIPT, include_str!("../page/notifications.js")),
        "client.js" => (SCRIPT, include_str!("../page/client.js")),
        "client/api.js" => (SCRIPT, include_str!("../page/client/api.js")),
        "client/conversation.js" => (SCRIPT, include_str!("../page/client/conversation.js")),
        "client/customer.js" => (SCRIPT, include_str!("../page/client/customer.js")),
        "client/drafts.js" => (SCRIPT, include_str!("../page/client/drafts.js")),
        "client/inbox.js" => (SCRIPT, include_str!("../page/client/inbox.js")),
        "client/order.js" => (SCRIPT, include_str!("../page/client/order.js")),
        "client/poller.js" => (SCRIPT, include_str!("../page/client/poller.js")),
        "client/team.js" => (SCRIPT, include_str!("../page/client/team.js")),
        "vendor/linkify.js" => (SCRIPT, include_str!("../page/vendor/linkify.js")),
        "dom.js" => (SCRIPT, include_str!("../page/dom.js")),
        "poller.js" => (SCRIPT, include_str!("../page/poller.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}
