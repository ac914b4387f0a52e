//! The use cases, rule by rule, on the in-memory store.

mod access;
mod bad_input;
mod polling;
mod reading;
mod sending;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod threads;
