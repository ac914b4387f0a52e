use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore};

use crate::fault::Fault;
use crate::task::Task;
use crate::time_limit::TimeLimit;

/// A guard of any type.
pub(crate) type AnyGuard = Box<dyn Any + Send + Sync>;

/// The methods of [`Factory`](crate::Factory) for a guard of any type.
#[async_trait]
pub(crate) trait ErasedFactory: Send + Sync {
    async fn create_any(&self) -> (Arc<dyn ThreadStore>, AnyGuard);
    async fn reopen_any(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>>;
    async fn another_any(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>>;
    async fn begin_at_any(
        &self,
        guard: &AnyGuard,
        location: &LocationId,
        revision: Revision,
    ) -> bool;
    async fn fault_any(&self, guard: &AnyGuard, fault: &Fault) -> bool;
    async fn work_any(&self, guard: &AnyGuard) -> Option<u64>;
    async fn run_concurrently_any(&self, tasks: Vec<Task>);
    fn time_limit_any(&self) -> Option<TimeLimit>;
}
