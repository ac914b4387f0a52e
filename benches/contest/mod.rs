//! Contestants that take turns on one input, and the table of what they took.
//!
//! Machines drift, so a figure counts only beside another of the same rounds: in
//! each round every contestant takes one sample, always after the same other, and a
//! ratio is the median of the rounds' ratios. Criterion then analyses and plots
//! the samples (`target/criterion/report/index.html`).
#![allow(dead_code, reason = "no bench needs all of it")]

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

/// What a row costs at least, unless its contestants are slow.
const ROW: Duration = Duration::from_millis(500);
/// How long a sample takes at least: long beside what reading the clock costs.
const SAMPLE: Duration = Duration::from_millis(1);
/// How many rounds there are: Criterion wants ten, and many add little.
const ROUNDS: std::ops::RangeInclusive<usize> = 10..=50;

/// A program of rows.
pub(crate) struct Bench {
    /// Without it Cargo only asks whether the bench runs.
    whole: bool,
    filter: Option<String>,
    criterion: Criterion,
    /// A line for each of our ways.
    summary: Vec<String>,
}

impl Bench {
    /// Of the arguments: `cargo bench --bench NAME -- PART` runs the rows whose
    /// names contain `PART`.
    pub(crate) fn from_args() -> Self {
        let whole = std::env::args().any(|argument| argument == "--bench");
        let filter = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
        let criterion = Criterion::default().nresamples(2_000);
        Self { whole, filter, criterion, summary: Vec::new() }
    }

    /// Whether this is a measurement, and not only a trial that it runs.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Runs the row that `fill` puts contestants into, unless others are asked for.
    pub(crate) fn row<'a>(&mut self, name: &str, fill: impl FnOnce(&mut Row<'a>)) {
        if self.filter.as_ref().is_some_and(|part| !name.contains(part)) {
            return;
        }
        let mut row = Row { contestants: Vec::new() };
        fill(&mut row);
        row.take_turns(self.whole);
        if self.whole {
            row.analyse(name, &mut self.criterion);
            self.summary.extend(row.print(name));
        }
    }

    /// Says how all rows went.
    pub(crate) fn finish(self) {
        if !self.whole {
            return;
        }
        self.criterion.final_summary();
        println!("\n| input | ours | time | ratio | at most | next to | fastest peer | limit |");
        println!("|---|---|---|---|---|---|---|---|");
        self.summary.iter().for_each(|line| println!("{line}"));
    }
}

/// Contestants that do the same with the same.
pub(crate) struct Row<'a> {
    contestants: Vec<Contestant<'a>>,
}

struct Contestant<'a> {
    name: String,
    part: Part,
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
    /// Seconds an operation, of each round.
    samples: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// The crate's way, and the ratio it must reach.
    Ours(Option<f64>),
    /// What a host would write; ratios are to it or, without one, to the fastest peer.
    Obvious,
    Peer,
    /// What the machine allows: a copy of the same bytes, a read of the keys.
    Limit,
}

impl<'a> Row<'a> {
    /// The crate's way, which must take at most `at_most` of the obvious one.
    pub(crate) fn ours(
        &mut self,
        name: &str,
        at_most: impl Into<Option<f64>>,
        run: impl FnMut(u32) -> Duration + 'a,
    ) -> &mut Self {
        self.enter(name, Part::Ours(at_most.into()), run)
    }

    /// What a host would write.
    pub(crate) fn obvious(
        &mut self,
        name: &str,
        run: impl FnMut(u32) -> Duration + 'a,
    ) -> &mut Self {
        self.enter(name, Part::Obvious, run)
    }

    /// Another way.
    pub(crate) fn peer(&mut self, name: &str, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        self.enter(name, Part::Peer, run)
    }

    /// What the machine allows.
    pub(crate) fn limit(&mut self, name: &str, run: impl FnMut(u32) -> Duration + 'a) -> &mut Self {
        self.enter(name, Part::Limit, run)
    }

    fn enter(
        &mut self,
        name: &str,
        part: Part,
        run: impl FnMut(u32) -> Duration + 'a,
    ) -> &mut Self {
        let (name, samples) = (name.to_owned(), Vec::new());
        self.contestants.push(Contestant { name, part, run: Box::new(run), samples });
        self
    }

    fn take_turns(&mut self, whole: bool) {
        let iterations: Vec<u32> = self
            .contestants
            .iter_mut()
            .map(|one| if whole { one.calibrate() } else { 1 })
            .collect();
        let begun = Instant::now();
        let rounds = if whole { ROUNDS } else { 1..=1 };
        for round in 0..*rounds.end() {
            if round >= *rounds.start() && begun.elapsed() > ROW {
                break;
            }
            for (one, &times) in self.contestants.iter_mut().zip(&iterations) {
                one.samples.push((one.run)(times).as_secs_f64() / f64::from(times));
            }
        }
    }

