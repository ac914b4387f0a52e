//! The storage contract on MariaDB, over one and two stores.

#[path = "../../../tests/support/proxy.rs"]
mod proxy;
#[path = "../../../crates/frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;
mod support;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex};

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{Case, Factory, Fault};
use libtest_mimic::{Arguments, Trial};
use mariadb_store::MariaDbStore;
use proxy::{Cut, Proxy};
use support::{NoServer, Server, case, run_sql, statements};

type LazyServer = Arc<LazyLock<Result<Server, NoServer>>>;

fn main() -> ExitCode {
    let server: LazyServer = Arc::new(LazyLock::new(Server::start as fn() -> _));
    let trials =
        case::selected().map(|(is_two, case)| trial(is_two, case, Arc::clone(&server))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(is_two: bool, case: Case, server: LazyServer) -> Trial {
    Trial::ignorable_test(case::test_name(is_two, case), move || match &**server {
        Ok(server) => {
            let is_proxied = case.name.contains("connection_lost");
            case::run(case, is_two, DatabaseFactory { server, is_proxied })
        }
        Err(error) => error.outcome(),
    })
}

/// Creates stores in databases of one server.
struct DatabaseFactory<'a> {
    server: &'a Server,
    /// The stores connect through a proxy that can cut connections.
    is_proxied: bool,
}

/// A database and its stores.
struct Database {
    name: String,
    proxy: Option<Proxy>,
    stores: Mutex<Vec<MariaDbStore>>,
}

impl DatabaseFactory<'_> {
    /// Runs statements without a store.
    async fn run_sql(&self, database: &Database, statements: &[&str]) {
        run_sql(&self.server.url(self.server.port(), &database.name), statements).await;
    }

    /// Opens a store with its own pool.
    async fn open(&self, database: &Database) -> Arc<dyn ThreadStore> {
        let port = database.proxy.as_ref().map_or(self.server.port(), Proxy::port);
        let store = MariaDbStore::connect(&self.server.url(port, &database.name)).unwrap();
        store.migrate().await.unwrap();
        database.stores.lock().unwrap().push(store.clone());
        Arc::new(store)
    }
}

/// Makes the database refuse the next change of a head once, as in a deadlock. A sequence keeps
/// its value when the transaction fails, so the second attempt succeeds.
const DEADLOCK: [&str; 4] = [
    "CREATE SEQUENCE IF NOT EXISTS attempt",
    "ALTER SEQUENCE attempt RESTART",
    "CREATE OR REPLACE TRIGGER refuse_insert BEFORE INSERT ON thread FOR EACH ROW \
     IF NEXT VALUE FOR attempt = 1 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF",
    "CREATE OR REPLACE TRIGGER refuse_update BEFORE UPDATE ON thread FOR EACH ROW \
     IF NEXT VALUE FOR attempt = 1 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF",
];

#[async_trait]
impl Factory for DatabaseFactory<'_> {
    type Guard = Database;

    async fn create(&self) -> (Arc<dyn ThreadStore>, Database) {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("desk_{}", CREATED.fetch_add(1, Relaxed));
        let url = self.server.url(self.server.port(), "mysql");
        run_sql(&url, &[&format!("CREATE DATABASE {name}")]).await;
        let proxy = self.is_proxied.then(|| Proxy::to(self.server.port()));
        let database = Database { name, proxy, stores: Mutex::default() };
        (self.open(&database).await, database)
    }

    async fn reopen(&self, database: &Database) -> Option<Arc<dyn ThreadStore>> {
        let stores = std::mem::take(&mut *database.stores.lock().unwrap());
        for store in stores {
            store.close().await.unwrap();
        }
        Some(self.open(database).await)
    }

    async fn another(&self, database: &Database) -> Option<Arc<dyn ThreadStore>> {
        Some(self.open(database).await)
    }

    async fn begin_at(&self, database: &Database, location: &LocationId, at: Revision) -> bool {
        self.run_sql(database, &[&statements::begin_at(location, at)]).await;
        true
    }

    async fn fault(&self, database: &Database, fault: &Fault) -> bool {
        match (fault, &database.proxy) {
            // The first statement of a commit that has the id of the location.
            (Fault::LostBeforeCommit, Some(proxy)) => proxy.cut_next(Cut::Before(b"harbour")),
            (Fault::LostAfterCommit, Some(proxy)) => proxy.cut_next(Cut::Response(b"COMMIT")),
            (Fault::SerializationFailure, _) => {
                self.run_sql(database, &DEADLOCK).await;
            }
            (Fault::DamagedRow(id), _) => {
                self.run_sql(database, &[&statements::damage(id)]).await;
            }
            _ => return false,
        }
        true
    }

    /// Counts the rows that the statements of all stores read.
    async fn work(&self, database: &Database) -> Option<u64> {
        let name = &database.name;
        let sql = format!(
            "SELECT CAST(sum(rows_read) AS UNSIGNED) FROM information_schema.table_statistics \
             WHERE table_schema = '{name}'"
        );
        self.server.number(name, &sql).await
    }
}
