//! The storage contract on the stores of this repository, and on an `Arc` of one.

mod support;

use frontdesk::store::MemoryStore;
use frontdesk::store::conformance::each;
use support::naive::NaiveStore;
use support::spawning::Spawning;

mod memory {
    use super::{MemoryStore, Spawning, each};

    frontdesk::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        Spawning(each(MemoryStore::new))
    );
}

mod naive {
    use super::{NaiveStore, Spawning, each};

    frontdesk::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        Spawning(each(NaiveStore::new))
    );
}

/// `Arc<T>` of a store is that store, for each of the trait's methods; and the
/// cases need no runtime at all.
#[test]
fn an_arc_of_a_store_is_a_store() {
    let factory = each(|| std::sync::Arc::new(MemoryStore::new()));
    let report = futures::executor::block_on(frontdesk::store::conformance::run_all(&factory));
    assert!(report.is_ok(), "{report}");
}
