#![doc = include_str!("../../docs/implementing-a-store.md")]

pub mod cases;
mod cast;
mod commits;
mod erasure;
mod factory;
mod feed;
mod history;
mod identity;
mod inbox;
mod keys;
mod ledger;
mod model;
mod proposal;
mod racing;
mod report;
mod sequences;
mod stage;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

pub use cases::{CASES, Case, Verdict};
pub use factory::{Each, Factory, Host, Task, each};
pub use identity::these_texts_come_back;
pub use report::{Failure, Finding, Report};

/// Runs every case, each on a fresh store, one after the other. A panic is a
/// failure of its case.
pub async fn run_all(host: &dyn Host) -> Report {
    let mut findings = Vec::with_capacity(CASES.len());
    for &Case { name, clause, run } in CASES {
        let outcome = AssertUnwindSafe(run(host)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|panic| Err(Failure::of_panic(&*panic)));
        findings.push(Finding { case: name, clause, outcome });
    }
    Report::new(findings)
}
