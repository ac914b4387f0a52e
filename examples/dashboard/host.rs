//! What the host knows itself: its locations and their bookings.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::calendar::Zone;
use frontdesk::{
    Booking, BookingId, DeskError, FrontDesk, LocationId, OperatorDesk, ParticipantId,
};

use crate::link::{self, Links};

/// The host application: what every request can reach.
pub(crate) struct Host {
    pub(crate) desk: FrontDesk,
    pub(crate) locations: Vec<Arc<Location>>,
    pub(crate) links: Links,
    /// How often the pages poll.
    pub(crate) poll: Duration,
}

/// One site of the business.
pub(crate) struct Location {
    pub(crate) id: LocationId,
    pub(crate) name: String,
    /// What its zone is called on the pages.
    pub(crate) zone_name: String,
    /// Whose dates both pages show, wherever they are looked at (W4).
    pub(crate) zone: Arc<dyn Zone>,
    /// The calendar: what a thread can be started for.
    pub(crate) bookings: Vec<Booking>,
}

/// All zones come from here; one that nobody knows is UTC.
#[cfg(feature = "jiff")]
fn zone(name: &str) -> Arc<dyn Zone> {
    Arc::new(jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC))
}

/// Without the feature `jiff` there is no data about zones, and an offset does for those
/// two that have no daylight saving.
#[cfg(not(feature = "jiff"))]
fn zone(name: &str) -> Arc<dyn Zone> {
    use time::UtcOffset;
    use time::macros::offset;

    Arc::new(match name {
        "Pacific/Honolulu" => offset!(-10),
        "Asia/Dubai" => offset!(+4),
        _ => UtcOffset::UTC,
    })
}

impl Location {
    /// One whose calendar is empty.
    pub(crate) fn new(id: LocationId, name: String, zone_name: String) -> Self {
        let zone = zone(&zone_name);
        Self { id, name, zone_name, zone, bookings: Vec::new() }
    }

    /// Where its team's page is.
    pub(crate) fn page(&self) -> String {
        format!("/desk/{}", link::encoded(self.id.as_str()))
    }

    /// The bookings of the calendar that have no thread yet.
    pub(crate) async fn without_thread(
        &self,
        team: &OperatorDesk,
    ) -> Result<Vec<&Booking>, DeskError> {
        let mut free = Vec::new();
        // A host with more of them keeps a column beside its bookings.
        for booking in &self.bookings {
            match team.history(&booking.id, None, 1).await {
                Err(DeskError::NotFound) => free.push(booking),
                found => drop(found?),
            }
        }
        Ok(free)
    }
}

impl Host {
    /// A booking as the calendar has it or, for what was imported, as its thread does.
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
