//! `PostgresStore` on three servers that Patroni manages, in synchronous mode. Four processes
//! write and poll while Patroni switches over and while the leader is killed.
//!
//! The test needs Patroni and etcd and takes about two minutes, so it runs only with
//! `FRONTDESK_PATRONI=1`:
//!
//! ```sh
//! FRONTDESK_PATRONI=1 cargo test -p frontdesk-postgres --test high_availability -- --nocapture
//! ```

mod patroni;
#[path = "../support/postgres/mod.rs"]
mod postgres;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod worker;
mod workers;

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use frontdesk_postgres::PostgresStore;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use patroni::Patroni;
use tokio::time::sleep;
use workers::Workers;

/// The time between two faults.
const LOAD: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    if worker::run_if_configured() {
        return ExitCode::SUCCESS;
    }
    let test = Trial::ignorable_test("nothing_acknowledged_is_lost_under_patroni", || {
        if env::var("FRONTDESK_PATRONI").as_deref() != Ok("1") {
            return Ok(Completion::ignored_with("not run: FRONTDESK_PATRONI is not 1"));
        }
        match Patroni::start() {
            Ok(patroni) => test(patroni),
            Err(error) => error.outcome(),
        }
    });
    libtest_mimic::run(&Arguments::from_args(), vec![test]).exit_code()
}

/// P1, P7, I4: each acknowledged message is stored once, in its order, and the polls of each
/// process bring its own messages.
fn test(mut patroni: Patroni) -> Result<Completion, Failed> {
    tokio::runtime::Runtime::new()?.block_on(async {
        patroni.wait_until_synchronous().await;
        let store = PostgresStore::connect(&patroni.url()).unwrap();
        store.migrate().await.unwrap();
        let mut workers = Workers::start(&patroni.url());
        sleep(LOAD).await;

        patroni.switch_over().await;
        sleep(LOAD).await;
        patroni.wait_until_synchronous().await;
        let switchover = workers.longest_pause();

        sleep(LOAD).await;
        patroni.kill_leader().await;
        workers.wait_for_messages().await;
        sleep(LOAD).await;
        let kill = workers.longest_pause();

        let messages = workers.finish(&store).await;
        println!("{messages} messages were acknowledged and none of them was lost");
        println!("longest time without an acknowledged message:");
        println!("  switchover          {:.1} s", switchover.as_secs_f64());
        println!("  SIGKILL of a leader {:.1} s", kill.as_secs_f64());
    });
    Ok(Completion::Completed)
}
