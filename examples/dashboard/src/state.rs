use std::sync::Arc;
use std::time::Duration;

use frontdesk::{Booking, BookingId, DeskError, FrontDesk, ParticipantId};

use crate::location::Location;
use crate::signed_link::LinkSigner;

/// The application state that all requests share.
pub(crate) struct AppState {
    pub(crate) desk: FrontDesk,
    pub(crate) locations: Vec<Arc<Location>>,
    pub(crate) links: LinkSigner,
    /// The time between two polls of a page.
    pub(crate) poll_interval: Duration,
}

impl AppState {
    /// Returns a booking from the calendar or, if it was imported, from its thread.
    pub(crate) async fn booking(
        &self,
        location: &Location,
        id: &BookingId,
    ) -> Result<Booking, DeskError> {
        if let Some(booking) = location.bookings.iter().find(|booking| booking.id == *id) {
            return Ok(booking.clone());
        }
        let host = ParticipantId::new("host").map_err(|_| DeskError::NotFound)?;
        let desk = self.desk.operator(location.id.clone(), host, None);
        Ok(desk.history(id, None, 1).await?.thread.booking().clone())
    }
}
