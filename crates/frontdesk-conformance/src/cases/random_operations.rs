//! Random operations on a store and on the model, which must give the same answers.

mod operation;
mod rng;
mod world;

use operation::Operation;
use rng::Rng;
use world::World;

use crate::factory::DynFactory;
use crate::failure::{CaseResult, Failure};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;

const SEQUENCES: u64 = 8;
const OPERATIONS: usize = 80;
/// The highest number of stores that shortening a sequence creates.
const MAX_ATTEMPTS: usize = 150;

pub(super) async fn random_operations_match_the_model(harness: &Harness<'_>) -> CaseResult {
    for seed in 1..=SEQUENCES {
        let mut rng = Rng::new(seed);
        let mut operations: Vec<Operation> =
            (0..OPERATIONS).map(|_| Operation::random(&mut rng)).collect();
        if let Err((index, failure)) = run(harness.store(), seed, &operations).await {
            operations.truncate(index + 1);
            return Err(shorten(harness.factory(), seed, FailingRun { operations, failure }).await);
        }
    }
    Ok(())
}

/// A sequence whose last operation fails.
struct FailingRun {
    operations: Vec<Operation>,
    failure: Failure,
}

/// Removes operations as long as the rest still fails on a fresh store.
async fn shorten(factory: &dyn DynFactory, seed: u64, mut failing: FailingRun) -> Failure {
    let mut attempts = 0;
    let mut removed = failing.operations.len().div_ceil(2);
    while removed > 0 {
        let mut from = 0;
        while from < failing.operations.len() && attempts < MAX_ATTEMPTS {
            let mut operations = failing.operations.clone();
            operations.drain(from..operations.len().min(from + removed));
            let harness = Harness::new(factory).await;
            attempts += 1;
            match run(harness.store(), seed, &operations).await {
                Err((index, failure)) => {
                    operations.truncate(index + 1);
                    failing = FailingRun { operations, failure };
                }
                Ok(()) => from += removed,
            }
        }
        removed /= 2;
    }
    let FailingRun { operations, failure } = failing;
    let operations: Vec<String> =
        operations.iter().map(|operation| format!("\n      {operation:?}")).collect();
    failure.during(format_args!(
        "sequence {seed}, shortened to{}\n    last operation",
        operations.concat()
    ))
}

/// Runs operations. A failure comes with the index of the operation.
async fn run(
    store: &StoreHandle,
    seed: u64,
    operations: &[Operation],
) -> Result<(), (usize, Failure)> {
    let mut world = World::new(store, seed);
    for (index, &operation) in operations.iter().enumerate() {
        world.run(operation).await.map_err(|failure| (index, failure))?;
    }
    let last = operations.len().saturating_sub(1);
    world.check().await.map_err(|failure| (last, failure))
}
