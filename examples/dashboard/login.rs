//! Who asks, and through which handle they are answered (A1). It is a stub: the
//! team is one fixed operator, and a customer is whoever has a booking's signed
//! link. A real host looks at its session here, and at nothing else that the
//! browser could have made up.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use frontdesk::view::Screen;
use frontdesk::{BookingId, CustomerDesk, DisplayName, OperatorDesk, ParticipantId};
use serde::Deserialize;

use crate::host::{Host, Location};
use crate::language::Language;
use crate::problem::Problem;

/// Whom the stub logs in.
pub(crate) const OPERATOR: &str = "Maya";

/// Somebody at a location, with their handle.
pub(crate) struct At<Desk> {
    pub(crate) host: Arc<Host>,
    pub(crate) location: Arc<Location>,
    pub(crate) desk: Desk,
    /// Where their page is; its API is at `/api` and this.
    pub(crate) page: String,
    pub(crate) language: Language,
}

impl<Desk> At<Desk> {
    /// The location's dates in the reader's language.
    pub(crate) fn screen(&self) -> Screen<'_> {
        self.host.desk.screen(&*self.location.zone, self.language.words())
    }
}

/// The ids in a path.
#[derive(Deserialize)]
struct Ids {
    location: String,
    booking: Option<BookingId>,
    signature: Option<String>,
}

async fn ids(parts: &mut Parts, host: &Host) -> Result<(Ids, Arc<Location>, Language), Problem> {
    let path = Path::<Ids>::from_request_parts(parts, host).await;
    let Path(ids) = path.map_err(|_| Problem::not_found())?;
    let Ok(language) = Language::from_request_parts(parts, host).await;
    let location = host.locations.iter().find(|one| one.id.as_str() == ids.location);
    let location = location.cloned().ok_or_else(Problem::not_found)?;
    Ok((ids, location, language))
}

impl FromRequestParts<Arc<Host>> for At<OperatorDesk> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, host: &Arc<Host>) -> Result<Self, Problem> {
        let (_, location, language) = ids(parts, host).await?;
        let maya = ParticipantId::new("u-maya").map_err(|_| Problem::not_found())?;
        let desk = host.desk.operator(location.id.clone(), maya, DisplayName::new(OPERATOR));
        let page = location.page();
        Ok(Self { host: Arc::clone(host), location, desk, page, language })
    }
}

impl FromRequestParts<Arc<Host>> for At<CustomerDesk> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, host: &Arc<Host>) -> Result<Self, Problem> {
        let (ids, location, language) = ids(parts, host).await?;
        let (Some(booking), Some(signature)) = (ids.booking, ids.signature) else {
            return Err(Problem::not_found());
        };
        // A wrong link looks like no booking (A1).
        if !host.links.is_signed(&location.id, &booking, &signature) {
            return Err(Problem::not_found());
        }
        let page = host.links.portal(&location.id, &booking);
        let booking = host.booking(&location, &booking).await?;
        // One customer a booking: their id need not tell two apart.
        let customer = ParticipantId::new("customer").map_err(|_| Problem::not_found())?;
        let desk = host.desk.customer(location.id.clone(), booking, customer, None);
        Ok(Self { host: Arc::clone(host), location, desk, page, language })
    }
}
