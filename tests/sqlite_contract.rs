//! The storage contract on SQLite, on a file and in memory.
#![cfg(all(feature = "sqlite", feature = "conformance"))]

#[path = "support/spawning.rs"]
mod spawning;

use std::path::Path;
use std::sync::Arc;

use frontdesk::store::conformance::{Factory, each};
use frontdesk::store::{SqliteStore, ThreadStore, async_trait};
use spawning::Spawning;
use tempfile::TempDir;

struct OnFile;

fn opened(folder: &Path) -> Arc<dyn ThreadStore> {
    Arc::new(SqliteStore::open(folder.join("desk.sqlite")).expect("it opens"))
}

#[async_trait]
impl Factory for OnFile {
    type Guard = TempDir;

    async fn fresh(&self) -> (Arc<dyn ThreadStore>, TempDir) {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        (opened(folder.path()), folder)
    }

    async fn reopen(&self, guard: &TempDir) -> Option<Arc<dyn ThreadStore>> {
        Some(opened(guard.path()))
    }
}

mod on_file {
    use super::{OnFile, Spawning};

    frontdesk::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        Spawning(OnFile)
    );
}

mod in_memory {
    use super::{Spawning, SqliteStore, each};

    frontdesk::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        Spawning(each(|| SqliteStore::open_in_memory().expect("there is memory")))
    );
}
