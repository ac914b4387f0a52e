//! What `PostgresStore` is worth while everything under it breaks: four processes post,
//! read, mark and poll at the same places; connections are cut and ended, servers crash
//! and come back, a replica takes over. Afterwards what they saw is held against what is
//! stored.
//!
//! Each test runs this program again, as the processes. `FRONTDESK_FAULT_SECONDS` says
//! for how long things break, 12 where it says nothing, and `FRONTDESK_FAULT_SEED` which
//! of them and when:
//!
//! ```sh
//! FRONTDESK_FAULT_SECONDS=60 cargo test --features postgres --test postgres_faults
//! ```

#[path = "../../benches/dice/mod.rs"]
mod dice;
mod faults;
mod feeds;
mod histories;
mod office;
mod one_server;
#[path = "../support/postgres/mod.rs"]
mod postgres;
mod process;
#[path = "../support/proxy.rs"]
mod proxy;
mod reading;
mod report;
#[path = "../../examples/spread/routing.rs"]
mod routing;
mod several_servers;
#[path = "../support/mod.rs"]
mod support;
mod verdict;
mod writing;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use postgres::{Cluster, Listen};

fn main() -> ExitCode {
    if office::run() {
        return ExitCode::SUCCESS;
    }
    let tests = vec![
        Trial::ignorable_test("nothing_is_lost_when_one_server_fails_over", || {
            on_own(one_server::fails_over)
        }),
        Trial::ignorable_test("nothing_is_lost_when_several_servers_crash", || {
            on_own(several_servers::crash)
        }),
    ];
    let mut arguments = Arguments::from_args();
    // Each is as many processes as a small machine can stand.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// A test on a server of its own, which it may harm.
fn on_own(check: impl AsyncFnOnce(Cluster)) -> Result<Completion, Failed> {
    match Cluster::start(Listen::OnPort) {
        Ok(cluster) => {
            tokio::runtime::Runtime::new()?.block_on(check(cluster));
            Ok(Completion::Completed)
        }
        Err(error) => error.outcome(),
    }
}
