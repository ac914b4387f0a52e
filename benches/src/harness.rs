//! A timing harness that compares several implementations on the same input.
//!
//! The implementations that are compared with each other are the candidates of a row. The
//! speed of a machine drifts over time. The harness therefore measures in rounds: in every
//! round each candidate takes one sample, always in the same order. A ratio is the median of
//! the ratios of the single rounds. Criterion then analyses and plots the samples
//! (`target/criterion/report/index.html`).

use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

/// The time after which a row takes no more samples, if it has the minimum number of rounds.
const ROW_TIME: Duration = Duration::from_millis(500);
/// The minimum length of a sample. Reading the clock takes far less time.
const SAMPLE_TIME: Duration = Duration::from_millis(1);
/// The number of rounds. Criterion needs at least ten samples.
const ROUNDS: RangeInclusive<usize> = 10..=50;

/// A benchmark program: a sequence of rows and a summary table.
pub struct Bench {
    is_measuring: bool,
    filter: Option<String>,
    criterion: Criterion,
    /// The lines of the summary table, one for each implementation of `frontdesk`.
    summary: Vec<String>,
}

impl Bench {
    /// Creates a benchmark from the command line arguments.
    ///
    /// `cargo bench -p frontdesk-benches --bench NAME -- PART` runs the rows whose names
    /// contain `PART`. `cargo bench` also passes the argument `--bench` to the program. If
    /// this argument is missing, as with `cargo test --benches`, each row runs once and
    /// nothing is printed.
    pub fn from_args() -> Self {
        let is_measuring = std::env::args().any(|argument| argument == "--bench");
        let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
        let criterion = Criterion::default().nresamples(2_000);
        Self { is_measuring, filter, criterion, summary: Vec::new() }
    }

    /// Returns `true` for a measurement and `false` for a test run.
    pub fn is_measuring(&self) -> bool {
        self.is_measuring
    }

    /// Runs the row whose candidates `fill` adds, unless the filter excludes it.
    pub fn row<'a>(&mut self, name: &str, fill: impl FnOnce(&mut Row<'a>)) {
        if self.filter.as_ref().is_some_and(|part| !name.contains(part)) {
            return;
        }
        let mut row = Row { candidates: Vec::new() };
        fill(&mut row);
        row.run_rounds(self.is_measuring);
        if self.is_measuring {
            row.analyse(name, &mut self.criterion);
            self.summary.extend(row.print(name));
        }
    }

    /// Prints the summary table of all rows.
    pub fn finish(self) {
        if !self.is_measuring {
            return;
        }
        self.criterion.final_summary();
        println!("\n{SUMMARY_HEADER}");
        self.summary.iter().for_each(|line| println!("{line}"));
    }
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench")
            .field("is_measuring", &self.is_measuring)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

const SUMMARY_HEADER: &str = "\
| input | ours | time | ratio | limit | compared with | fastest peer | lower bound |
|---|---|---|---|---|---|---|---|";

/// A set of candidates that do the same work on the same input.
#[derive(Debug)]
pub struct Row<'a> {
    candidates: Vec<Candidate<'a>>,
}

/// One implementation and its samples.
struct Candidate<'a> {
    name: String,
    kind: Kind,
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
    /// Seconds for each operation, one sample for each round.
    samples: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// The implementation of `frontdesk`, with the highest permitted ratio.
    Ours(Option<f64>),
    /// The code that a host application would write. The ratios of a row compare with the
    /// baseline or, if the row has no baseline, with the fastest peer.
    Baseline,
    /// Another crate or another algorithm.
    Peer,
    /// The least work that the machine must do, for example a copy of the same bytes.
    LowerBound,
}

impl<'a> Row<'a> {
    /// Adds the implementation of `frontdesk`. `limit` is the highest permitted ratio.
    pub fn ours(
        &mut self,
        name: &str,
        limit: impl Into<Option<f64>>,
        run: impl FnMut(u32) -> Duration + 'a,
    ) -> &mut Self {
        self.add(name, Kind::Ours(limit.into()), run)
    }

    /// Adds the code that a host application would write.
    pub fn baseline(&mut self, name: &str, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        self.add(name, Kind::Baseline, run)
    }

    /// Adds another crate or another algorithm.
    pub fn peer(&mut self, name: &str, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        self.add(name, Kind::Peer, run)
    }

    /// Adds the least work that the machine must do.
    pub fn lower_bound(&mut self, name: &str, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        self.add(name, Kind::LowerBound, run)
    }

    fn add(&mut self, name: &str, kind: Kind, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        let (name, samples) = (name.to_owned(), Vec::new());
        self.candidates.push(Candidate { name, kind, run: Box::new(run), samples });
        self
    }

    fn run_rounds(&mut self, is_measuring: bool) {
        let iterations: Vec<u32> = self
            .candidates
            .iter_mut()
            .map(|candidate| if is_measuring { candidate.calibrate() } else { 1 })
            .collect();
        let start = Instant::now();
        let rounds = if is_measuring { ROUNDS } else { 1..=1 };
        for round in 0..*rounds.end() {
            if round >= *rounds.start() && start.elapsed() > ROW_TIME {
                break;
            }
            for (candidate, &times) in self.candidates.iter_mut().zip(&iterations) {
                candidate.samples.push((candidate.run)(times).as_secs_f64() / f64::from(times));
            }
        }
    }

