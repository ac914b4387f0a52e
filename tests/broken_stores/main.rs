//! The kit is tested by stores that are each broken in one way: each fails, in the
//! case that names the broken clause; the right ones pass, again and again.

mod bug;
mod store;
#[path = "../support/mod.rs"]
mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use frontdesk::store::conformance::{Factory, each, run_all};
use frontdesk::store::{MemoryStore, ThreadState, ThreadStore, async_trait};
use futures::executor::block_on;

use bug::{BUGS, Bug};
use store::{BrokenStore, Lists, locked};
use support::naive::NaiveStore;
use support::spawning::Spawning;

struct Broken(Option<Bug>);

#[async_trait]
impl Factory for Broken {
    type Guard = Arc<Mutex<Lists>>;

    async fn fresh(&self) -> (Arc<dyn ThreadStore>, Self::Guard) {
        let lists = Arc::default();
        (Arc::new(BrokenStore::new(self.0, &lists)), lists)
    }

    async fn reopen(&self, lists: &Self::Guard) -> Option<Arc<dyn ThreadStore>> {
        assert_eq!(Arc::strong_count(lists), 1, "the store before is still there");
        {
            let mut lists = locked(lists);
            match self.0 {
                Some(Bug::KeysNotDurable) => lists.keys.clear(),
                Some(Bug::CounterNotDurable) => {
                    lists.counters.clear();
                    for head in lists.heads.clone() {
                        if let ThreadState::Live(thread) = head.state {
                            let counter =
                                lists.counters.entry(thread.id().location.clone()).or_default();
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
fn each_broken_store_fails_in_the_case_that_names_the_clause() {
    assert!(BUGS.len() >= 20);
    let (one_half, other_half) = BUGS.split_at(BUGS.len() / 2);
    let missed = std::thread::scope(|scope| {
        let other = scope.spawn(|| missed(other_half));
        [missed(one_half), other.join().expect("the other half is through")].concat()
    });
    assert!(missed.is_empty(), "not found in their cases: {missed:?}");
}

/// The bugs that their cases do not find.
fn missed(bugs: &[(Bug, &'static str)]) -> Vec<(Bug, &'static str)> {
    let mut missed = bugs.to_vec();
    missed.retain(|&(bug, case)| {
        let report = block_on(run_all(&Broken(Some(bug))));
        let failed: Vec<&str> = report.failures().map(|finding| finding.case).collect();
        let others: Vec<&str> = failed.iter().copied().filter(|other| *other != case).collect();
        println!("| {bug:?} | {case} | {} more: {} |", others.len(), others.join(", "));
        !failed.contains(&case)
    });
    missed
}

/// A shrunk sequence is short enough to be read, and is in the report.
#[test]
fn a_failing_sequence_is_shrunk_and_printed() {
    let report = block_on(run_all(&Broken(Some(Bug::MarkedInNextLife))));
    let finding = report
        .failures()
        .find(|finding| finding.case == "random_sequences_come_to_what_the_model_says")
        .expect("the sequences find it");
    let failure = finding.outcome.as_ref().unwrap_err();
    println!("{failure}");
    let operations = failure.what.lines().filter(|line| line.starts_with("      ")).count();
    assert!((1..=12).contains(&operations), "{failure}");
    assert!(report.to_string().contains("shrunk to"));
}

/// How often the right stores are run: `FRONTDESK_RUNS`, 3 by default.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_right_stores_pass_many_runs_in_a_row() {
    let runs = std::env::var("FRONTDESK_RUNS").map_or(3, |runs| runs.parse().expect("a number"));
    let mut took = [Duration::ZERO; 3];
    for run in 1..=runs {
        let started = Instant::now();
        // On a task of its own, as any host may.
        let memory = async { run_all(&Spawning(each(MemoryStore::new))).await };
        let memory = tokio::spawn(memory).await.expect("the run is through");
        took[0] += started.elapsed();
        let started = Instant::now();
        let naive = run_all(&Spawning(each(NaiveStore::new))).await;
        took[1] += started.elapsed();
        let started = Instant::now();
        let unbroken = run_all(&Spawning(Broken(None))).await;
        took[2] += started.elapsed();
        for report in [memory, naive, unbroken] {
            assert!(report.is_ok(), "in run {run}: {report}");
        }
    }
    println!("{runs} runs of MemoryStore, NaiveStore and the unbroken store took {took:?}");
}
