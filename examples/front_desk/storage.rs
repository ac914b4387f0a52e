use std::str::FromStr;
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
}

impl FromStr for Storage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            #[cfg(feature = "sqlite")]
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            #[cfg(not(feature = "sqlite"))]
            Some(("sqlite", _)) => {
                Err("sqlite needs the feature `sqlite`, build with --features sqlite".to_owned())
            }
            _ => Err(format!("the store is memory or sqlite:PATH, not {text}")),
        }
    }
}

impl Storage {
    /// The store, with what it held before.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(clippy::unnecessary_wraps, reason = "opening a file can fail")
    )]
    pub(crate) fn open(&self) -> Result<Arc<dyn ThreadStore>, String> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => match frontdesk::store::SqliteStore::open(path) {
                Ok(store) => Ok(Arc::new(store)),
                Err(error) => {
                    let cause = std::error::Error::source(&error);
                    let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
                    Err(format!("cannot open {path}: {error}{cause}"))
                }
            },
        }
    }
}
