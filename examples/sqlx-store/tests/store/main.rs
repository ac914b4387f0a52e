//! Tests of the store on a PostgreSQL server: the storage contract over one and two stores, lost
//! connections, cancelled calls, the pool, and recorded histories.

mod calls;
#[path = "../../../mariadb-store/tests/support/case.rs"]
mod case;
mod contract;
mod database;
#[path = "../../../../crates/frontdesk-postgres/tests/support/postgres/mod.rs"]
mod postgres;
#[path = "../../../../tests/support/proxy.rs"]
mod proxy;
#[path = "../../../../crates/frontdesk-conformance/tests/support/spawning.rs"]
mod spawning;
#[path = "../../../mariadb-store/tests/support/stress.rs"]
mod stress;

use std::env;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use database::{Schema, SharedDatabase};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::NoServer;

type LazyDatabase = Arc<LazyLock<Result<SharedDatabase, NoServer>>>;

/// The number of stores that a recorded history comes from, each with its own pool.
const STORES: usize = 4;

fn main() -> ExitCode {
    let shared: LazyDatabase = Arc::new(LazyLock::new(SharedDatabase::start as fn() -> _));
    let contract = case::selected().map(|(is_two, case)| {
        trial(&shared, case::test_name(is_two, case), move |shared| {
            contract::run(shared, is_two, case)
        })
    });
    let calls = calls::TESTS.iter().map(|(name, test)| {
        trial(&shared, (*name).to_owned(), move |shared| {
            case::runtime().block_on(test(shared));
            Ok(Completion::Completed)
        })
    });
    let history = trial(&shared, "a_history_is_strictly_serializable".to_owned(), |shared| {
        case::runtime().block_on(check_history(shared))
    });
    let trials = contract.chain(calls).chain([history]).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(
    shared: &LazyDatabase,
    name: String,
    test: impl FnOnce(&SharedDatabase) -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    let shared = Arc::clone(shared);
    Trial::ignorable_test(name, move || match &**shared {
        Ok(shared) => test(shared),
        Err(error) => error.outcome(),
    })
}

/// Runs stores with pools of their own at the same time, and checks their history.
/// `FRONTDESK_SQLX_SECONDS` is the length of the run.
async fn check_history(shared: &SharedDatabase) -> Result<Completion, Failed> {
    let seconds = env::var("FRONTDESK_SQLX_SECONDS").map_or(2, |seconds| seconds.parse().unwrap());
    let schema = Schema::create(shared).await;
    let stores = (0..STORES).map(|_| schema.store()).collect();
    stress::check_history(stores, schema.store(), Duration::from_secs(seconds)).await
}
