//! The storage contract on the stores of the repository that need no database, and on an
//! `Arc` of a store.

#[path = "../../../tests/support/naive.rs"]
mod naive;
#[path = "support/spawning.rs"]
mod spawning;

use std::sync::Arc;

use frontdesk::store::MemoryStore;
use frontdesk_conformance::{from_fn, run_all};

mod memory_store {
    use frontdesk::store::MemoryStore;
    use frontdesk_conformance::from_fn;

    use crate::spawning::SpawningFactory;

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(from_fn(MemoryStore::new))
    );
}

mod naive_store {
    use frontdesk_conformance::from_fn;

    use crate::naive::NaiveStore;
    use crate::spawning::SpawningFactory;

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(from_fn(NaiveStore::new))
    );
}

/// `Arc<S>` of a store forwards every method, and the cases run without a runtime.
#[test]
fn an_arc_of_a_store_is_a_store() {
    let factory = from_fn(|| Arc::new(MemoryStore::new()));
    let report = futures::executor::block_on(run_all(&factory));
    assert!(report.is_ok(), "{report}");
}
