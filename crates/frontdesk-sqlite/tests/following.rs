//! Following the events of a location over a store in a file.

#[path = "../../../tests/following/follower.rs"]
mod follower;
#[path = "../../../tests/support/rng.rs"]
mod rng;
#[path = "../../../tests/following/run.rs"]
mod run;
#[path = "../../../tests/support/mod.rs"]
mod support;
#[path = "../../../tests/following/workload.rs"]
mod workload;

use std::sync::Arc;

use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;

/// P5: random operations, limits and crashes. Every message and every erasure comes at least once.
#[test]
fn p5_every_message_and_every_erasure_comes_at_least_once() {
    for seed in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("desk.sqlite")).unwrap();
        block_on(run::follow_random_operations(Arc::new(store), seed, 50));
    }
}
