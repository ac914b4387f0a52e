/// The result of a case that found no failure.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{CaseOutcome, Failure, cases, from_fn, two_instances};
///
/// # futures::executor::block_on(async {
/// let factory = from_fn(MemoryStore::new);
/// let outcome = cases::keys_are_compared_by_bytes(&factory).await?;
/// assert_eq!(outcome, CaseOutcome::Passed);
///
/// // This factory has no second instance.
/// let outcome = cases::keys_are_compared_by_bytes(&two_instances(factory)).await?;
/// assert!(matches!(outcome, CaseOutcome::NotRun { .. }));
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaseOutcome {
    /// The store satisfies the clause.
    Passed,
    /// The factory lacks an ability that the case needs.
    #[non_exhaustive]
    NotRun {
        /// The missing ability.
        reason: &'static str,
    },
}