    /// Gives the samples to Criterion, as if it had taken them.
    #[expect(clippy::cast_precision_loss, reason = "Criterion counts far below 2^52")]
    fn analyse(&self, name: &str, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_nanos(1));
        for one in &self.contestants {
            let next = Cell::new(0);
            group.sample_size(one.samples.len());
            group.measurement_time(Duration::from_secs_f64(one.samples.iter().sum()));
            group.bench_function(&one.name, |bencher| {
                bencher.iter_custom(|times| {
                    let sample = one.samples[next.replace(next.get() + 1) % one.samples.len()];
                    Duration::from_secs_f64(sample * times as f64)
                });
            });
        }
        group.finish();
    }

    /// Prints the table, and returns a line for each of our ways.
    fn print(&self, name: &str) -> Vec<String> {
        let of = |part| self.contestants.iter().find(|one| one.part == part);
        let peers = self.contestants.iter().filter(|one| one.part == Part::Peer);
        let peer = peers.min_by(|a, b| a.median().total_cmp(&b.median()));
        let (against, limit) = (of(Part::Obvious).or(peer), of(Part::Limit));

        println!("\n| {name} | time | ratio | to the limit | at most |\n|---|---|---|---|---|");
        let mut summary = Vec::new();
        for one in &self.contestants {
            let to = |other: Option<&Contestant<'_>>| figure(other.map(|other| one.ratio(other)));
            let (ratio, to_limit, took) = (to(against), to(limit), time(one.median()));
            let Part::Ours(at_most) = one.part else {
                println!("| {} | {took} | {ratio} | {to_limit} | |", one.name);
                continue;
            };
            let most = figure(at_most);
            println!("| **{}** | {took} | {ratio} | {to_limit} | {most} |", one.name);
            let is_missed =
                against.zip(at_most).is_some_and(|(other, most)| one.ratio(other) > most);
            let ratio = if is_missed { format!("**{ratio}**, missed") } else { ratio };
            let beside = |other: Option<&Contestant<'_>>| match other {
                Some(other) => format!("{} {}", other.name, figure(Some(other.ratio(one)))),
                None => String::new(),
            };
            summary.push(format!(
                "| {name} | {} | {took} | {ratio} | {most} | {} | {} | {} |",
                one.name,
                against.map_or("", |other| &other.name),
                beside(peer),
                beside(limit)
            ));
        }
        println!();
        summary
    }
}

impl Contestant<'_> {
    /// How many operations make a sample long enough.
    fn calibrate(&mut self) -> u32 {
        let mut times = 1;
        loop {
            let took = (self.run)(times);
            if took >= SAMPLE || times >= 1 << 24 {
                return times;
            }
            times *= if took < SAMPLE / 16 { 8 } else { 2 };
        }
    }

    fn median(&self) -> f64 {
        median(self.samples.clone())
    }

    /// The median of the rounds' ratios.
    fn ratio(&self, other: &Self) -> f64 {
        median(self.samples.iter().zip(&other.samples).map(|(a, b)| a / b).collect())
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len().is_multiple_of(2) {
        f64::midpoint(figures[middle - 1], figures[middle])
    } else {
        figures[middle]
    }
}

fn figure(figure: Option<f64>) -> String {
    match figure {
        None => String::new(),
        Some(figure) if figure >= 100.0 => format!("{figure:.0}"),
        Some(figure) if figure >= 1.0 => format!("{figure:.2}"),
        Some(figure) => format!("{figure:.3}"),
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s if s >= 1e-6 => format!("{:.2} µs", s * 1e6),
        s => format!("{:.1} ns", s * 1e9),
    }
}

/// Times an operation that leaves its input as it is. Dropping what it returns
/// is part of it.
pub(crate) fn each<T>(mut operation: impl FnMut() -> T) -> impl FnMut(u32) -> Duration {
    move |times| {
        let begun = Instant::now();
        for _ in 0..times {
            black_box(operation());
        }
        begun.elapsed()
    }
}

/// Times an operation that uses its input up: neither making the input nor
/// dropping what is returned is part of it.
pub(crate) fn each_on<I, T>(
    mut make: impl FnMut() -> I,
    mut operation: impl FnMut(I) -> T,
) -> impl FnMut(u32) -> Duration {
    move |times| {
        let mut took = Duration::ZERO;
        for _ in 0..times {
            let input = black_box(make());
            let begun = Instant::now();
            let output = black_box(operation(input));
            took += begun.elapsed();
            drop(output);
        }
        took
    }
}
