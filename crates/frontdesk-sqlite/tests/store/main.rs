//! Tests of the store beyond its contract: opening and migrating files, shared
//! transactions, damaged rows, erased bytes, executors and durability.

mod commits;
mod damage;
mod durability;
mod epoch;
mod erasure;
mod executors;
mod first_schema;
mod fixtures;
mod forgetting;
mod importing;
mod migration;
mod opening;
mod second_schema;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod third_schema;
