//! Posts at two locations on two OS threads, compared with posts on one OS thread.

use std::thread;
use std::time::{Duration, Instant};

use frontdesk::Draft;
use frontdesk::store::MemoryStore;
use frontdesk_benches::harness::Bench;
use frontdesk_benches::workload::{self, ClockedDesk, LocationHandles};
use futures::executor::block_on;

/// The number of threads of a location.
const THREADS: usize = 100;

/// Compares two OS threads, one for each location, with a single OS thread that posts at both
/// locations.
pub(crate) fn row(bench: &mut Bench) {
    let posts = if bench.is_measuring() { 20_000 } else { 200 };
    bench.row("memory, posts at two locations", |row| {
        row.ours("two threads", 0.6, move |times| {
            (0..times).map(|_| Posts::pair(posts)).map(run_on_two_threads).sum()
        })
        .baseline("one thread", move |times| {
            (0..times).map(|_| Posts::pair(posts)).map(run_on_one_thread).sum()
        });
    });
}

/// The posts of a location.
struct Posts {
    location: LocationHandles,
    drafts: Vec<Draft>,
}

impl Posts {
    /// Creates posts for two locations of a new store. Each location has its own desk, so that
    /// the two OS threads do not share a clock.
    fn pair(posts: usize) -> [Self; 2] {
        let store = MemoryStore::new();
        ["harbour", "museum"].map(|location| Self {
            location: ClockedDesk::new(store.clone()).handles(location, THREADS),
            drafts: (0..posts).map(workload::draft).collect(),
        })
    }

    fn send(&mut self) {
        block_on(async {
            for (number, draft) in self.drafts.drain(..).enumerate() {
                let (thread, role) = workload::thread_and_role(number, THREADS);
                self.location.send(thread, role, workload::time(number), draft).await;
            }
        });
    }
}

fn run_on_two_threads([mut first, mut second]: [Posts; 2]) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| first.send());
        second.send();
    });
    start.elapsed()
}

fn run_on_one_thread([mut first, mut second]: [Posts; 2]) -> Duration {
    let start = Instant::now();
    first.send();
    second.send();
    start.elapsed()
}
