use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display};

use crate::store::StoreError;

/// What a store did that the contract does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What was asked of the store.
    pub what: String,
    /// What the contract has it answer.
    pub expected: String,
    /// What it answered.
    pub came: String,
}

/// What a case comes to.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(super) fn new(what: impl Display, expected: impl Display, came: impl Display) -> Self {
        let [what, expected, came] = [what.to_string(), expected.to_string(), came.to_string()];
        Self { what, expected, came }
    }

    /// What a panic of the store or the case said.
    pub(super) fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Self::new("running it", "no panic", format_args!("a panic: {said}"))
    }

    pub(super) fn while_doing(mut self, what: impl Display) -> Self {
        self.what = format!("{what}: {}", self.what);
        self
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, expected, came } = self;
        write!(f, "{what}\n    expected: {expected}\n    came:     {came}")
    }
}

impl Error for Failure {}

/// No case provokes an error, so that each is a failure.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let mut came = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            came = format!("{came}: {cause}");
            source = cause.source();
        }
        Self::new("an answer", "no error", format_args!("the error {came:?}"))
    }
}

/// Whether what came is what the contract has come.
pub(super) fn same<T: PartialEq + Debug + ?Sized>(
    came: &T,
    expected: &T,
    what: impl Display,
) -> Outcome {
    if came == expected {
        return Ok(());
    }
    let (came, expected) = (format!("{came:?}"), format!("{expected:?}"));
    let differ = came.chars().zip(expected.chars()).position(|(came, expected)| came != expected);
    let Some(at) = differ.or((came.len() != expected.len()).then_some(0)) else {
        return Err(Failure::new(what, expected, "the same but for a text that Debug hides"));
    };
    Err(Failure::new(what, around(&expected, at), around(&came, at)))
}

/// The part of a long text in which something is different.
fn around(text: &str, at: usize) -> String {
    const BEFORE: usize = 160;
    const SHOWN: usize = 640;
    let from = at.saturating_sub(BEFORE);
    let mut shown: String = text.chars().skip(from).take(SHOWN).collect();
    if from > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > from + SHOWN {
        shown.push('…');
    }
    shown
}

/// Whether something is so.
pub(super) fn holds(
    condition: bool,
    what: impl Display,
    expected: impl Display,
    came: impl Debug,
) -> Outcome {
    if condition {
        return Ok(());
    }
    Err(Failure::new(what, expected, around(&format!("{came:?}"), 0)))
}

/// What all cases came to. As text it is a table, with the clause and the answer
/// of each case that failed.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::store::conformance::{CASES, Case, Failure, Finding, Report, each, run_all};
///
/// # futures::executor::block_on(async {
/// let report: Report = run_all(&each(MemoryStore::new)).await;
/// assert!(report.is_ok(), "{report}");
/// let findings: &[Finding] = report.findings();
/// assert_eq!(findings.len(), CASES.len());
///
/// let first: &Case = &CASES[0];
/// let outcome: &Result<(), Failure> = &findings[0].outcome;
/// assert_eq!((findings[0].case, outcome), (first.name, &Ok(())));
/// assert_eq!(report.failures().count(), 0);
/// # });
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    findings: Vec<Finding>,
}

/// What one case came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The case's name.
    pub case: &'static str,
    /// The clause of the contract that it tests.
    pub clause: &'static str,
    /// Whether the store keeps it.
    pub outcome: Result<(), Failure>,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self { findings }
    }

    /// Whether the store keeps the whole contract, as far as the cases tell.
    pub fn is_ok(&self) -> bool {
        self.failures().next().is_none()
    }

    /// What each case came to.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the store does not keep.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.outcome.is_err())
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { case, clause, outcome } in &self.findings {
            match outcome {
                Ok(()) => writeln!(f, "ok      {case}")?,
                Err(failure) => {
                    writeln!(f, "FAILED  {case}\n    clause:   {clause}\n    {failure}")?;
                }
            }
        }
        let (all, failed) = (self.findings.len(), self.failures().count());
        write!(f, "{} of {all} cases hold", all - failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A difference far into a long answer is shown, and cut around.
    #[test]
    fn a_failure_shows_where_a_long_answer_differs() {
        let (mut came, expected) = (vec![1; 5_000], vec![1; 5_000]);
        came[3_000] = 2;
        let failure = same(&came, &expected, "ones").unwrap_err();
        assert!(failure.came.contains("1, 2, 1") && failure.came.chars().count() < 700);
        assert_eq!(failure.to_string().lines().count(), 3);
    }
}
