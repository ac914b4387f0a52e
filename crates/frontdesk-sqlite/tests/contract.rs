//! The conformance kit on a store in a file and on a store in memory.

#[path = "../../frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;

use std::path::Path;
use std::sync::Arc;

use frontdesk::store::{ThreadStore, async_trait};
use frontdesk_conformance::{Factory, from_fn};
use frontdesk_sqlite::SqliteStore;
use spawning::SpawningFactory;
use tempfile::TempDir;

struct FileFactory;

fn open_store(folder: &Path) -> Arc<dyn ThreadStore> {
    Arc::new(SqliteStore::open(folder.join("desk.sqlite")).expect("the file can be opened"))
}

#[async_trait]
impl Factory for FileFactory {
    type Guard = TempDir;

    async fn create(&self) -> (Arc<dyn ThreadStore>, TempDir) {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        (open_store(folder.path()), folder)
    }

    async fn reopen(&self, guard: &TempDir) -> Option<Arc<dyn ThreadStore>> {
        Some(open_store(guard.path()))
    }
}

mod in_file {
    use super::{FileFactory, SpawningFactory};

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(FileFactory)
    );
}

mod in_memory {
    use super::{SpawningFactory, SqliteStore, from_fn};

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(from_fn(|| SqliteStore::open_in_memory().expect("the store is created")))
    );
}
