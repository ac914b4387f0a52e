//! An import into `MemoryStore` compared with single sends.

use frontdesk::store::MemoryStore;
use futures::executor::block_on;

use crate::history::{History, send};
use crate::table::{Rounds, Row, timed};

pub(crate) fn compare(history: &History, rounds: Rounds) {
    let (store, compared_with) = ("memory", "single sends, one in flight");
    let messages = history.messages();
    Row { store, in_flight: 1, compared_with, goal: Some(2.0) }.print(
        rounds,
        || {
            let store = MemoryStore::new();
            timed(messages, || block_on(history.import(store.clone(), 1)))
        },
        || {
            let locations = history.handles(MemoryStore::new());
            timed(messages, || block_on(send(&locations, messages)))
        },
    );
}
