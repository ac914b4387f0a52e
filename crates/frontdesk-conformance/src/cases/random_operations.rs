use crate::failure::CaseResult;
use crate::harness::Harness;
use crate::random_sequences::run_sequences;

pub(super) async fn random_operations_match_the_model(harness: &Harness<'_>) -> CaseResult {
    const OPERATIONS: usize = 80;
    run_sequences(harness, 1..=8, OPERATIONS).await
}
