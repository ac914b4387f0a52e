//! Two ways to do the same, timed in turns.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use futures::executor::block_on;

/// What one operation took the desk, and by hand, and a [`Hop`] at the same time.
pub(crate) struct Contest {
    pub(crate) desk: Duration,
    pub(crate) by_hand: Duration,
    pub(crate) hop: Duration,
}

impl Contest {
    /// Times `each` operations of the one, then of the other, in many rounds; who
    /// begins takes turns. Of the rounds it takes the median.
    pub(crate) fn run(
        (rounds, each): (u32, u32),
        mut desk: impl FnMut(u32),
        mut by_hand: impl FnMut(u32),
    ) -> Self {
        let (hop, mut times) = (Hop::new(), [Vec::new(), Vec::new(), Vec::new()]);
        for round in 0..rounds {
            let numbers = round * each..(round + 1) * each;
            for turn in 0..3 {
                let (numbers, who) = (numbers.clone(), (round + turn) as usize % 3);
                let begun = Instant::now();
                match who {
                    0 => numbers.for_each(&mut desk),
                    1 => numbers.for_each(&mut by_hand),
                    _ => numbers.for_each(|_| hop.there_and_back()),
                }
                times[who].push(begun.elapsed() / each);
            }
        }
        let [desk, by_hand, hop] = times.map(median);
        Self { desk, by_hand, hop }
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.desk.as_secs_f64() / self.by_hand.as_secs_f64()
    }
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// A thread that answers and does nothing else: the least that any store costs
/// whose reads do not block the executor.
pub(crate) struct Hop(mpsc::Sender<oneshot::Sender<()>>);

impl Hop {
    pub(crate) fn new() -> Self {
        let (ask, asked) = mpsc::channel::<oneshot::Sender<()>>();
        thread::spawn(move || asked.iter().for_each(|answer| answer.send(()).unwrap_or_default()));
        Self(ask)
    }

    fn there_and_back(&self) {
        let (answer, answered) = oneshot::channel();
        self.0.send(answer).expect("the thread is there");
        block_on(answered).expect("it answers");
    }
}
