//! Example: imports conversations from files while dashboards poll.
//!
//! ```sh
//! cargo run -p importer -- conversations.jsonl
//! cargo run -p importer -- conversations.jsonl --store sqlite:desk.sqlite
//! cargo run -p importer -- --help
//! ```
//!
//! Conversations with times, also those of other systems (`--from`), are imported with these times
//! (I5). The modules [`export`] and [`threads`] read them.
//!
//! If a file has no times, several workers send the messages of many conversations through customer
//! and operator desks, and a simulated dashboard of each location polls in between. At the end the
//! importer prints statistics and checks the store: every message is there once and in
//! order, and the lists that the dashboards built from polls equal the store's lists. If the
//! store is a file or a server, the next run continues an interrupted import, because every
//! message has an idempotency key (I4).
//!
//! The example `dashboard` uses the modules [`input`] and [`store_config`], too.

pub mod booking_map;
pub mod export;
mod imported_id;
pub mod input;
mod json_error;
pub mod store_config;
pub mod threads;
