//! What the demo starts with: bookings, and what was said about them until now.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use frontdesk::desk::PageRequest;
use frontdesk::store::ThreadStore;
use frontdesk::{
    Booking, BookingId, BookingStatus, CustomerDesk, DeskError, DisplayName, Draft, FrontDesk,
    LocationId, OperatorDesk, ParticipantId, ProfileId, Role, Timestamp,
};
use serde::Deserialize;

use crate::host::Location;
use crate::input::Input;
use crate::login::OPERATOR;

type Outcome<T> = Result<T, Box<dyn Error>>;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Place {
    id: String,
    name: String,
    zone: String,
    bookings: Vec<Story>,
}

/// A booking, and its conversation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Story {
    code: String,
    activity: String,
    name: String,
    status: String,
    in_days: i64,
    minutes: u32,
    acts: Vec<Act>,
}

/// How many minutes ago, who did what, and the words if it was writing.
#[derive(Deserialize)]
struct Act(u32, String, #[serde(default)] String);

/// The demo's locations. Their conversations are played into a store that has
/// none of theirs yet.
pub(crate) async fn locations(store: Arc<dyn ThreadStore>) -> Outcome<Vec<Arc<Location>>> {
    let places: Vec<Place> = serde_json::from_str(include_str!("demo.json"))?;
    let past = Past::new(store);
    let mut locations = Vec::new();
    for Place { id, name, zone, bookings } in places {
        let mut location = Location::new(LocationId::new(id)?, name, zone);
        for story in &bookings {
            location.bookings.push(past.booking(story)?);
        }
        let team = past.operator(&location, OPERATOR)?;
        if team.inbox(&PageRequest::first(1)).await?.threads.is_empty() {
            past.play(&location, &bookings).await?;
        }
        locations.push(Arc::new(location));
    }
    Ok(locations)
}

/// A location for the conversations of files, which have no times: they end now,
/// a minute between two messages. An import that was interrupted goes on (I4).
pub(crate) async fn import(store: Arc<dyn ThreadStore>, input: &Input) -> Outcome<Arc<Location>> {
    let past = Past::new(store);
    let location = Location::new(LocationId::new("imported")?, "Imported".into(), "UTC".into());
    let team = past.operator(&location, OPERATOR)?;
    let mut left = u32::try_from(input.turns())?;
    for (index, conversation) in input.conversations.iter().enumerate() {
        let booking = conversation.booking(&format!("{:05}", index + 1), past.begun);
        let customer = past.customer(&location, &booking)?;
        for (turn, said) in conversation.turns.iter().enumerate() {
            past.go_to(MINUTE * left);
            left -= 1;
            let draft = Draft::new(said.text.as_str()).with_key(conversation.key(turn + 1)?);
            let sent = if said.from == Role::Customer {
                customer.send(draft).await.map(drop)
            } else {
                team.start(booking.clone()).await?;
                team.reply(&booking.id, draft).await.map(drop)
            };
            match sent {
                Err(DeskError::Body(why)) => eprintln!("dashboard: {}: {why}", conversation.place),
                sent => sent?,
            }
        }
    }
    Ok(Arc::new(location))
}

/// A desk over the same store whose clock is behind, to tell what has been.
struct Past {
    desk: FrontDesk,
    now: Arc<AtomicI64>,
    begun: Timestamp,
}

impl Past {
    fn new(store: Arc<dyn ThreadStore>) -> Self {
        let begun = FrontDesk::new(Arc::clone(&store)).now();
        let now = Arc::new(AtomicI64::new(begun.unix_micros()));
        let set = Arc::clone(&now);
        let clock = move || Timestamp::saturating_from_unix_micros(set.load(Ordering::Relaxed));
        Self { desk: FrontDesk::builder(store).clock(clock).build(), now, begun }
    }

    fn go_to(&self, ago: Duration) {
        self.now.store(self.begun.saturating_sub(ago).unix_micros(), Ordering::Relaxed);
    }

    fn operator(&self, location: &Location, name: &str) -> Outcome<OperatorDesk> {
        let id = ParticipantId::new(if name.is_empty() { "u-other" } else { "u-maya" })?;
        Ok(self.desk.operator(location.id.clone(), id, DisplayName::new(name)))
    }

    fn customer(&self, location: &Location, booking: &Booking) -> Outcome<CustomerDesk> {
        let (location, customer) = (location.id.clone(), ParticipantId::new("customer")?);
        Ok(self.desk.customer(location, booking.clone(), customer, None))
    }

    fn booking(&self, story: &Story) -> Outcome<Booking> {
        const HOUR: i64 = 60 * 60 * 1_000_000;
        // A whole hour, as bookings are.
        let now = self.begun.unix_micros() / HOUR * HOUR;
        let starts_at = Timestamp::from_unix_micros(now + (24 * story.in_days + 3) * HOUR)?;
        let id = BookingId::new(story.code.to_ascii_lowercase())?;
        let booking = Booking::new(id, &story.code, &story.activity, starts_at)
            .lasting(MINUTE * story.minutes)
            .with_status(BookingStatus::from_word(&story.status))
            .with_customer_name(DisplayName::new(&story.name));
        let profile = ProfileId::new(format!("crm-{}", booking.code.short()))?;
        // Not everybody is in the CRM.
        Ok(if story.name.is_empty() { booking } else { booking.with_profile(profile) })
    }

    /// All acts in the order of their time, so that the last is the newest (W3).
    async fn play(&self, location: &Location, stories: &[Story]) -> Outcome<()> {
        let acts_of = |(story, booking)| {
            let story: &Story = story;
            story.acts.iter().map(move |act| (booking, act))
        };
        let mut acts: Vec<_> = stories.iter().zip(&location.bookings).flat_map(acts_of).collect();
        acts.sort_by_key(|(_, act)| std::cmp::Reverse(act.0));
        let (maya, support) = (self.operator(location, OPERATOR)?, self.operator(location, "")?);
        for (booking, Act(ago, what, text)) in acts {
            self.go_to(MINUTE * *ago);
            let customer = self.customer(location, booking)?;
            match what.as_str() {
                "customer" => drop(customer.send(text.as_str()).await?),
                "customer reads" => drop(customer.visit().await?),
                "maya" => drop(maya.reply(&booking.id, text.as_str()).await?),
                "support" => drop(support.reply(&booking.id, text.as_str()).await?),
                _ => drop(maya.open(&booking.id).await?),
            }
        }
        Ok(())
    }
}
