//! Tests of the use cases over the in-memory store. Each test checks one behaviour.

mod access;
mod admin;
mod bad_input;
mod customers;
mod faults;
mod import_batches;
mod importing;
mod links;
mod opening;
mod polling;
mod reading;
mod redaction;
mod screens;
mod sending;
mod start_over;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod waiting;
