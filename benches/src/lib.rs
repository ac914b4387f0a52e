//! Shared modules of the benchmarks.
//!
//! Each program in `benches/` measures one part of `frontdesk`. `README.md` lists the
//! programs, their commands and the measured figures.
#![allow(clippy::missing_panics_doc, reason = "a benchmark reports every failure as a panic")]

pub mod baseline;
pub mod harness;
pub mod messages;
pub mod workload;
