//! Tests of the kit: a store with one bug fails the case that tests the broken clause, and
//! correct stores pass every run.

mod broken_store;
mod bug;
mod lists;
#[path = "../../../../tests/support/naive.rs"]
mod naive;
mod reads;
#[path = "../support/spawning.rs"]
mod spawning;
mod thread_store;
mod writes;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use frontdesk::store::{MemoryStore, ThreadState, ThreadStore, async_trait};
use frontdesk_conformance::{CASES, Factory, from_fn, run_all};
use futures::executor::block_on;

use broken_store::BrokenStore;
use bug::{BUGS, Bug};
use lists::{Lists, lock};
use naive::NaiveStore;
use spawning::SpawningFactory;

/// Creates stores with one bug, or with none.
struct BrokenFactory(Option<Bug>);

#[async_trait]
impl Factory for BrokenFactory {
    type Guard = Arc<Mutex<Lists>>;

    async fn create(&self) -> (Arc<dyn ThreadStore>, Self::Guard) {
        let lists = Arc::default();
        (Arc::new(BrokenStore::new(self.0, &lists)), lists)
    }

    async fn reopen(&self, lists: &Self::Guard) -> Option<Arc<dyn ThreadStore>> {
        assert_eq!(Arc::strong_count(lists), 1, "the previous store was not dropped");
        {
            let mut lists = lock(lists);
            match self.0 {
                Some(Bug::KeysNotDurable) => lists.keys.clear(),
                Some(Bug::CounterNotDurable) => {
                    lists.counters.clear();
                    for head in lists.heads.clone() {
                        if let ThreadState::Live(thread) = head.state {
                            let location = thread.id().location.clone();
                            let counter = lists.counters.entry(location).or_default();
                            *counter = head.revision.max(*counter);
                        }
                    }
                }
                _ => {}
            }
        }
        Some(Arc::new(BrokenStore::new(self.0, lists)))
    }
}

#[test]
fn each_bug_fails_the_case_of_its_clause() {
    let (half, rest) = BUGS.split_at(BUGS.len() / 2);
    let missed = std::thread::scope(|scope| {
        let other = scope.spawn(|| missed(rest));
        [missed(half), other.join().expect("the other half finished")].concat()
    });
    assert!(missed.is_empty(), "bugs that their cases do not find: {missed:?}");
}

/// Returns the bugs whose cases pass although they must fail.
fn missed(bugs: &[(Bug, &'static str)]) -> Vec<(Bug, &'static str)> {
    let mut missed = bugs.to_vec();
    missed.retain(|&(bug, name)| {
        let case = CASES.iter().find(|case| case.name == name).expect("a case with this name");
        block_on((case.run)(&BrokenFactory(Some(bug)))).is_ok()
    });
    missed
}

#[test]
fn each_case_finds_a_bug() {
    let has_bug = |name: &str| BUGS.iter().any(|(_, case)| *case == name);
    let without: Vec<&str> =
        CASES.iter().map(|case| case.name).filter(|name| !has_bug(name)).collect();
    assert!(without.is_empty(), "cases that find no bug: {without:?}");
}

#[test]
fn a_failing_sequence_is_shortened_and_printed() {
    let report = block_on(run_all(&BrokenFactory(Some(Bug::RestartedStaysRead))));
    let random =
        report.failures().find(|report| report.case == "random_operations_match_the_model");
    let failure = random.expect("a failure of the random operations").result.as_ref().unwrap_err();
    println!("{failure}");
    let operations = failure.operation.lines().filter(|line| line.starts_with("      ")).count();
    assert!((1..=12).contains(&operations), "{failure}");
    assert!(report.to_string().contains("shortened to"));
}

/// Runs the correct stores `FRONTDESK_RUNS` times, 3 by default.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn correct_stores_pass_every_run() {
    let runs = std::env::var("FRONTDESK_RUNS").map_or(3, |runs| runs.parse().expect("a number"));
    let mut elapsed = [Duration::ZERO; 3];
    for run in 1..=runs {
        let started = Instant::now();
        // On a spawned task, so that the future of a run must be `Send`.
        let memory = async { run_all(&SpawningFactory(from_fn(MemoryStore::new))).await };
        let memory = tokio::spawn(memory).await.expect("the run finished");
        elapsed[0] += started.elapsed();
        let started = Instant::now();
        let naive = run_all(&SpawningFactory(from_fn(NaiveStore::new))).await;
        elapsed[1] += started.elapsed();
        let started = Instant::now();
        let without_bug = run_all(&SpawningFactory(BrokenFactory(None))).await;
        elapsed[2] += started.elapsed();
        for report in [memory, naive, without_bug] {
            assert!(report.is_ok(), "in run {run}: {report}");
        }
    }
    println!("{runs} runs of MemoryStore, NaiveStore and the store without a bug: {elapsed:?}");
}
