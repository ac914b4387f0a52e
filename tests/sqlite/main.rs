//! The store in an SQLite file: what opening refuses, what reading finds wrong,
//! what committing keeps together, and that it waits for nobody.

mod commits;
mod damage;
mod disk;
mod erasing;
mod executors;
mod keeping;
mod opening;
#[path = "../support/mod.rs"]
mod support;
