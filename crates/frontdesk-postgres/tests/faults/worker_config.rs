//! The configuration of a worker process, and the store that it makes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use frontdesk::LocationId;
use frontdesk::store::ThreadStore;
use frontdesk_postgres::PostgresStore;
use serde::{Deserialize, Serialize};

use crate::sharded_store::ShardedStore;
use crate::support::location_id;
use crate::worker::LOCATIONS;

/// The environment variable with a process's [`WorkerConfig`].
pub(crate) const WORKER_CONFIG: &str = "FRONTDESK_FAULT_WORKER";

/// The configuration of a process. Later the process receives two commands on its standard
/// input, each in a line: `stop` ends the writing, and `finish` ends the reading.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerConfig {
    pub(crate) name: String,
    /// One URL for each server.
    pub(crate) urls: Vec<String>,
    pub(crate) seed: u64,
    /// The tables on Citus. Without it, the tables have the default schema of each server.
    pub(crate) distributed: Option<DistributedTables>,
    /// The file of the process's history.
    pub(crate) history: PathBuf,
}

impl WorkerConfig {
    /// Makes the store of the process.
    pub(crate) fn store(&self) -> Arc<dyn ThreadStore> {
        match &self.distributed {
            Some(tables) => Arc::new(tables.store(&self.urls[0])),
            None => store(&self.urls),
        }
    }
}

/// Tables that Citus distributes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DistributedTables {
    pub(crate) schema: String,
    pub(crate) shards: u16,
}

impl DistributedTables {
    /// Makes a store on the cluster of a coordinator.
    pub(crate) fn store(&self, url: &str) -> PostgresStore {
        PostgresStore::builder().schema(&self.schema).distributed(self.shards).url(url).unwrap()
    }
}

/// Returns the location that is not on the server of its hash.
pub(crate) fn shard_overrides() -> HashMap<LocationId, usize> {
    HashMap::from([(location_id(LOCATIONS[3]), 1)])
}

/// Makes a store on one server or on several.
pub(crate) fn store(urls: &[String]) -> Arc<dyn ThreadStore> {
    let mut stores: Vec<Arc<dyn ThreadStore>> = Vec::new();
    for url in urls {
        stores.push(Arc::new(PostgresStore::connect(url).unwrap()));
    }
    if stores.len() == 1 {
        stores.remove(0)
    } else {
        Arc::new(ShardedStore::new(stores, shard_overrides()))
    }
}
