//! Many at once on a runtime of several threads: what the handles promise when
//! everybody is in a hurry.

mod dashboard;
mod erasing;
mod house;
mod polling;
mod sending;
mod stores;
#[path = "../support/mod.rs"]
mod support;
