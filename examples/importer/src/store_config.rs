//! The option `--store`: a store in memory, in a file or on a server.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::sync::Arc;

use deadpool_postgres::{Manager, Pool};
use frontdesk::store::{MemoryStore, ThreadStore};
use frontdesk_postgres::{PostgresOpenError, PostgresStore};
use frontdesk_sqlite::SqliteStore;

/// The store that the user chose.
#[derive(Default)]
pub enum StoreConfig {
    /// A store in memory, which is lost when the program ends.
    #[default]
    Memory,
    /// The path of an SQLite file.
    Sqlite(String),
    /// The URL of a PostgreSQL database, which may contain a password.
    Postgres(String),
}

impl StoreConfig {
    /// Parses the value of the option `--store`.
    ///
    /// # Errors
    ///
    /// The value names no store. The error does not repeat the value, which may contain a
    /// password.
    pub fn parse(value: &OsStr) -> Result<Self, &'static str> {
        let value = value.to_str().unwrap_or_default();
        match value.split_once(':') {
            None if value == "memory" => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(value.to_owned()))
            }
            _ => Err("--store takes memory, sqlite:PATH or postgres://URL"),
        }
    }

    /// Returns `true` if the store keeps its content after the program's end.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => true,
            Self::Memory => false,
        }
    }

    /// Returns the default number of workers. Only a server runs several calls at once.
    pub fn default_workers(&self) -> usize {
        match self {
            Self::Postgres(_) => 8,
            Self::Memory | Self::Sqlite(_) => 1,
        }
    }

    /// Opens the store and creates or migrates its tables. Only a server uses
    /// `max_connections`.
    ///
    /// # Errors
    ///
    /// The file or the server cannot be used.
    pub async fn open(&self, max_connections: usize) -> Result<Arc<dyn ThreadStore>, String> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
            Self::Sqlite(path) => match SqliteStore::open(path) {
                Ok(store) => Ok(Arc::new(store)),
                Err(error) => Err(format!("cannot open {path}: {}", with_source(&error))),
            },
            Self::Postgres(url) => match open_postgres(url, max_connections).await {
                Ok(store) => Ok(Arc::new(store)),
                Err(error) => Err(format!("cannot use PostgreSQL: {}", with_source(&error))),
            },
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "Memory",
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}

async fn open_postgres(
    url: &str,
    max_connections: usize,
) -> Result<PostgresStore, PostgresOpenError> {
    let config = url.parse().map_err(|_| PostgresOpenError::Url)?;
    let manager = Manager::new(config, tokio_postgres::NoTls);
    let pool = Pool::builder(manager).max_size(max_connections).build();
    let store = PostgresStore::new(pool.map_err(|_| PostgresOpenError::Url)?);
    store.migrate().await?;
    Ok(store)
}

fn with_source(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
