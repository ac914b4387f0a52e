//! Example: one front desk over several stores, with each location in one of them.
//!
//! ```sh
//! cargo run -p sharded-store
//! cargo run -p sharded-store --features postgres -- postgres://db-1/a postgres://db-2/a
//! ```
//!
//! On PostgreSQL, Citus is the first choice for more locations than one server carries
//! (`PostgresBuilder::distributed`): Citus finds the server of a location and moves locations while
//! clients read and write. One store for each server is the better choice in these cases:
//!
//! - The servers cannot have the extension `citus`, as in many managed services.
//! - The shards are not PostgreSQL: any `ThreadStore` can be a shard.
//! - The data of each location must stay in its country, with its own server and no link between
//!   the servers.
//! - The failure of a coordinator must not concern all locations.
//!
//! The price: the host application keeps the list of locations that are not on the shard of their
//! hash, and a location does not accept writes while it moves.
//!
//! Without arguments the shards are three stores in memory. With the feature `postgres` the
//! arguments are the URLs of databases. The example fills seven locations, prints the shard
//! of each location and checks that no other shard has threads of this location.
//!
//! Copy `sharded_store.rs`: it is a [`ThreadStore`] that forwards each call.

mod sharded_store;

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use frontdesk::desk::PageRequest;
use frontdesk::store::{MemoryStore, ThreadList, ThreadQuery, ThreadStore};
use frontdesk::{Booking, BookingId, FrontDesk, IdError, LocationId, ParticipantId};

use crate::sharded_store::ShardedStore;

const LOCATIONS: [&str; 7] = ["harbour", "castle", "airport", "lake", "museum", "tower", "zoo"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let urls: Vec<String> = std::env::args().skip(1).collect();
    let shards = if urls.is_empty() { memory_shards() } else { postgres_shards(&urls).await? };
    let locations =
        LOCATIONS.map(LocationId::new).into_iter().collect::<Result<Vec<_>, IdError>>()?;

    // `zoo` was moved to the last shard. This entry takes precedence over the hash of the id.
    let overrides = HashMap::from([(LocationId::new("zoo")?, shards.len() - 1)]);
    let store = Arc::new(ShardedStore::new(shards.clone(), overrides));
    let desk = FrontDesk::new(Arc::clone(&store));
    for location in &locations {
        for number in 1..=3 {
            let id = BookingId::new(format!("b-{number}"))?;
            let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour");
            let ann = ParticipantId::new("c-9")?;
            let customer = desk.customer(location.clone(), booking.id.clone(), ann);
            customer.starting_with(booking).send("Is there room?").await?;
        }
    }

    for location in &locations {
        let kim = desk.operator(location.clone(), ParticipantId::new("u-7")?, None);
        let inbox = kim.inbox(&PageRequest::first(50)).await?;
        let expected_shard = store.shard_index(location);
        println!("{location:<8} shard {expected_shard}: {} conversations", inbox.threads.len());
        assert_eq!(inbox.threads.len(), 3, "the inbox of {location} is not complete");
        for (index, shard) in shards.iter().enumerate() {
            let query = ThreadQuery::new(location, ThreadList::All(None), 50);
            let found = shard.threads(&query).await?.value.threads;
            let expected = if index == expected_shard { inbox.threads.clone() } else { Vec::new() };
            assert_eq!(found, expected, "shard {index} has wrong threads of {location}");
        }
    }

    let listed = store.locations(None, 1_000).await?.value;
    let listed: Vec<_> = listed.into_iter().map(|found| found.location).collect();
    assert!(listed.is_sorted(), "the merged list is not in the order of ids");
    assert!(locations.iter().all(|location| listed.contains(location)), "a location is missing");
    println!("{} locations in {} shards", listed.len(), shards.len());
    Ok(())
}

fn memory_shards() -> Vec<Arc<dyn ThreadStore>> {
    (0..3).map(|_| Arc::new(MemoryStore::new()) as _).collect()
}

#[cfg(feature = "postgres")]
async fn postgres_shards(urls: &[String]) -> Result<Vec<Arc<dyn ThreadStore>>, Box<dyn Error>> {
    let mut shards: Vec<Arc<dyn ThreadStore>> = Vec::new();
    for url in urls {
        let store = frontdesk_postgres::PostgresStore::connect(url)?;
        store.migrate().await?;
        shards.push(Arc::new(store));
    }
    Ok(shards)
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "the variant with PostgreSQL awaits")]
async fn postgres_shards(_: &[String]) -> Result<Vec<Arc<dyn ThreadStore>>, Box<dyn Error>> {
    Err("URLs need the feature `postgres`: run with --features postgres".into())
}
