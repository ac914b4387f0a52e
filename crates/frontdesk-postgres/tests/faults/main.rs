//! `PostgresStore` under faults. Four processes post, read, mark and poll at the same
//! locations, while connections are cut and closed, servers crash and restart, and a replica
//! takes over. With `FRONTDESK_CITUS_URL`, a further test moves shards of a Citus cluster and
//! restarts its servers. The processes record their calls. Afterwards the test checks that the history of
//! each location is strictly serializable, and compares what is stored with the messages that
//! were acknowledged.
//!
//! Each test starts this program again for the processes. `FRONTDESK_FAULT_SECONDS` sets the
//! duration of the faults (default 12) and `FRONTDESK_FAULT_SEED` their choice:
//!
//! ```sh
//! FRONTDESK_FAULT_SECONDS=60 cargo test -p frontdesk-postgres --test faults
//! ```

mod checker;
mod citus;
mod failover;
mod fault_injector;
mod histories;
#[path = "../support/postgres/mod.rs"]
mod postgres;
#[path = "../../../../tests/support/proxy.rs"]
mod proxy;
mod readers;
mod report;
#[path = "../../../../tests/support/rng.rs"]
mod rng;
#[path = "../../../../examples/sharded-store/src/sharded_store.rs"]
mod sharded_store;
mod sharding;
mod stored_content;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod worker;
mod worker_config;
mod worker_processes;
mod worker_program;
mod writer;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{Cluster, Listen};

fn main() -> ExitCode {
    if worker_program::run_if_configured() {
        return ExitCode::SUCCESS;
    }
    let mut tests = vec![
        Trial::ignorable_test("nothing_is_lost_when_one_server_fails_over", || {
            on_own_server(failover::test)
        }),
        Trial::ignorable_test("nothing_is_lost_when_several_servers_crash", || {
            on_own_server(sharding::test)
        }),
    ];
    if let Some(url) = postgres::citus::url("the fault run") {
        tests.push(Trial::ignorable_test("nothing_is_lost_when_shards_of_citus_move", move || {
            match postgres::citus::config(&url) {
                Ok(coordinator) => {
                    let runtime = tokio::runtime::Runtime::new()?;
                    runtime.block_on(citus::test(url.clone(), coordinator));
                    Ok(Completion::Completed)
                }
                Err(error) => error.outcome(),
            }
        }));
    }
    let mut arguments = Arguments::from_args();
    // A small machine cannot run the processes of both tests at the same time.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// Runs a test on a server that it may damage.
fn on_own_server(test: impl AsyncFnOnce(Cluster)) -> Result<Completion, Failed> {
    match Cluster::start(Listen::OnPort) {
        Ok(cluster) => {
            tokio::runtime::Runtime::new()?.block_on(test(cluster));
            Ok(Completion::Completed)
        }
        Err(error) => error.outcome(),
    }
}
