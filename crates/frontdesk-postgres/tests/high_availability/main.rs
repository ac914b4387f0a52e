//! `PostgresStore` on three servers that Patroni manages. Four processes write and poll. In
//! synchronous mode, Patroni switches over, and then the leader is killed. In asynchronous mode,
//! the leader is killed while no standby has the last commits. The processes record their calls,
//! and the tests check the recorded histories.
//!
//! The tests need Patroni and etcd and take about three minutes, so they run only with
//! `FRONTDESK_PATRONI=1`:
//!
//! ```sh
//! FRONTDESK_PATRONI=1 cargo test -p frontdesk-postgres --test high_availability -- --nocapture
//! ```

mod lost_tail;
mod outcome;
mod patroni;
#[path = "../support/postgres/mod.rs"]
mod postgres;
mod report;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod synchronous;
mod worker;
mod workers;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use patroni::{Patroni, Replication};

/// The time between two faults.
const LOAD: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    if worker::run_if_configured() {
        return ExitCode::SUCCESS;
    }
    let tests = vec![
        Trial::ignorable_test("nothing_acknowledged_is_lost_in_synchronous_mode", || {
            on_patroni(Replication::Synchronous, synchronous::test)
        }),
        Trial::ignorable_test("p7_every_poll_starts_over_after_commits_were_lost", || {
            on_patroni(Replication::Asynchronous, lost_tail::test)
        }),
    ];
    let mut arguments = Arguments::from_args();
    // A small machine cannot run the processes of both tests at the same time.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn on_patroni(
    replication: Replication,
    test: impl AsyncFnOnce(Patroni),
) -> Result<Completion, Failed> {
    if env::var("FRONTDESK_PATRONI").as_deref() != Ok("1") {
        return Ok(Completion::ignored_with("not run: FRONTDESK_PATRONI is not 1"));
    }
    match Patroni::start(replication) {
        Ok(patroni) => {
            tokio::runtime::Runtime::new()?.block_on(test(patroni));
            Ok(Completion::Completed)
        }
        Err(error) => error.outcome(),
    }
}
