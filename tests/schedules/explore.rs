//! Runs a story under many schedules, the same ones each time.

use std::env;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use shuttle::future::block_on;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner};

const SEED: u64 = 7_500;

/// Among how many places the second scheduler changes who goes first: most races
/// need two or three.
const CHANGES: usize = 3;

/// How many schedules each of the two schedulers tries: `FRONTDESK_SCHEDULES`, 300 by
/// default. `SHUTTLE_RANDOM_SEED` tries others.
fn schedules() -> usize {
    env::var("FRONTDESK_SCHEDULES").map_or(300, |schedules| schedules.parse().expect("a number"))
}

/// Runs `story` under schedules drawn at random, and under schedules that keep to
/// one task but for a few changes. Where it fails, the schedule is printed, for
/// `shuttle::replay`.
pub(crate) fn explore<F>(story: impl Fn() -> F + Send + Sync + 'static)
where
    F: Future<Output = ()>,
{
    let story = Arc::new(move || block_on(story()));
    run(RandomScheduler::new_from_seed(SEED, schedules()), Arc::clone(&story));
    run(PctScheduler::new_from_seed(SEED, CHANGES, schedules()), story);
}

fn run(scheduler: impl Scheduler + 'static, story: Arc<impl Fn() + Send + Sync + 'static>) {
    let mut config = Config::new();
    // Unoptimized futures inside of one another, and the records of a database.
    config.stack_size = 1 << 20;
    Runner::new(scheduler, config).run(move || story());
}

/// In which run, of all that [`explore`] makes, `story` failed.
pub(crate) fn explore_until_it_fails<F>(
    story: impl Fn() -> F + Send + Sync + 'static,
) -> Option<usize>
where
    F: Future<Output = ()>,
{
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let explored = AssertUnwindSafe(|| {
        explore(move || {
            counted.fetch_add(1, SeqCst);
            story()
        });
    });
    catch_unwind(explored).is_err().then(|| runs.load(SeqCst))
}
