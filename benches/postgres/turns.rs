//! Two ways that take turns, and how their latencies compare.
//!
//! The other benches' harness times one operation after the other; here many are
//! under way at once, and what counts is the latency of each. A ratio is the median of
//! the rounds' ratios of the median latency.

use std::time::Duration;

/// What one way did in one turn.
#[derive(Debug)]
pub(crate) struct Turn {
    operations: usize,
    took: Duration,
    /// Of its operations' latencies, in seconds.
    median: f64,
}

impl Turn {
    /// Of the latencies in seconds, and of how long it was from the first operation's
    /// start to the last one's end.
    pub(crate) fn new(latencies: Vec<f64>, took: Duration) -> Self {
        Self { operations: latencies.len(), took, median: median(latencies) }
    }

    pub(crate) fn operations(&self) -> usize {
        self.operations
    }
}

/// The turns of both ways.
#[derive(Debug)]
pub(crate) struct Turns {
    ours: Vec<Turn>,
    theirs: Vec<Turn>,
}

impl Turns {
    /// Takes so many turns each. Who begins changes, so that what one leaves behind
    /// does not always meet the other.
    pub(crate) fn take(
        rounds: usize,
        mut ours: impl FnMut() -> Turn,
        mut theirs: impl FnMut() -> Turn,
    ) -> Self {
        let mut turns = Self { ours: Vec::new(), theirs: Vec::new() };
        for round in 0..rounds {
            if round.is_multiple_of(2) {
                turns.ours.push(ours());
                turns.theirs.push(theirs());
            } else {
                turns.theirs.push(theirs());
                turns.ours.push(ours());
            }
        }
        turns
    }

    pub(crate) fn operations(&self) -> usize {
        self.ours.iter().chain(&self.theirs).map(Turn::operations).sum()
    }

    /// The last columns of a row: both rates, both medians, the ratio and what it is
    /// allowed to be.
    pub(crate) fn columns(&self, at_most: Option<f64>) -> String {
        let ratio =
            self.ours.iter().zip(&self.theirs).map(|(ours, other)| ours.median / other.median);
        let ratio = median(ratio.collect());
        let missed = at_most.is_some_and(|most| ratio > most);
        format!(
            "{:.0} | {:.0} | {} | {} | {} | {} |",
            rate(&self.ours),
            rate(&self.theirs),
            micros(&self.ours),
            micros(&self.theirs),
            if missed { format!("**{ratio:.2}**, missed") } else { format!("{ratio:.2}") },
            at_most.map(|most| most.to_string()).unwrap_or_default(),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "a turn has far fewer than 2^52")]
fn rate(turns: &[Turn]) -> f64 {
    median(turns.iter().map(|turn| turn.operations as f64 / turn.took.as_secs_f64()).collect())
}

fn micros(turns: &[Turn]) -> String {
    let micros = median(turns.iter().map(|turn| turn.median).collect()) * 1e6;
    if micros < 100.0 { format!("{micros:.1}") } else { format!("{micros:.0}") }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    assert!(!figures.is_empty(), "nothing was done in a turn");
    if figures.len().is_multiple_of(2) {
        f64::midpoint(figures[middle - 1], figures[middle])
    } else {
        figures[middle]
    }
}
