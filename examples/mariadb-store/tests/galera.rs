//! The storage contract and recorded histories on a Galera cluster.
//!
//! `FRONTDESK_GALERA_URLS` names the nodes of a cluster, separated by commas. The script `galera`
//! of this package starts a cluster. `FRONTDESK_GALERA_SECONDS` is the length of the stress test.

#[path = "../../../crates/frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;
mod support;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;
use std::{env, iter};

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{CASES, Case, Factory, Fault};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use mariadb_store::MariaDbStore;
use mysql_async::{Conn, Opts};
use support::{case, run_sql, statements, stress};

const TASKS: usize = 6;

fn main() -> ExitCode {
    let Ok(urls) = env::var("FRONTDESK_GALERA_URLS") else {
        println!("not run: the tests on Galera, because FRONTDESK_GALERA_URLS is not set");
        return ExitCode::SUCCESS;
    };
    let cluster = Cluster(urls.split(',').map(str::to_owned).collect());
    let contract = CASES.iter().map(|&case| contract_trial(case, cluster.clone()));
    let stress = iter::once(stress_trial(cluster.clone()));
    // Creating tables stops all writes of a cluster, so tests do not run at the same time.
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, stress.chain(contract).collect()).exit_code()
}

/// The URLs of the nodes.
#[derive(Debug, Clone)]
struct Cluster(Vec<String>);

impl Cluster {
    /// Creates a database and returns its URL on each node.
    async fn database(&self) -> Vec<String> {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        let name = format!("desk_{}_{}", std::process::id(), CREATED.fetch_add(1, Relaxed));
        run_sql(&self.0[0], &[&format!("CREATE DATABASE {name}")]).await;
        let of_node = |url: &String| {
            let (server, _) = url.rsplit_once('/').expect("the URL names a database");
            format!("{server}/{name}")
        };
        let urls: Vec<String> = self.0.iter().map(of_node).collect();
        for url in &urls {
            // A node creates the database later than the first node.
            while Conn::new(Opts::from_url(url).unwrap()).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        urls
    }
}

async fn open(url: &str) -> MariaDbStore {
    let store = MariaDbStore::connect(url).unwrap();
    store.migrate().await.unwrap();
    store
}

/// Creates stores on the first node, and other instances on the second.
struct NodesFactory(Cluster);

#[async_trait]
impl Factory for NodesFactory {
    type Guard = Vec<String>;

    async fn create(&self) -> (Arc<dyn ThreadStore>, Vec<String>) {
        let urls = self.0.database().await;
        (Arc::new(open(&urls[0]).await), urls)
    }

    async fn reopen(&self, urls: &Vec<String>) -> Option<Arc<dyn ThreadStore>> {
        Some(Arc::new(open(&urls[0]).await))
    }

    async fn another(&self, urls: &Vec<String>) -> Option<Arc<dyn ThreadStore>> {
        Some(Arc::new(open(&urls[1]).await))
    }

    async fn begin_at(&self, urls: &Vec<String>, location: &LocationId, at: Revision) -> bool {
        run_sql(&urls[0], &[&statements::begin_at(location, at)]).await;
        true
    }

    async fn fault(&self, urls: &Vec<String>, fault: &Fault) -> bool {
        if let Fault::DamagedRow(id) = fault {
            run_sql(&urls[0], &[&statements::damage(id)]).await;
        }
        matches!(fault, Fault::DamagedRow(_))
    }
}

fn contract_trial(case: Case, cluster: Cluster) -> Trial {
    Trial::ignorable_test(format!("two_nodes::{}", case.name), move || {
        case::run(case, true, NodesFactory(cluster))
    })
}

fn stress_trial(cluster: Cluster) -> Trial {
    Trial::ignorable_test("the_history_of_three_nodes_is_strictly_serializable", move || {
        case::runtime().block_on(check_stress(&cluster))
    })
}

/// Runs tasks on all nodes at the same time, and checks their history.
async fn check_stress(cluster: &Cluster) -> Result<Completion, Failed> {
    let seconds =
        env::var("FRONTDESK_GALERA_SECONDS").map_or(20, |seconds| seconds.parse().unwrap());
    let urls = cluster.database().await;
    let mut stores = Vec::new();
    for url in urls.iter().cycle().take(TASKS) {
        stores.push(open(url).await);
    }
    let reader = open(&urls[0]).await;
    stress::check_history(stores, reader, Duration::from_secs(seconds)).await
}
