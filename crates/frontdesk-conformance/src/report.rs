use std::fmt::{self, Display};

use crate::failure::Failure;

/// The results of all cases.
///
/// `Display` writes a table with one row for each case. A failed case shows the clause
/// that it checks, the expected answer and the actual answer.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{CASES, CaseReport, Report, from_fn, run_all};
///
/// # futures::executor::block_on(async {
/// let report: Report = run_all(&from_fn(MemoryStore::new)).await;
/// assert!(report.is_ok(), "{report}");
/// assert_eq!(report.failures().count(), 0);
///
/// let cases: &[CaseReport] = report.cases();
/// assert_eq!(cases.len(), CASES.len());
/// assert_eq!((cases[0].case, &cases[0].result), (CASES[0].name, &Ok(())));
/// # });
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    cases: Vec<CaseReport>,
}

/// The result of one case.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseReport {
    /// The name of the case.
    pub case: &'static str,
    /// The clause of the contract that the case checks.
    pub clause: &'static str,
    /// `Ok` if the store satisfies the clause.
    pub result: Result<(), Failure>,
}

impl Report {
    pub(crate) fn new(cases: Vec<CaseReport>) -> Self {
        Self { cases }
    }

    /// Returns `true` if no case failed.
    pub fn is_ok(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Returns the result of each case, in the order of [`CASES`](crate::CASES).
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
        for CaseReport { case, clause, result } in &self.cases {
            match result {
                Ok(()) => writeln!(f, "ok      {case}")?,
                Err(failure) => {
                    writeln!(f, "FAILED  {case}\n    clause:   {clause}\n    {failure}")?;
                }
            }
        }
        let (all, failed) = (self.cases.len(), self.failures().count());
        write!(f, "{} of {all} cases passed", all - failed)
    }
}
