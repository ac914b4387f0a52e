//! A case of the conformance kit as a test of `libtest-mimic`.

use frontdesk_conformance::{Case, CaseOutcome, Factory, two_instances};
use libtest_mimic::{Completion, Failed};

use crate::spawning::SpawningFactory;

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
