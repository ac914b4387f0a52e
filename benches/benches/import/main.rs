//! Imports of history into each store, compared with the fastest way to write the same rows and with
//! single sends.
//!
//! `README.md` describes the comparisons and has the figures.

mod history;
mod memory;
mod postgres;
#[path = "../../../crates/frontdesk-postgres/tests/support/postgres/mod.rs"]
mod postgres_server;
mod sqlite;
mod table;

use std::error::Error;

use crate::history::History;
use crate::table::{HEADER, Rounds};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The number of threads of a measurement.
const THREADS: usize = 10_000;
/// The number of threads of a test run.
const TEST_THREADS: usize = 64;
/// The number of rounds of a measurement.
const ROUNDS: usize = 3;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo passes `--bench` only for a measurement.
    let is_measuring = arguments.iter().any(|argument| argument == "--bench");
    let part = arguments.iter().find(|argument| !argument.starts_with('-'));
    let is_selected = |name: &str| part.is_none_or(|part| part == name);
    let threads = if is_measuring { THREADS } else { TEST_THREADS };
    let rounds = Rounds(if is_measuring { ROUNDS } else { 1 });
    let history = History::new(threads);
    println!("{} messages in {threads} threads\n\n{HEADER}", history.messages());
    if is_selected("memory") {
        memory::compare(&history, rounds);
    }
    if is_selected("sqlite") {
        sqlite::compare(&history, rounds)?;
    }
    if is_selected("postgres") {
        postgres::compare(&history, rounds)?;
    }
    Ok(())
}
