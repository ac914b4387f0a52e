#![doc = include_str!("../README.md")]

mod answer_rows;
mod builder;
mod change_number;
mod commit;
mod commit_functions;
mod commit_shape;
mod commit_statements;
mod connections;
mod current_state;
mod database;
mod distribution;
mod engine;
mod epoch;
mod error;
mod key_lookup;
mod key_migration;
mod key_statements;
mod keyed_parameters;
mod layout;
mod limits;
mod migrate;
mod migration;
mod open_error;
mod parameters;
mod recovery;
mod retry;
mod row_reader;
mod schema;
mod server_error;
mod statements;
mod store;

pub use builder::PostgresBuilder;
pub use open_error::PostgresOpenError;
pub use store::PostgresStore;
