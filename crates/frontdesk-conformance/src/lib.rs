#![doc = include_str!("../docs/implementing-a-store.md")]

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod alternating_store;
pub mod cases;
mod commit_builders;
mod difference;
mod erased_factory;
mod factory;
mod failure;
mod fault;
mod fixtures;
mod harness;
#[cfg(all(feature = "history", unix))]
pub mod history;
mod instances;
mod model;
mod outcome;
mod random_sequences;
mod recording_store;
mod report;
mod rng;
mod stress;
mod task;
mod text_round_trip;
mod time_limit;
mod tracked_location;
mod two_instances;

use two_instances::Alternating;

pub use cases::{CASES, Case, CaseFuture};
pub use factory::{DynFactory, Factory, FromFn, from_fn};
pub use failure::Failure;
pub use fault::Fault;
pub use instances::Instances;
pub use outcome::CaseOutcome;
pub use random_sequences::random_sequences;
pub use report::{CaseReport, Report};
pub use stress::{StressOptions, StressSummary, stress};
pub use task::Task;
pub use text_round_trip::check_text_round_trip;
pub use time_limit::TimeLimit;
pub use two_instances::{TwoInstances, two_instances};

/// Runs every case in turn, each on a fresh store, and returns the results.
///
/// If the factory has a second instance, each case runs once more over
/// [two instances](two_instances). A panic in a case or in the store is a failure of that
/// case, and so is a case that does not end within the [time limit](Factory::time_limit) of
/// the factory.
pub async fn run_all(factory: &dyn DynFactory) -> Report {
    let mut report = Report::default();
    if factory.target().factory.time_limit_any().is_none() {
        report.add_missing("time limits: the factory has no timer");
    }
    if factory.target().instances == Instances::One {
        run_cases(factory, &mut report).await;
    }
    let alternating = Alternating(factory);
    if alternating.target().create().await.is_some() {
        run_cases(&alternating, &mut report).await;
    } else {
        report.add_missing("all cases over two instances: the factory has no second instance");
    }
    report
}

async fn run_cases(factory: &dyn DynFactory, report: &mut Report) {
    let instances = factory.target().instances;
    for &Case { name, clause, run } in CASES {
        report.add(CaseReport { case: name, clause, instances, result: run(factory).await });
    }
}
