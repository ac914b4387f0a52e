//! The recorder and the checker of histories.

mod anomalies;
mod commits;
mod exhaustive;
mod files;
mod random;
mod request;
mod right_stores;
#[path = "../../../../tests/support/rng.rs"]
mod rng;
mod scene;
mod scripted_store;
#[path = "../../../../tests/support/mod.rs"]
mod support;
