//! The rows of the table.

use std::time::{Duration, Instant};

use frontdesk_benches::harness::median;

pub(crate) const HEADER: &str = "\
| store | imports in flight | messages a second | compared with | messages a second | ratio | goal |
|---|---|---|---|---|---|---|";

/// The number of rounds. In each round, the import and the other way to write take turns.
#[derive(Clone, Copy)]
pub(crate) struct Rounds(pub(crate) usize);

/// A comparison of an import with another way to write.
pub(crate) struct Row<'a> {
    pub(crate) store: &'a str,
    pub(crate) in_flight: usize,
    pub(crate) compared_with: &'a str,
    /// The lowest ratio of the rates that we accept.
    pub(crate) goal: Option<f64>,
}

/// The number of messages that were written, and the time that this took.
pub(crate) type Sample = (usize, Duration);

impl Row<'_> {
    /// Measures and prints the row. The ratio is the median of the ratios of the rounds.
    pub(crate) fn print(
        &self,
        rounds: Rounds,
        mut import: impl FnMut() -> Sample,
        mut other: impl FnMut() -> Sample,
    ) {
        let samples: Vec<(f64, f64)> =
            (0..rounds.0).map(|_| (rate(import()), rate(other()))).collect();
        let ratio = median(samples.iter().map(|(import, other)| import / other).collect());
        let import = median(samples.iter().map(|(import, _)| *import).collect());
        let other = median(samples.iter().map(|(_, other)| *other).collect());
        let is_missed = self.goal.is_some_and(|goal| ratio < goal);
        let ratio =
            if is_missed { format!("**{ratio:.2}**, missed") } else { format!("{ratio:.2}") };
        let goal = self.goal.map_or(String::new(), |goal| goal.to_string());
        let Self { store, in_flight, compared_with, .. } = self;
        println!(
            "| {store} | {in_flight} | {import:.0} | {compared_with} | {other:.0} | {ratio} | {goal} |"
        );
    }
}

/// Runs `write` and returns its sample.
pub(crate) fn timed(messages: usize, write: impl FnOnce()) -> Sample {
    let start = Instant::now();
    write();
    (messages, start.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "the numbers of messages are far below 2^52")]
fn rate((messages, time): Sample) -> f64 {
    messages as f64 / time.as_secs_f64()
}
