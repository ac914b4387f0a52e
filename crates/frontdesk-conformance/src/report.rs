use std::fmt::{self, Display};

use crate::failure::Failure;
use crate::instances::Instances;
use crate::outcome::CaseOutcome;

/// The results of all cases.
///
/// `Display` writes a table with one row for each case. A failed case shows the clause
/// that it checks, the expected answer and the actual answer. A row `not run: ...` shows what
/// was not tested because the factory lacks an ability.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{CASES, CaseOutcome, CaseReport, Instances, Report, from_fn, run_all};
///
/// # futures::executor::block_on(async {
/// let report: Report = run_all(&from_fn(MemoryStore::new)).await;
/// assert!(report.is_ok(), "{report}");
/// assert_eq!(report.failures().count(), 0);
///
/// // `from_fn` has no second instance, so each case ran once.
/// let cases: &[CaseReport] = report.cases();
/// assert_eq!(cases.len(), CASES.len());
/// assert_eq!((cases[0].case, cases[0].instances), (CASES[0].name, Instances::One));
/// assert_eq!(cases[0].result, Ok(CaseOutcome::Passed));
/// assert!(report.to_string().contains("not run: all cases over two instances"));
/// # });
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Report {
    cases: Vec<CaseReport>,
    missing: Vec<&'static str>,
}

/// The result of one case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseReport {
    /// The name of the case.
    pub case: &'static str,
    /// The clause of the contract that the case checks.
    pub clause: &'static str,
    /// The number of instances that the case used.
    pub instances: Instances,
    /// The outcome, or the failure if the store does not satisfy the clause.
    pub result: Result<CaseOutcome, Failure>,
}

impl Report {
    pub(crate) fn add(&mut self, case: CaseReport) {
        self.cases.push(case);
    }

    /// Adds something that was not tested in any case.
    pub(crate) fn add_missing(&mut self, missing: &'static str) {
        self.missing.push(missing);
    }

    /// Returns `true` if no case failed.
    pub fn is_ok(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Returns the result of each case, in the order of [`CASES`](crate::CASES). If the factory
    /// has a second instance, the results over two instances follow.
    pub fn cases(&self) -> &[CaseReport] {
        &self.cases
    }

    /// Returns the cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|report| report.result.is_err())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for CaseReport { case, clause, instances, result } in &self.cases {
            let instances = match instances {
                Instances::One => "",
                Instances::Two => " (two instances)",
            };
            match result {
                Ok(CaseOutcome::Passed) => writeln!(f, "ok      {case}{instances}")?,
                Ok(CaseOutcome::NotRun { reason }) => {
                    writeln!(f, "not run: {case}{instances}: {reason}")?;
                }
                Err(failure) => {
                    writeln!(
                        f,
                        "FAILED  {case}{instances}\n    clause:   {clause}\n    {failure}"
                    )?;
                }
            }
        }
        for missing in &self.missing {
            writeln!(f, "not run: {missing}")?;
        }
        let passed = |case: &&CaseReport| case.result == Ok(CaseOutcome::Passed);
        let passed = self.cases.iter().filter(passed).count();
        let (all, failed) = (self.cases.len(), self.failures().count());
        write!(
            f,
            "{passed} of {all} cases passed, {failed} failed, {} not run",
            all - passed - failed
        )
    }
}
