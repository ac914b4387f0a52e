//! One front desk over several stores, each location in one of them: three in memory,
//! or, with the feature `postgres`, the databases whose URLs are the arguments.
//!
//! ```sh
//! cargo run --example spread
//! cargo run --example spread --features postgres -- postgres://db-1/a postgres://db-2/a
//! ```

mod routing;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use frontdesk::desk::PageRequest;
use frontdesk::store::{Filter, MemoryStore, ThreadStore};
use frontdesk::{Booking, BookingId, FrontDesk, IdError, LocationId, ParticipantId};

use crate::routing::Routing;

const LOCATIONS: [&str; 7] = ["harbour", "castle", "airport", "lake", "museum", "tower", "zoo"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let urls: Vec<String> = std::env::args().skip(1).collect();
    let stores = if urls.is_empty() { in_memory() } else { in_postgres(&urls).await? };
    let locations =
        LOCATIONS.map(LocationId::new).into_iter().collect::<Result<Vec<_>, IdError>>()?;

    // Its hash says otherwise; it was moved to the last store.
    let moved = HashMap::from([(LocationId::new("zoo")?, stores.len() - 1)]);
    let routing = Arc::new(Routing::new(stores.clone(), moved));
    let desk = FrontDesk::new(Arc::clone(&routing));
    for location in &locations {
        for number in 1..=3 {
            let id = BookingId::new(format!("b-{number}"))?;
            let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour", desk.now());
            let ann = ParticipantId::new("c-9")?;
            desk.customer(location.clone(), booking, ann, None).send("Is there room?").await?;
        }
    }

    for location in &locations {
        let kim = desk.operator(location.clone(), ParticipantId::new("u-7")?, None);
        let inbox = kim.inbox(&PageRequest::first(50)).await?;
        let home = routing.home(location);
        println!("{location:<8} store {home}: {} conversations", inbox.threads.len());
        for (at, store) in stores.iter().enumerate() {
            let there = store.threads(location, None, 50, Filter::All).await?.threads;
            let expected = if at == home { inbox.threads.clone() } else { Vec::new() };
            assert_eq!(there, expected, "{location} lives in store {home} and nowhere else");
        }
        assert_eq!(inbox.threads.len(), 3, "nothing is lost");
    }
    Ok(())
}

fn in_memory() -> Vec<Arc<dyn ThreadStore>> {
    (0..3).map(|_| Arc::new(MemoryStore::new()) as _).collect()
}

#[cfg(feature = "postgres")]
async fn in_postgres(urls: &[String]) -> Result<Vec<Arc<dyn ThreadStore>>, Box<dyn Error>> {
    let mut stores: Vec<Arc<dyn ThreadStore>> = Vec::new();
    for url in urls {
        let store = frontdesk::store::PostgresStore::connect(url)?;
        store.migrate().await?;
        stores.push(Arc::new(store));
    }
    Ok(stores)
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "with PostgreSQL there is something to wait for")]
async fn in_postgres(_: &[String]) -> Result<Vec<Arc<dyn ThreadStore>>, Box<dyn Error>> {
    Err("URLs need the feature `postgres`, run with --features postgres".into())
}
