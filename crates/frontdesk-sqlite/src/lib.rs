#![doc = include_str!("../README.md")]

mod builder;
mod commits;
mod database;
mod database_error;
mod epoch;
mod forget_keys;
mod forget_progress;
mod job_queue;
mod key_digest;
mod migration;
mod open_error;
mod reads;
mod response;
mod rows;
mod schema;
mod statements;
mod store;
mod synchronous;
mod workers;

pub use builder::SqliteBuilder;
pub use open_error::SqliteOpenError;
pub use store::SqliteStore;
pub use synchronous::Synchronous;
