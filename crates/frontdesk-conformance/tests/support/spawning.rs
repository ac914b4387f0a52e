//! A factory that runs tasks in parallel on the threads of Tokio.

use std::sync::Arc;

use frontdesk::store::{ThreadStore, async_trait};
use frontdesk_conformance::{Factory, Task};

/// Wraps a factory so that the tasks of a case are spawned.
pub(crate) struct SpawningFactory<F>(pub(crate) F);

#[async_trait]
impl<F: Factory> Factory for SpawningFactory<F> {
    type Guard = F::Guard;

    async fn create(&self) -> (Arc<dyn ThreadStore>, F::Guard) {
        self.0.create().await
    }

    async fn reopen(&self, guard: &F::Guard) -> Option<Arc<dyn ThreadStore>> {
        self.0.reopen(guard).await
    }

    async fn run_concurrently(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("the task did not finish");
        }
    }
}
