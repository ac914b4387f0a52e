//! A factory whose tasks race on the threads of tokio.

use std::sync::Arc;

use frontdesk::store::conformance::{Factory, Task};
use frontdesk::store::{ThreadStore, async_trait};

pub(crate) struct Spawning<F>(pub(crate) F);

#[async_trait]
impl<F: Factory> Factory for Spawning<F> {
    type Guard = F::Guard;

    async fn fresh(&self) -> (Arc<dyn ThreadStore>, F::Guard) {
        self.0.fresh().await
    }

    async fn reopen(&self, guard: &F::Guard) -> Option<Arc<dyn ThreadStore>> {
        self.0.reopen(guard).await
    }

    async fn together(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("a task was run to its end");
        }
    }
}
