//! The stores under test.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::store::{MemoryStore, StoreError, ThreadStore};
use tokio::task::yield_now;

use crate::support::hooked_store::{Hook, HookedStore};
use crate::support::naive::NaiveStore;

/// A hook that lets other tasks run before and after each call. What a use case has read is then
/// often outdated when the use case commits, which causes many conflicts.
pub(crate) struct Yield;

#[async_trait]
impl Hook for Yield {
    async fn before_call(&self) -> Result<(), StoreError> {
        yield_now().await;
        Ok(())
    }

    async fn after_call(&self) {
        yield_now().await;
    }
}

pub(crate) fn yielding_store() -> HookedStore<MemoryStore, Yield> {
    HookedStore::new(MemoryStore::new(), Yield)
}

/// Returns the stores that the tests of this program use, by name.
pub(crate) fn stores() -> [(&'static str, Arc<dyn ThreadStore>); 3] {
    [
        ("memory", Arc::new(MemoryStore::new())),
        ("naive", Arc::new(NaiveStore::new())),
        ("yielding", Arc::new(yielding_store())),
    ]
}
