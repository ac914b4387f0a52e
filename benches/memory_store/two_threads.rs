use std::thread;
use std::time::{Duration, Instant};

use frontdesk::Draft;
use frontdesk::store::MemoryStore;
use futures::executor::block_on;

use crate::content::{self, Desk, Place};
use crate::contest::Bench;

const THREADS: usize = 100;

/// Two threads that post at two locations, and one thread that does both.
pub(crate) fn row(bench: &mut Bench) {
    let each = if bench.is_whole() { 20_000 } else { 200 };
    bench.row("memory, posts at two locations", |row| {
        row.ours("two threads", 0.6, move |times| {
            (0..times).map(|_| Work::pair(each)).map(on_two_threads).sum()
        })
        .obvious("one thread", move |times| {
            (0..times).map(|_| Work::pair(each)).map(on_one_thread).sum()
        });
    });
}

/// What is posted at a location.
struct Work {
    place: Place,
    drafts: Vec<Draft>,
}

impl Work {
    /// At two locations of a new store, through a desk each: the clock that the
    /// posts set is not what is measured.
    fn pair(posts: usize) -> [Self; 2] {
        let store = MemoryStore::new();
        ["harbour", "museum"].map(|location| Self {
            place: Desk::new(store.clone()).place(location, THREADS),
            drafts: (0..posts).map(content::draft).collect(),
        })
    }

    fn run(&mut self) {
        block_on(async {
            for (number, draft) in self.drafts.drain(..).enumerate() {
                let (thread, role) = content::whose(number, THREADS);
                self.place.send(thread, role, content::time(number), draft).await;
            }
        });
    }
}

fn on_two_threads([mut one, mut other]: [Work; 2]) -> Duration {
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| one.run());
        other.run();
    });
    begun.elapsed()
}

fn on_one_thread([mut one, mut other]: [Work; 2]) -> Duration {
    let begun = Instant::now();
    one.run();
    other.run();
    begun.elapsed()
}
