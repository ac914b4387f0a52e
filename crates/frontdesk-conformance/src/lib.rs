#![doc = include_str!("../docs/implementing-a-store.md")]

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod cases;
mod commit_builders;
mod factory;
mod failure;
mod fixtures;
mod harness;
mod model;
mod recording_store;
mod report;
mod text_round_trip;
mod tracked_location;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

pub use cases::{CASES, Case, CaseFuture};
pub use factory::{DynFactory, Factory, FromFn, Task, from_fn};
pub use failure::Failure;
pub use report::{CaseReport, Report};
pub use text_round_trip::check_text_round_trip;

/// Runs every case in turn, each on a fresh store, and returns the results.
///
/// A panic in a case or in the store is a failure of that case.
pub async fn run_all(factory: &dyn DynFactory) -> Report {
    let mut reports = Vec::with_capacity(CASES.len());
    for &Case { name, clause, run } in CASES {
        let result = AssertUnwindSafe(run(factory)).catch_unwind().await;
        let result = result.unwrap_or_else(|panic| Err(Failure::from_panic(&*panic)));
        reports.push(CaseReport { case: name, clause, result });
    }
    Report::new(reports)
}
