//! The conformance kit on a store in a file, on two stores in one file, and on a store in memory.

#[path = "../../frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{Factory, Fault, from_fn};
use frontdesk_sqlite::SqliteStore;
use rusqlite::Connection;
use spawning::SpawningFactory;
use tempfile::TempDir;

struct FileFactory;

fn open_store(folder: &Path) -> Arc<dyn ThreadStore> {
    Arc::new(SqliteStore::open(folder.join("desk.sqlite")).expect("the file can be opened"))
}

/// Opens the file without the store.
fn connect(folder: &Path) -> Connection {
    Connection::open(folder.join("desk.sqlite")).expect("the file opens")
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

    async fn another(&self, guard: &TempDir) -> Option<Arc<dyn ThreadStore>> {
        Some(open_store(guard.path()))
    }

    async fn begin_at(&self, guard: &TempDir, location: &LocationId, revision: Revision) -> bool {
        let sql = "INSERT INTO location (location, revision, unread) VALUES (?1, ?2, 0)";
        let parameters = (location.as_str(), i64::from(revision));
        connect(guard.path()).execute(sql, parameters).expect("the location is unused") == 1
    }

    /// An embedded database has no connection to lose. A second writer that holds the lock of the
    /// file takes the place of a serialization failure.
    async fn fault(&self, guard: &TempDir, fault: &Fault) -> bool {
        let connection = connect(guard.path());
        match fault {
            Fault::DamagedRow(id) => {
                let sql = "UPDATE head SET last_number = -1 WHERE location = ?1 AND booking = ?2";
                let parameters = (id.location.as_str(), id.booking.as_str());
                connection.execute(sql, parameters).expect("the row is damaged") == 1
            }
            Fault::SerializationFailure => {
                connection.execute_batch("BEGIN IMMEDIATE").expect("the file is locked");
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(50));
                    drop(connection);
                });
                true
            }
            _ => false,
        }
    }
}

mod in_file {
    use super::{FileFactory, SpawningFactory};

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(FileFactory)
    );
}

mod two_instances {
    use frontdesk_conformance::two_instances;

    use super::{FileFactory, SpawningFactory};

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        two_instances(SpawningFactory(FileFactory))
    );
}

mod in_memory {
    use super::{SpawningFactory, SqliteStore, from_fn};

    frontdesk_conformance::conformance_tests!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)],
        SpawningFactory(from_fn(|| SqliteStore::open_in_memory().expect("the store is created")))
    );
}
