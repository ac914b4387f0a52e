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

use frontdesk::LocationId;
use frontdesk::store::{MemoryStore, Revision, ThreadState, ThreadStore, async_trait};
use frontdesk_conformance::{
    CASES, DynFactory, Factory, Fault, StressOptions, TimeLimit, cases, from_fn, random_sequences,
    run_all, stress, two_instances,
};
use futures::executor::block_on;
use futures::future::join;

use broken_store::BrokenStore;
use bug::{BUGS, Bug, BugEntry, FoundBy};
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

    async fn another(&self, lists: &Self::Guard) -> Option<Arc<dyn ThreadStore>> {
        // The test of the time limit is about one instance.
        let has_second = self.0 != Some(Bug::PoolDeadlocks);
        has_second.then(|| Arc::new(BrokenStore::second(self.0, lists)) as _)
    }

    async fn begin_at(
        &self,
        lists: &Self::Guard,
        location: &LocationId,
        revision: Revision,
    ) -> bool {
        lock(lists).counters.insert(location.clone(), revision);
        true
    }

    async fn fault(&self, lists: &Self::Guard, fault: &Fault) -> bool {
        match fault {
            Fault::DamagedRow(id) => lock(&lock(lists).damaged).push(id.clone()),
            fault => lock(lists).fault = Some(fault.clone()),
        }
        true
    }

    async fn work(&self, lists: &Self::Guard) -> Option<u64> {
        Some(lock(lists).work)
    }

    /// Only one bug makes a store hang.
    fn time_limit(&self) -> Option<TimeLimit> {
        const DURATION: Duration = Duration::from_millis(500);
        (self.0 == Some(Bug::PoolDeadlocks)).then(|| {
            let (sender, receiver) = futures::channel::oneshot::channel();
            std::thread::spawn(move || {
                std::thread::sleep(DURATION);
                // An error means that the case ended before the limit.
                let _ = sender.send(());
            });
            TimeLimit::new(DURATION, async { receiver.await.expect("the timer ended") })
        })
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

/// Returns the bugs that their cases do not find, or find in the wrong mode.
fn missed(bugs: &[BugEntry]) -> Vec<BugEntry> {
    let mut missed = bugs.to_vec();
    missed.retain(|&BugEntry { bug, case, found_by }| {
        let factory = BrokenFactory(Some(bug));
        let passes_over_one = passes(case, &factory);
        match found_by {
            FoundBy::OneInstance => passes_over_one,
            FoundBy::TwoInstances => !passes_over_one || passes(case, &two_instances(factory)),
            FoundBy::RandomSequences => {
                !passes_over_one || block_on(random_sequences(&factory, 1..=20, 150)).is_ok()
            }
        }
    });
    missed
}

fn passes(name: &str, factory: &dyn DynFactory) -> bool {
    let case = CASES.iter().find(|case| case.name == name).expect("a case with this name");
    block_on((case.run)(factory)).is_ok()
}

#[test]
fn each_case_finds_a_bug() {
    let has_bug = |name: &str| BUGS.iter().any(|entry| entry.case == name);
    let without: Vec<&str> =
        CASES.iter().map(|case| case.name).filter(|name| !has_bug(name)).collect();
    assert!(without.is_empty(), "cases that find no bug: {without:?}");
}

#[test]
fn a_case_that_does_not_end_fails_and_the_others_still_run() {
    let report = block_on(run_all(&BrokenFactory(Some(Bug::PoolDeadlocks))));
    let result = |name: &str| {
        let found = report.cases().iter().find(|report| report.case == name);
        &found.expect("a result of each case").result
    };
    let hanging = result("one_of_many_commits_from_one_revision_succeeds");
    assert_eq!(hanging.as_ref().unwrap_err().actual, "it did not end");
    assert!(result("keys_are_compared_by_bytes").is_ok());
    assert!(!report.to_string().contains("not run: time limits"));
}

#[test]
fn a_failing_sequence_is_shortened_and_printed() {
    let factory = BrokenFactory(Some(Bug::RestartedStaysRead));
    let failure = block_on(cases::random_operations_match_the_model(&factory)).unwrap_err();
    println!("{failure}");
    let operations = failure.operation.lines().filter(|line| line.starts_with("      ")).count();
    assert!((1..=12).contains(&operations), "{failure}");
    assert!(failure.to_string().contains("shortened to"));
}

#[test]
fn a_failing_seed_can_be_replayed() {
    let factory = BrokenFactory(Some(Bug::MarkEndsWait));
    let failure = block_on(random_sequences(&factory, 1..=20, 150)).unwrap_err();
    println!("{failure}");
    let (_, seed) = failure.operation.split_once("random_sequences(.., ").expect("a call");
    let seed: u64 = seed.split("..=").next().and_then(|seed| seed.parse().ok()).expect("a seed");
    let replayed = block_on(random_sequences(&factory, seed..=seed, 150));
    assert_eq!(replayed, Err(failure));
}

/// Returns the results of two processes of a stress test, each with its own instance.
fn stress_two_instances(bug: Option<Bug>) -> [Result<String, String>; 2] {
    let lists = Arc::default();
    let stores = [BrokenStore::new(bug, &lists), BrokenStore::second(bug, &lists)];
    let options = [1, 2].map(|process| StressOptions::new(42, process).operations(300));
    let [first, second] =
        block_on(join(stress(&stores[0], &options[0]), stress(&stores[1], &options[1]))).into();
    [first, second].map(|result| {
        result.map(|summary| summary.to_string()).map_err(|failure| failure.to_string())
    })
}

#[test]
fn stress_finds_an_instance_whose_reads_are_stale() {
    let [first, second] = stress_two_instances(None);
    println!("{first:?}\n{second:?}");
    assert!(first.is_ok() && second.is_ok());
    for bug in [Bug::ReadsFromReplica, Bug::HeadsCached, Bug::CounterCached] {
        let results = stress_two_instances(Some(bug));
        println!("{bug:?}: {results:?}");
        assert!(results.iter().any(Result::is_err), "{bug:?}: {results:?}");
    }
}

/// No failure of a broken store shows a long `Debug` output.
#[test]
fn failures_are_short_and_name_the_thread() {
    for (bug, shown) in [
        (Bug::RedactionsLost, "redactions: 0 (booking: \"full\")"),
        (Bug::KeyExpires, "a retry with \"once\" to harbour/b-1"),
        (Bug::UnreadCapped, "unread: 1000"),
    ] {
        let entry = BUGS.iter().find(|entry| entry.bug == bug).expect("each bug has an entry");
        let case = CASES.iter().find(|case| case.name == entry.case).expect("a case");
        let failure = block_on((case.run)(&BrokenFactory(Some(bug)))).unwrap_err();
        println!("{bug:?}: {failure}");
        assert!(failure.to_string().contains(shown), "{failure}");
        assert!(failure.to_string().lines().all(|line| line.chars().count() < 180), "{failure}");
    }
}

/// Runs the correct stores `FRONTDESK_RUNS` times, once by default.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn correct_stores_pass_every_run() {
    let runs = std::env::var("FRONTDESK_RUNS").map_or(1, |runs| runs.parse().expect("a number"));
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
