//! The storage contract on the stores of the repository that need no database, and on an
//! `Arc` of a store.

#[path = "../../../tests/support/naive.rs"]
mod naive;
#[path = "support/spawning.rs"]
mod spawning;

use std::sync::Arc;

use frontdesk::store::{MemoryStore, ThreadStore, async_trait};
use frontdesk_conformance::{Factory, from_fn, run_all};

/// Creates stores whose clones share their content.
struct MemoryFactory;

#[async_trait]
impl Factory for MemoryFactory {
    type Guard = MemoryStore;

    async fn create(&self) -> (Arc<dyn ThreadStore>, MemoryStore) {
        let store = MemoryStore::new();
        (Arc::new(store.clone()), store)
    }

    async fn reopen(&self, _: &MemoryStore) -> Option<Arc<dyn ThreadStore>> {
        None
    }

    async fn another(&self, store: &MemoryStore) -> Option<Arc<dyn ThreadStore>> {
        Some(Arc::new(store.clone()))
    }
}

mod memory_store {
    use crate::MemoryFactory;
    use crate::spawning::SpawningFactory;

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(MemoryFactory)
    );
}

mod two_memory_stores {
    use frontdesk_conformance::two_instances;

    use crate::MemoryFactory;
    use crate::spawning::SpawningFactory;

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        two_instances(SpawningFactory(MemoryFactory))
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
    for missing in ["all cases over two instances", "time limits", "acknowledged_commits_survive"] {
        assert!(report.to_string().contains(&format!("not run: {missing}")), "{report}");
    }
}
