//! The use cases, rule by rule, on the in-memory store.

mod access;
mod bad_input;
#[path = "../support/busy.rs"]
mod busy;
mod interrupted;
mod polling;
mod reading;
mod sending;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod threads;
