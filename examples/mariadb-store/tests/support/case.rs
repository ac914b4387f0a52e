//! A case of the conformance kit as a test of `libtest-mimic`.

use std::env;

use frontdesk_conformance::{CASES, Case, CaseOutcome, Factory, two_instances};
use libtest_mimic::{Completion, Failed};

use crate::spawning::SpawningFactory;

/// Cases with more than 1,000 commits or messages, which run only over one store.
const LARGE_CASES: [&str; 4] = [
    "a_long_thread_is_read_and_erased_completely",
    "more_than_1000_keys_are_forgotten_in_one_step",
    "a_large_location_is_listed_and_counted_completely",
    "an_empty_poll_costs_the_same_in_a_large_location",
];

/// Returns the cases to run, each with `true` if it runs over two stores. A case over two stores
/// finds what the same case over one store finds, so only a long run has both.
pub(crate) fn selected() -> impl Iterator<Item = (bool, Case)> {
    let is_long = env::var_os("FRONTDESK_ALL_VARIANTS").is_some();
    if !is_long {
        println!(
            "not run: the cases over one store that also run over two stores, because \
             FRONTDESK_ALL_VARIANTS is not set"
        );
    }
    [false, true].into_iter().flat_map(move |is_two| {
        let cases = CASES.iter().filter(move |case| {
            let is_large = LARGE_CASES.contains(&case.name);
            if is_two { !is_large } else { is_large || is_long }
        });
        cases.map(move |&case| (is_two, case))
    })
}

/// Returns the name of the test of a case.
pub(crate) fn test_name(is_two: bool, case: Case) -> String {
    let instances = if is_two { "two_instances" } else { "one_instance" };
    format!("{instances}::{}", case.name)
}

/// Runs a case over one store, or over two stores on the same data.
pub(crate) fn run<F: Factory>(case: Case, is_two: bool, factory: F) -> Result<Completion, Failed> {
    let factory = SpawningFactory(factory);
    let result = runtime().block_on(async {
        if is_two { (case.run)(&two_instances(factory)).await } else { (case.run)(&factory).await }
    });
    match result {
        Ok(CaseOutcome::NotRun { reason, .. }) => {
            Ok(Completion::ignored_with(format!("not run: {reason}")))
        }
        Ok(_) => Ok(Completion::Completed),
        Err(failure) => Err(Failed::from(format!("{}\n{failure}", case.clause))),
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}