    /// Passes the samples to Criterion as if Criterion had measured them.
    #[expect(clippy::cast_precision_loss, reason = "Criterion's counts are far below 2^52")]
    fn analyse(&self, name: &str, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_nanos(1));
        for Candidate { name, samples, .. } in &self.candidates {
            let next = Cell::new(0);
            group.sample_size(samples.len());
            group.measurement_time(Duration::from_secs_f64(samples.iter().sum()));
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| {
                    let sample = samples[next.replace(next.get() + 1) % samples.len()];
                    Duration::from_secs_f64(sample * times as f64)
                });
            });
        }
        group.finish();
    }

    /// Prints the table of the row and returns the summary lines of our implementations.
    fn print(&self, name: &str) -> Vec<String> {
        let find = |kind| self.candidates.iter().find(|candidate| candidate.kind == kind);
        let peers = self.candidates.iter().filter(|candidate| candidate.kind == Kind::Peer);
        let fastest_peer = peers.min_by(|a, b| a.median().total_cmp(&b.median()));
        let reference = find(Kind::Baseline).or(fastest_peer);
        let lower_bound = find(Kind::LowerBound);

        println!("\n| {name} | time | ratio | ratio to lower bound | limit |");
        println!("|---|---|---|---|---|");
        let mut summary = Vec::new();
        for candidate in &self.candidates {
            let time = format_time(candidate.median());
            let ratio_to = |other: Option<&Candidate<'_>>| {
                format_ratio(other.map(|other| candidate.ratio(other)))
            };
            let (ratio, bound_ratio) = (ratio_to(reference), ratio_to(lower_bound));
            let Kind::Ours(limit) = candidate.kind else {
                println!("| {} | {time} | {ratio} | {bound_ratio} | |", candidate.name);
                continue;
            };
            let max = format_ratio(limit);
            println!("| **{}** | {time} | {ratio} | {bound_ratio} | {max} |", candidate.name);
            let is_missed = reference
                .zip(limit)
                .is_some_and(|(reference, limit)| candidate.ratio(reference) > limit);
            let ratio = if is_missed { format!("**{ratio}**, missed") } else { ratio };
            let multiple_of_ours = |other: Option<&Candidate<'_>>| match other {
                Some(other) => {
                    format!("{} {}", other.name, format_ratio(Some(other.ratio(candidate))))
                }
                None => String::new(),
            };
            summary.push(format!(
                "| {name} | {} | {time} | {ratio} | {max} | {} | {} | {} |",
                candidate.name,
                reference.map_or("", |reference| &reference.name),
                multiple_of_ours(fastest_peer),
                multiple_of_ours(lower_bound)
            ));
        }
        println!();
        summary
    }
}

impl Candidate<'_> {
    /// Returns the number of operations in a sample: enough to take [`SAMPLE_TIME`], but at most
    /// 2^24.
    fn calibrate(&mut self) -> u32 {
        let mut times = 1;
        loop {
            let time = (self.run)(times);
            if time >= SAMPLE_TIME || times >= 1 << 24 {
                return times;
            }
            times *= if time < SAMPLE_TIME / 16 { 8 } else { 2 };
        }
    }

    fn median(&self) -> f64 {
        median(self.samples.clone())
    }

    /// Returns the median, over all rounds, of the ratio of this candidate's time to that of
    /// `other`.
    fn ratio(&self, other: &Self) -> f64 {
        median(self.samples.iter().zip(&other.samples).map(|(a, b)| a / b).collect())
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("samples", &self.samples)
            .finish_non_exhaustive()
    }
}

/// Returns the median of `values`, which must not be empty.
pub fn median(mut values: Vec<f64>) -> f64 {
    assert!(!values.is_empty(), "no samples were taken");
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

fn format_ratio(ratio: Option<f64>) -> String {
    match ratio {
        None => String::new(),
        Some(ratio) if ratio >= 100.0 => format!("{ratio:.0}"),
        Some(ratio) if ratio >= 1.0 => format!("{ratio:.2}"),
        Some(ratio) => format!("{ratio:.3}"),
    }
}

fn format_time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s if s >= 1e-6 => format!("{:.2} µs", s * 1e6),
        s => format!("{:.1} ns", s * 1e9),
    }
}

/// Times an operation that does not change its input. The time includes dropping the
/// result.
pub fn time_each<T>(mut operation: impl FnMut() -> T) -> impl FnMut(u32) -> Duration {
    move |times| {
        let start = Instant::now();
        for _ in 0..times {
            black_box(operation());
        }
        start.elapsed()
    }
}

/// Times an operation that consumes its input. The time includes neither making the input
/// nor dropping the result.
pub fn time_each_with_input<I, T>(
    mut make_input: impl FnMut() -> I,
    mut operation: impl FnMut(I) -> T,
) -> impl FnMut(u32) -> Duration {
    move |times| {
        let mut time = Duration::ZERO;
        for _ in 0..times {
            let input = black_box(make_input());
            let start = Instant::now();
            let output = black_box(operation(input));
            time += start.elapsed();
            drop(output);
        }
        time
    }
}
