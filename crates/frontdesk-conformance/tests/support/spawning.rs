//! A factory that runs tasks in parallel on the threads of Tokio.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{Factory, Fault, Task, TimeLimit};

/// The time that a case may take on a machine that runs other tests at the same time.
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// Wraps a factory so that the tasks of a case are spawned and each case has a time limit.
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

    async fn another(&self, guard: &F::Guard) -> Option<Arc<dyn ThreadStore>> {
        self.0.another(guard).await
    }

    async fn begin_at(&self, guard: &F::Guard, location: &LocationId, revision: Revision) -> bool {
        self.0.begin_at(guard, location, revision).await
    }

    async fn fault(&self, guard: &F::Guard, fault: &Fault) -> bool {
        self.0.fault(guard, fault).await
    }

    async fn work(&self, guard: &F::Guard) -> Option<u64> {
        self.0.work(guard).await
    }

    fn time_limit(&self) -> Option<TimeLimit> {
        let limit = self.0.time_limit();
        limit.or_else(|| Some(TimeLimit::new(TIME_LIMIT, tokio::time::sleep(TIME_LIMIT))))
    }

    async fn run_concurrently(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("the task did not finish");
        }
    }
}
