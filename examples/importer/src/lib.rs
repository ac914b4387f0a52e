//! Example: conversations from files are imported while dashboards poll.
//!
//! ```sh
//! cargo run -p importer -- conversations.jsonl
//! cargo run -p importer -- conversations.jsonl --store sqlite:desk.sqlite
//! cargo run -p importer -- --help
//! ```
//!
//! Several workers send the messages of many conversations through the handles of customers
//! and operators, and a simulated dashboard of each location polls in between. At the end
//! the importer prints statistics and checks the store: every message is there once and in
//! order, and the lists that the dashboards built from polls equal the store's lists. In a
//! file or on a server an interrupted import continues with the next run, because every
//! message has an idempotency key (I4).
//!
//! This library has the two modules that the example `dashboard` uses too.

pub mod input;
pub mod store_config;
