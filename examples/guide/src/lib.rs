//! Example: messages around two bookings, acted out in the terminal.
//!
//! ```sh
//! cargo run -p guide
//! ```
//!
//! Two customers of a kayak school and two of its operators write to each other. The
//! conversations are in memory, and the scenario sets the clock itself, so every run
//! prints the same text. Start reading in `scenario.rs`: each of its methods is one step.
//!
//! This library contains the module that another example uses, too.

pub mod terminal;
