//! Runs a scenario under many schedules. Each test run uses the same schedules.

use std::env;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use shuttle::future::block_on;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

const SEED: u64 = 7_500;

/// The number of points at which `PctScheduler` changes a task's priority. Most races need two or
/// three changes.
const PRIORITY_CHANGES: usize = 3;

/// Returns the number of schedules that each of the two schedulers tries. The environment variable
/// `FRONTDESK_SCHEDULES` sets the number, which is 300 by default. `SHUTTLE_RANDOM_SEED` selects
/// other schedules.
fn schedules() -> usize {
    env::var("FRONTDESK_SCHEDULES")
        .map_or(300, |schedules| schedules.parse().expect("FRONTDESK_SCHEDULES is a number"))
}

/// Runs a scenario under random schedules, and under schedules that rarely switch between tasks. On
/// a failure, shuttle prints the schedule for `shuttle::replay`.
pub(crate) fn explore<F>(scenario: impl Fn() -> F + Send + Sync + 'static)
where
    F: Future<Output = ()>,
{
    let scenario = Arc::new(move || block_on(scenario()));
    run(RandomScheduler::new_from_seed(SEED, schedules()), Arc::clone(&scenario));
    run(PctScheduler::new_from_seed(SEED, PRIORITY_CHANGES, schedules()), scenario);
}

fn run(scheduler: impl Scheduler + 'static, scenario: Arc<impl Fn() + Send + Sync + 'static>) {
    let mut config = Config::new();
    // Nested futures in a debug build need more than shuttle's default stack.
    config.stack_size = 1 << 20;
    Runner::new(scheduler, config).run(move || scenario());
}

/// Explores a scenario until a run fails. Returns the number of the failed run, or `None` if no run
/// failed.
pub(crate) fn explore_until_failure<F>(
    scenario: impl Fn() -> F + Send + Sync + 'static,
) -> Option<usize>
where
    F: Future<Output = ()>,
{
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    let explored = AssertUnwindSafe(|| {
        explore(move || {
            counter.fetch_add(1, SeqCst);
            scenario()
        });
    });
    catch_unwind(explored).is_err().then(|| runs.load(SeqCst))
}
