//! A store in which each call is one step for the model checker.

use async_trait::async_trait;
use frontdesk::store::StoreError;
use shuttle::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::support::hooked_store::{Hook, HookedStore};

/// A hook that lets the checker run another task before and after each call.
#[derive(Default)]
pub(crate) struct Switch {
    switches: AtomicUsize,
}

impl Switch {
    /// Lets the checker run another task. Accesses an atomic instead of yielding, because
    /// the checker gives the lowest priority to a task that yields.
    pub(crate) fn switch(&self) {
        self.switches.fetch_add(1, SeqCst);
    }
}

#[async_trait]
impl Hook for Switch {
    async fn before_call(&self) -> Result<(), StoreError> {
        self.switch();
        Ok(())
    }

    async fn after_call(&self) {
        self.switch();
    }
}

pub(crate) type SwitchingStore<S> = HookedStore<S, Switch>;

pub(crate) fn switching<S>(store: S) -> SwitchingStore<S> {
    HookedStore { inner: store, hook: Switch::default() }
}
