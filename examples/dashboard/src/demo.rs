//! The demo's bookings and conversations. A real host application has them in its database.

use std::cmp::Reverse;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::desk::{ManualClock, PageRequest};
use frontdesk::store::ThreadStore;
use frontdesk::{
    Booking, BookingId, BookingStatus, CustomerDesk, DeskError, DisplayName, Draft, FrontDesk,
    LocationId, OperatorDesk, ParticipantId, ProfileId, Role, Timestamp,
};
use importer::input::{Input, Times};
use importer::threads::Threads;
use serde::Deserialize;

use crate::location::Location;
use crate::session::OPERATOR_NAME;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct DemoLocation {
    id: String,
    name: String,
    zone: String,
    bookings: Vec<DemoBooking>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DemoBooking {
    code: String,
    activity: String,
    name: String,
    status: String,
    starts_in_days: i64,
    duration_minutes: u32,
    events: Vec<DemoEvent>,
}

/// The age in minutes, the action and, if the action is a message, its text.
#[derive(Deserialize)]
struct DemoEvent(u32, String, #[serde(default)] String);

/// Returns the demo's locations. If the store has no threads of a location, adds the
/// conversations that the demo has for the location.
pub(crate) async fn locations(store: Arc<dyn ThreadStore>) -> Result<Vec<Arc<Location>>> {
    let demo_locations: Vec<DemoLocation> = serde_json::from_str(include_str!("demo.json"))?;
    let past = BackdatedDesk::new(store);
    let mut locations = Vec::new();
    for DemoLocation { id, name, zone, bookings } in demo_locations {
        let mut location = Location::new(LocationId::new(id)?, name, zone)?;
        for booking in &bookings {
            location.bookings.push(past.booking(booking)?);
        }
        let team = past.operator(&location, OPERATOR_NAME)?;
        if team.inbox(&PageRequest::first(1)).await?.threads.is_empty() {
            past.replay(&location, &bookings).await?;
        }
        locations.push(Arc::new(location));
    }
    Ok(locations)
}

/// Adds conversations to a separate location. The next start continues an interrupted import (I4).
pub(crate) async fn import(store: Arc<dyn ThreadStore>, input: &Input) -> Result<Arc<Location>> {
    let location = Location::new(LocationId::new("imported")?, "Imported".into(), "UTC".into())?;
    match input.times() {
        Times::All => import_history(store, &location, input).await?,
        Times::None => send_all(store, &location, input).await?,
        Times::Some => return Err("the option --import has conversations without times".into()),
    }
    Ok(Arc::new(location))
}

/// Imports conversations with their times and their marks (I5).
async fn import_history(
    store: Arc<dyn ThreadStore>,
    location: &Location,
    input: &Input,
) -> Result<()> {
    let admin = FrontDesk::new(store).admin(location.id.clone());
    for import in Threads::from_input(input)?.imports {
        for refused in admin.import(&import).await?.refused {
            let (booking, message) = (&import.booking.id, refused.position + 1);
            eprintln!("dashboard: booking {booking}: message {message}: {}", refused.reason);
        }
    }
    Ok(())
}

/// Sends the messages of conversations without times. The last message is sent a minute before the
/// start of the program, and each message is a minute later than the previous one.
async fn send_all(store: Arc<dyn ThreadStore>, location: &Location, input: &Input) -> Result<()> {
    let past = BackdatedDesk::new(store);
    let team = past.operator(location, OPERATOR_NAME)?;
    let mut remaining = u32::try_from(input.turn_count())?;
    for (index, conversation) in input.conversations.iter().enumerate() {
        let booking = conversation.booking(&format!("{:05}", index + 1), Some(past.start));
        let customer = past.customer(location, &booking)?;
        for (index, turn) in conversation.turns.iter().enumerate() {
            past.set_age(MINUTE * remaining);
            remaining -= 1;
            let key = conversation.key(index + 1)?;
            let draft = Draft::new(turn.text.as_str()).with_key(key);
            let sent = if turn.from == Role::Customer {
                customer.send(draft).await.map(drop)
            } else {
                team.start(booking.clone()).await?;
                team.reply(&booking.id, draft).await.map(drop)
            };
            match sent {
                Err(DeskError::Body(error)) => {
                    eprintln!("dashboard: {}: {error}", conversation.place);
                }
                sent => sent?,
            }
        }
    }
    Ok(())
}

/// A desk over the store of the application. The clock of this desk shows times in the past.
struct BackdatedDesk {
    desk: FrontDesk,
    clock: ManualClock,
    /// The time at which the program started.
    start: Timestamp,
}

impl BackdatedDesk {
    fn new(store: Arc<dyn ThreadStore>) -> Self {
        let start = FrontDesk::new(Arc::clone(&store)).now();
        let clock = ManualClock::new(start);
        Self { desk: FrontDesk::builder(store).clock(clock.clone()).build(), clock, start }
    }

    /// Sets the clock to the start of the program minus an age.
    fn set_age(&self, age: Duration) {
        self.clock.set(self.start.saturating_sub(age));
    }

    fn operator(&self, location: &Location, name: &str) -> Result<OperatorDesk> {
        let id = ParticipantId::new(if name.is_empty() { "u-other" } else { "u-maya" })?;
        Ok(self.desk.operator(location.id.clone(), id, DisplayName::new(name)))
    }

    fn customer(&self, location: &Location, booking: &Booking) -> Result<CustomerDesk> {
        let customer = ParticipantId::new("customer")?;
        let desk = self.desk.customer(location.id.clone(), booking.id.clone(), customer);
        Ok(desk.starting_with(booking.clone()))
    }

    fn booking(&self, demo: &DemoBooking) -> Result<Booking> {
        const HOUR: i64 = 60 * 60 * 1_000_000;
        // Bookings start at a full hour.
        let now = self.start.unix_micros() / HOUR * HOUR;
        let starts_at = now + (24 * demo.starts_in_days + 3) * HOUR;
        let starts_at = Timestamp::from_unix_micros(starts_at)?;
        let id = BookingId::new(demo.code.to_ascii_lowercase())?;
        let booking = Booking::new(id, &demo.code, &demo.activity)
            .with_start(starts_at)
            .with_duration(MINUTE * demo.duration_minutes)
            .with_status(BookingStatus::from_word(&demo.status))
            .with_customer_name(DisplayName::new(&demo.name));
        let profile = ProfileId::new(format!("crm-{}", booking.code.prefix()))?;
        // A customer without a name is not in the CRM.
        Ok(if demo.name.is_empty() { booking } else { booking.with_profile(profile) })
    }

    /// Replays the events of all bookings, oldest first. If a message were sent after a newer
    /// message of its thread, the library would give both the time of the newer message (W3).
    async fn replay(&self, location: &Location, demo: &[DemoBooking]) -> Result<()> {
        let mut events = Vec::new();
        for (demo, booking) in demo.iter().zip(&location.bookings) {
            events.extend(demo.events.iter().map(|event| (booking, event)));
        }
        events.sort_by_key(|(_, event)| Reverse(event.0));
        let maya = self.operator(location, OPERATOR_NAME)?;
        let support = self.operator(location, "")?;
        for (booking, DemoEvent(age, action, text)) in events {
            self.set_age(MINUTE * *age);
            let customer = self.customer(location, booking)?;
            match action.as_str() {
                "customer" => drop(customer.send(text.as_str()).await?),
                "customer opens" => drop(customer.open().await?),
                "maya" => drop(maya.reply(&booking.id, text.as_str()).await?),
                "maya opens" => drop(maya.open(&booking.id).await?),
                "support" => drop(support.reply(&booking.id, text.as_str()).await?),
                // A host application sends such a reply outside the opening hours.
                "automatic" => {
                    let draft = Draft::new(text.as_str()).automatic();
                    drop(support.reply(&booking.id, draft).await?);
                }
                _ => return Err("demo.json has an unknown action".into()),
            }
        }
        Ok(())
    }
}
