//! Everything that a store contains at the end of a test.

use std::collections::HashMap;

use frontdesk::store::ThreadStore;
use frontdesk::{Message, Thread};

use crate::support::location_id;
use crate::support::recount::recount_location;
use crate::worker::LOCATIONS;

/// The threads of each location in inbox order, with their messages.
pub(crate) type StoredContent = HashMap<String, Vec<(Thread, Vec<Message>)>>;

/// Reads all locations and checks the numbers that the store keeps.
pub(crate) async fn read(store: &dyn ThreadStore) -> StoredContent {
    let mut content = StoredContent::new();
    for location in LOCATIONS {
        let threads = recount_location(store, &location_id(location)).await.unwrap();
        content.insert(location.to_owned(), threads);
    }
    content
}
