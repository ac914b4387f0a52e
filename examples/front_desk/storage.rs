use std::ffi::OsStr;
use std::sync::Arc;

use frontdesk::store::{MemoryStore, ThreadStore};

/// Where an import is kept.
#[derive(Default)]
pub(crate) enum Storage {
    /// In memory, gone at the end.
    #[default]
    Memory,
    /// In the SQLite file of this path.
    #[cfg(feature = "sqlite")]
    Sqlite(String),
    /// In the PostgreSQL database of this URL, which may have a password in it.
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl Storage {
    /// Reads an option's value, and repeats none of it: it may have a password in it.
    pub(crate) fn named(name: &OsStr) -> Result<Self, &'static str> {
        let name = name.to_str().unwrap_or_default();
        match name.split_once(':') {
            None if name == "memory" => Ok(Self::Memory),
            #[cfg(feature = "sqlite")]
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            #[cfg(not(feature = "sqlite"))]
            Some(("sqlite", _)) => {
                Err("sqlite needs the feature `sqlite`, build with --features sqlite")
            }
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(name.to_owned()))
            }
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => {
                Err("postgres needs the feature `postgres`, build with --features postgres")
            }
            _ => Err("the store is memory, sqlite:PATH or postgres://URL"),
        }
    }

    /// How many workers it is worth to have where nobody says: only a server answers
    /// several at once.
    pub(crate) fn workers(&self) -> usize {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => 8,
            _ => 1,
        }
    }

    /// The store, with what it held before, for so many workers.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, unused_variables, reason = "a server's alone")
    )]
    pub(crate) async fn open(&self, workers: usize) -> Result<Arc<dyn ThreadStore>, String> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => match frontdesk::store::SqliteStore::open(path) {
                Ok(store) => Ok(Arc::new(store)),
                Err(error) => Err(format!("cannot open {path}: {}", with_cause(&error))),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => match postgres(url, workers).await {
                Ok(store) => Ok(Arc::new(store)),
                Err(error) => Err(format!("cannot use PostgreSQL: {}", with_cause(&error))),
            },
        }
    }
}

#[cfg(feature = "postgres")]
async fn postgres(
    url: &str,
    workers: usize,
) -> Result<frontdesk::store::PostgresStore, frontdesk::store::PostgresOpenError> {
    use deadpool_postgres::{Manager, Pool};
    use frontdesk::store::{PostgresOpenError, PostgresStore};

    let config = url.parse().map_err(|_| PostgresOpenError::Url)?;
    let manager = Manager::new(config, tokio_postgres::NoTls);
    // Each of them sends or polls, one thing at a time.
    let pool = Pool::builder(manager).max_size(workers).build();
    let store = PostgresStore::new(pool.map_err(|_| PostgresOpenError::Url)?);
    store.migrate().await?;
    Ok(store)
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
