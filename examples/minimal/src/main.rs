//! A whole host application: the team's inbox, and a page with a form for each side.

use axum::extract::{Form, Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use frontdesk::desk::PageRequest;
use frontdesk::store::MemoryStore;
use frontdesk::view::{DateSection, English, Entry, ViewContext};
use frontdesk::{Booking, BookingId, DisplayName, Draft, LocationId, MessageNumber, ParticipantId};
use frontdesk::{CustomerDesk, DeskError, FrontDesk, OperatorDesk};
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/", get(inbox))
        .route("/team/{booking}", get(team_page).post(team_page))
        .route("/my/{booking}", get(customer_page).post(customer_page))
        .with_state(FrontDesk::new(MemoryStore::new()));
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}

/// Your session: checks who is logged in, and names the operator.
fn operator(desk: &FrontDesk) -> Result<OperatorDesk, Problem> {
    let (harbour, kim) = (LocationId::new("harbour")?, ParticipantId::new("u-7")?);
    Ok(desk.operator(harbour, kim, DisplayName::new("Kim")))
}

/// Your session and your booking system: checks that the booking is the customer's own.
fn customer(desk: &FrontDesk, id: &BookingId) -> Result<CustomerDesk, Problem> {
    let (harbour, ann) = (LocationId::new("harbour")?, ParticipantId::new("c-9")?);
    let booking = match id.as_str() {
        "b-1" => Booking::new(id.clone(), "K7Q2-XH41", "Harbour tour"),
        _ => return Err(DeskError::NotFound.into()),
    };
    let booking = booking.with_customer_name(DisplayName::new("Ann Lee"));
    Ok(desk.customer(harbour, id.clone(), ann).starting_with(booking))
}

async fn inbox(State(desk): State<FrontDesk>) -> Result<Markup, Problem> {
    let view = operator(&desk)?.inbox(&PageRequest::first(50)).await?.view(&context(&desk));
    Ok(page(
        "Inbox",
        &html! {
            @for row in &view.rows {
                p {
                    a href={ "/team/" (segment(&row.booking)) } { (row.customer) ": " (row.activity) }
                    " " b { (row.badge) } br;
                    @if let Some(preview) = &row.preview { (preview) }
                }
            }
            p { a href="/my/b-1" { "The customer's page of booking b-1" } }
        },
    ))
}

async fn team_page(
    method: Method,
    State(desk): State<FrontDesk>,
    Path(id): Path<BookingId>,
    Form(form): Form<MessageForm>,
) -> Result<Response, Problem> {
    let operator = operator(&desk)?;
    let mut problem = None;
    if method == Method::POST {
        match operator.reply(&id, form.draft()?).await {
            Ok(_) => return Ok(Redirect::to(&format!("/team/{}", segment(&id))).into_response()),
            Err(error) => problem = Some(Problem::from(error)),
        }
    }
    let view = operator.open(&id).await?.view(&context(&desk));
    Ok(conversation(&view.sections, &form, view.page_info.shown, problem))
}

async fn customer_page(
    method: Method,
    State(desk): State<FrontDesk>,
    Path(id): Path<BookingId>,
    Form(form): Form<MessageForm>,
) -> Result<Response, Problem> {
    let customer = customer(&desk, &id)?;
    let mut problem = None;
    if method == Method::POST {
        match customer.send(form.draft()?).await {
            Ok(_) => return Ok(Redirect::to(&format!("/my/{}", segment(&id))).into_response()),
            Err(error) => problem = Some(Problem::from(error)),
        }
    }
    let view = customer.open().await?.view(&context(&desk)).conversation;
    Ok(conversation(&view.sections, &form, view.page_info.shown, problem))
}

/// The fields of the form. Unknown fields, such as a CSRF token, are ignored.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct MessageForm {
    body: String,
    key: String,
    seen: String,
}

impl MessageForm {
    fn draft(&self) -> Result<Draft, Problem> {
        let mut draft = Draft::new(&self.body);
        draft.key = (!self.key.is_empty()).then(|| self.key.parse()).transpose()?;
        draft.seen = (!self.seen.is_empty()).then(|| self.seen.parse()).transpose()?;
        Ok(draft)
    }
}

/// The messages and the form. A form that failed keeps its text and its key, so that sending it
/// again stores the message once (I4).
fn conversation<E: AsRef<Entry>>(
    sections: &[DateSection<E>],
    form: &MessageForm,
    shown: MessageNumber,
    problem: Option<Problem>,
) -> Response {
    let is_new =
        form.key.is_empty() || problem.as_ref().is_some_and(|p| p.0 == StatusCode::CONFLICT);
    let key = if is_new { uuid::Uuid::new_v4().to_string() } else { form.key.clone() };
    let status = problem.as_ref().map_or(StatusCode::OK, |problem| problem.0);
    let content = html! {
        @for section in sections {
            h2 { (section.heading) }
            @for entry in section.entries.iter().map(AsRef::as_ref) {
                p { b { (entry.sender) } " " (entry.time) }
                @if let Some(text) = &entry.text { blockquote style="white-space: pre-wrap" { (text) } }
                @if let Some(removed) = &entry.removed { p { i { (removed) } } }
            }
        }
        @if let Some(problem) = problem { p role="alert" { (problem.1) } }
        form method="post" {
            textarea name="body" aria-label="Message" { "\n" (form.body) }
            input type="hidden" name="key" value=(key);
            input type="hidden" name="seen" value=(shown);
            button { "Send" }
        }
    };
    (status, page("Conversation", &content)).into_response()
}

/// The id as one segment of a path: an id can contain `/`, `?` and `#`.
fn segment(id: &BookingId) -> String {
    utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC).to_string()
}

fn page(title: &str, content: &Markup) -> Markup {
    html! { (DOCTYPE) html lang="en" { title { (title) } h1 { (title) } (content) } }
}

fn context(desk: &FrontDesk) -> ViewContext<'static> {
    desk.view_context(&time::UtcOffset::UTC, &English)
}

/// An error as a status and the library's text, which never contains a customer's words.
struct Problem(StatusCode, String);

impl<E: std::error::Error + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        let status = match (&error as &dyn std::error::Error).downcast_ref() {
            Some(DeskError::NotFound) => StatusCode::NOT_FOUND,
            Some(DeskError::KeyReused | DeskError::NotLatest(_)) => StatusCode::CONFLICT,
            Some(DeskError::MessagingOff) => StatusCode::FORBIDDEN,
            Some(DeskError::Busy | DeskError::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self(status, error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
