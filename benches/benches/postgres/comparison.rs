//! A comparison of the latencies of two programs that run in turns.
//!
//! The harness of the other benchmarks times one operation after the other. Here many
//! operations run concurrently, and the latency of each counts. In each round, the median
//! latency of our program is divided by that of the reference program. A ratio is the median
//! of these quotients.

use std::time::Duration;

use frontdesk_benches::harness::median;

/// The result of one turn.
#[derive(Debug)]
pub(crate) struct Turn {
    operations: usize,
    time: Duration,
    /// The median latency in seconds.
    median_latency: f64,
}

impl Turn {
    /// Creates the result from the latencies in seconds and from the time between the start of
    /// the first operation and the end of the last one.
    pub(crate) fn new(latencies: Vec<f64>, time: Duration) -> Self {
        Self { operations: latencies.len(), time, median_latency: median(latencies) }
    }

    pub(crate) fn operations(&self) -> usize {
        self.operations
    }
}

/// The turns of our program and of the reference program.
#[derive(Debug)]
pub(crate) struct Comparison {
    ours: Vec<Turn>,
    reference: Vec<Turn>,
}

impl Comparison {
    /// Runs `rounds` turns of each program. The order alternates between rounds, so that the
    /// after-effects of one program do not always hit the other program.
    pub(crate) fn run(
        rounds: usize,
        mut ours: impl FnMut() -> Turn,
        mut reference: impl FnMut() -> Turn,
    ) -> Self {
        let mut comparison = Self { ours: Vec::new(), reference: Vec::new() };
        for round in 0..rounds {
            if round.is_multiple_of(2) {
                comparison.ours.push(ours());
                comparison.reference.push(reference());
            } else {
                comparison.reference.push(reference());
                comparison.ours.push(ours());
            }
        }
        comparison
    }

    pub(crate) fn operations(&self) -> usize {
        self.ours.iter().chain(&self.reference).map(Turn::operations).sum()
    }

    /// Returns the last columns of a table row: both rates, both median latencies, the ratio
    /// and its limit.
    pub(crate) fn columns(&self, limit: Option<f64>) -> String {
        let ratio = self
            .ours
            .iter()
            .zip(&self.reference)
            .map(|(ours, reference)| ours.median_latency / reference.median_latency);
        let ratio = median(ratio.collect());
        let is_missed = limit.is_some_and(|limit| ratio > limit);
        format!(
            "{:.0} | {:.0} | {} | {} | {} | {} |",
            rate(&self.ours),
            rate(&self.reference),
            latency(&self.ours),
            latency(&self.reference),
            if is_missed { format!("**{ratio:.2}**, missed") } else { format!("{ratio:.2}") },
            limit.map(|limit| limit.to_string()).unwrap_or_default(),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "a turn has far fewer than 2^52 operations")]
fn rate(turns: &[Turn]) -> f64 {
    median(turns.iter().map(|turn| turn.operations as f64 / turn.time.as_secs_f64()).collect())
}

/// Returns the median latency in microseconds.
fn latency(turns: &[Turn]) -> String {
    let micros = median(turns.iter().map(|turn| turn.median_latency).collect()) * 1e6;
    if micros < 100.0 { format!("{micros:.1}") } else { format!("{micros:.0}") }
}
