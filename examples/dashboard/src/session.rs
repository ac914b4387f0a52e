//! A stub of the login: it decides which operator or customer desk a request gets (A1).
//!
//! The team is one fixed operator, and a customer is anybody with the signed link of a
//! booking. A real host application reads its session here. It must not base this decision on
//! anything that a client could forge.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use frontdesk::view::ViewContext;
use frontdesk::{BookingId, CustomerDesk, DisplayName, OperatorDesk, ParticipantId};
use serde::Deserialize;

use crate::language::Language;
use crate::location::Location;
use crate::problem::Problem;
use crate::state::AppState;

/// The name of the only operator.
pub(crate) const OPERATOR_NAME: &str = "Maya";

/// A logged-in person at a location, with their operator or customer desk.
pub(crate) struct Session<Desk> {
    pub(crate) state: Arc<AppState>,
    pub(crate) location: Arc<Location>,
    pub(crate) desk: Desk,
    /// The path of the person's page. The page's API is at `/api` followed by this path.
    pub(crate) page_path: String,
    pub(crate) language: Language,
}

impl<Desk> Session<Desk> {
    /// Returns the context for views: the location's zone and the page's language.
    pub(crate) fn view_context(&self) -> ViewContext<'_> {
        self.state.desk.view_context(&*self.location.zone, self.language.localization())
    }
}

#[derive(Deserialize)]
struct PathParameters {
    location: String,
    booking: Option<BookingId>,
    signature: Option<String>,
}

/// The parts of a request that the sessions of operators and of customers need.
struct Target {
    path: PathParameters,
    location: Arc<Location>,
    language: Language,
}

async fn target(parts: &mut Parts, state: &AppState) -> Result<Target, Problem> {
    let path = Path::<PathParameters>::from_request_parts(parts, state).await;
    let Path(path) = path.map_err(|_| Problem::not_found())?;
    let Ok(language) = Language::from_request_parts(parts, state).await;
    let mut locations = state.locations.iter();
    let location = locations.find(|it| it.id.as_str() == path.location);
    let location = location.cloned().ok_or_else(Problem::not_found)?;
    Ok(Target { path, location, language })
}

impl FromRequestParts<Arc<AppState>> for Session<OperatorDesk> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Problem> {
        let Target { location, language, .. } = target(parts, state).await?;
        let maya = ParticipantId::new("u-maya").map_err(|_| Problem::not_found())?;
        let desk = state.desk.operator(location.id.clone(), maya, DisplayName::new(OPERATOR_NAME));
        let page_path = location.page_path();
        Ok(Self { state: Arc::clone(state), location, desk, page_path, language })
    }
}

impl FromRequestParts<Arc<AppState>> for Session<CustomerDesk> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Problem> {
        let Target { path, location, language } = target(parts, state).await?;
        let (Some(booking), Some(signature)) = (path.booking, path.signature) else {
            return Err(Problem::not_found());
        };
        // A wrong signature looks like an unknown booking (A1).
        if !state.links.verify(&location.id, &booking, &signature) {
            return Err(Problem::not_found());
        }
        let page_path = state.links.portal_path(&location.id, &booking);
        let booking = state.booking(&location, &booking).await?;
        // In this demo a booking has only one customer, so all customers can have the same id.
        let customer = ParticipantId::new("customer").map_err(|_| Problem::not_found())?;
        let desk = state.desk.customer(location.id.clone(), booking.id.clone(), customer);
        let desk = desk.starting_with(booking).with_messaging(location.messaging());
        Ok(Self { state: Arc::clone(state), location, desk, page_path, language })
    }
}
