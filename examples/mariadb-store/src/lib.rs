//! A store over MariaDB, on one server or on a Galera cluster.
//!
//! It is an example of a store that a host writes: it converts rows with [`frontdesk_sql`], and
//! its tests run the conformance kit. The section "MySQL and MariaDB" of
//! `crates/frontdesk-conformance/docs/implementing-a-store.md` explains its choices.

mod commit;
mod database;
mod error;
mod reads;
mod rows;
mod statements;
mod store;

pub use error::DatabaseError;
pub use store::MariaDbStore;
