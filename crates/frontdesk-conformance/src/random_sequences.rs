//! Random operations on a store and on the model, which must give the same answers.

mod operation;
mod world;

use std::ops::RangeInclusive;

use operation::Operation;
use world::World;

use crate::factory::DynFactory;
use crate::failure::{CaseResult, Failure};
use crate::harness::Harness;
use crate::recording_store::StoreHandle;
use crate::rng::Rng;

/// The highest number of stores that shortening a sequence creates.
const MAX_ATTEMPTS: usize = 150;

/// Runs one sequence of random operations for each seed, and compares each answer with that of a
/// simple model.
///
/// The case `random_operations_match_the_model` runs eight sequences of 80 operations. Run more
/// and longer ones with this function, for example every night. The same seed and the same number
/// of operations give the same sequence on every machine. The failure names the seed, so
/// `seed..=seed` repeats a failing sequence.
///
/// # Errors
///
/// [`Failure`] of the first sequence in which an answer differs. Its operation has the seed and
/// the shortest sequence that the function found by removing operations.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{Failure, from_fn, random_sequences};
///
/// # futures::executor::block_on(async {
/// random_sequences(&from_fn(MemoryStore::new), 1..=5, 200).await?;
/// # Ok::<(), Failure>(())
/// # }).unwrap();
/// ```
pub async fn random_sequences(
    factory: &dyn DynFactory,
    seeds: RangeInclusive<u64>,
    operations: usize,
) -> Result<(), Failure> {
    let mut harness = Harness::new(factory).await?;
    run_sequences(&harness, seeds, operations).await?;
    harness.check_after_reopening().await
}

/// Runs one sequence for each seed on the same store, each in its own locations.
pub(crate) async fn run_sequences(
    harness: &Harness<'_>,
    seeds: RangeInclusive<u64>,
    operations: usize,
) -> CaseResult {
    for seed in seeds {
        let mut rng = Rng::new(seed);
        let mut sequence: Vec<Operation> =
            (0..operations).map(|_| Operation::random(&mut rng)).collect();
        if let Err((index, failure)) = run(harness.store(), seed, &sequence).await {
            sequence.truncate(index + 1);
            let failing = FailingRun { operations: sequence, failure };
            let failure = shorten(harness.factory(), seed, failing).await;
            let replay = format!("random_sequences(.., {seed}..={seed}, {operations})");
            return Err(failure.during(replay));
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
            attempts += 1;
            let Ok(harness) = Harness::new(factory).await else { break };
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
    failure.during(format_args!("shortened to{}\n    last operation", operations.concat()))
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
