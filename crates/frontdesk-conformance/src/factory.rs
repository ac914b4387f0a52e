use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore};

use crate::alternating_store::AlternatingStore;
use crate::erased_factory::{AnyGuard, ErasedFactory};
use crate::fault::Fault;
use crate::instances::Instances;
use crate::task::Task;
use crate::time_limit::TimeLimit;

/// Creates the stores under test.
///
/// Each case creates one store. A case that fails on a random sequence of operations
/// creates one more store for each attempt to shorten the sequence. [`from_fn`] makes a
/// factory from a constructor.
///
/// ```
/// use std::sync::Arc;
///
/// use frontdesk::store::{MemoryStore, ThreadStore, async_trait};
/// use frontdesk_conformance::{Factory, Task};
///
/// struct MemoryFactory;
///
/// #[async_trait]
/// impl Factory for MemoryFactory {
///     /// Nothing to clean up. For a database: a temporary folder or a schema.
///     type Guard = ();
///
///     async fn create(&self) -> (Arc<dyn ThreadStore>, ()) {
///         (Arc::new(MemoryStore::new()), ())
///     }
///
///     async fn reopen(&self, (): &()) -> Option<Arc<dyn ThreadStore>> {
///         None
///     }
///
///     /// Spawned tasks run in parallel on a runtime with several threads.
///     async fn run_concurrently(&self, tasks: Vec<Task>) {
///         let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
///         for task in running {
///             task.await.expect("the task did not finish");
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Factory: Send + Sync {
    /// The owner of a store's data, such as a temporary folder. The kit drops it after the
    /// store.
    type Guard: Send + Sync + 'static;

    /// Creates an empty store and the guard of its data.
    async fn create(&self) -> (Arc<dyn ThreadStore>, Self::Guard);

    /// Opens the data of `guard` again, after the kit dropped the previous store.
    ///
    /// Returns `None` if the store is not durable. The kit then skips all checks of
    /// durability.
    async fn reopen(&self, guard: &Self::Guard) -> Option<Arc<dyn ThreadStore>>;

    /// Opens a second instance of the store on the data of `guard`, while the first is open:
    /// another connection pool, another handle to the same file, or another node of a cluster.
    ///
    /// Returns `None` by default. The kit then does not run the cases over
    /// [two instances](crate::two_instances).
    async fn another(&self, guard: &Self::Guard) -> Option<Arc<dyn ThreadStore>> {
        let _ = guard;
        None
    }

    /// Sets the counter of an unused location to `revision`, so that the first commit takes the
    /// next one. Returns `false` if this is not possible.
    ///
    /// The kit calls this method before any other call about the location. By default it
    /// returns `false`, and the kit does not test high revisions.
    async fn begin_at(
        &self,
        guard: &Self::Guard,
        location: &LocationId,
        revision: Revision,
    ) -> bool {
        let _ = (guard, location, revision);
        false
    }

    /// Causes a fault, or prepares it for the next commit. Returns `false` if this kind of fault
    /// is not possible.
    ///
    /// By default it returns `false`, and the kit does not run the cases about faults.
    async fn fault(&self, guard: &Self::Guard, fault: &Fault) -> bool {
        let _ = (guard, fault);
        false
    }

    /// Returns a count of the work that the database has done for the store so far: statements,
    /// rows, pages or steps. The kit compares the work of polls in a small and in a large
    /// location.
    ///
    /// By default it returns `None`, and the kit does not run this comparison.
    async fn work(&self, guard: &Self::Guard) -> Option<u64> {
        let _ = guard;
        None
    }

    /// Starts the time limit of a case. The kit calls this method at the start of each case.
    ///
    /// By default it returns `None`. Then a store that never answers also stops the kit.
    fn time_limit(&self) -> Option<TimeLimit> {
        None
    }

    /// Runs all tasks at the same time and returns when all have finished.
    ///
    /// By default the tasks take turns on the current task, which works on any executor.
    /// Override this method to spawn the tasks on several threads, so that they race.
    async fn run_concurrently(&self, tasks: Vec<Task>) {
        join_all(tasks).await;
    }
}

/// Makes a factory from a function that returns an empty store.
///
/// The store is not reopened, and no guard is kept.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::{from_fn, run_all};
///
/// # futures::executor::block_on(async {
/// let report = run_all(&from_fn(MemoryStore::new)).await;
/// assert!(report.is_ok(), "{report}");
/// # });
/// ```
pub fn from_fn<S: ThreadStore + 'static, F: Fn() -> S + Send + Sync>(create: F) -> FromFn<F> {
    FromFn(create)
}

/// The factory that [`from_fn`] returns.
#[derive(Clone, Copy)]
pub struct FromFn<F>(F);

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: ThreadStore + 'static, F: Fn() -> S + Send + Sync> Factory for FromFn<F> {
    type Guard = ();

    async fn create(&self) -> (Arc<dyn ThreadStore>, ()) {
        (Arc::new((self.0)()), ())
    }

    async fn reopen(&self, (): &()) -> Option<Arc<dyn ThreadStore>> {
        None
    }
}

/// A [`Factory`] behind a dyn-compatible interface. Every `Factory` implements it, and
/// [`TwoInstances`](crate::TwoInstances) does.
///
/// Cases take this trait instead of a generic parameter, so that they are compiled once.
/// The trait is sealed: implement [`Factory`] instead.
pub trait DynFactory: Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    fn target(&self) -> sealed::Target<'_>;
}

pub(crate) mod sealed {
    use crate::erased_factory::ErasedFactory;
    use crate::instances::Instances;

    pub trait Sealed {}
    impl<F: super::Factory> Sealed for F {}

    /// A factory and the number of instances of its stores that each case uses.
    #[derive(Clone, Copy)]
    pub struct Target<'f> {
        pub(crate) factory: &'f dyn ErasedFactory,
        pub(crate) instances: Instances,
    }
}

impl<F: Factory> DynFactory for F {
    fn target(&self) -> sealed::Target<'_> {
        sealed::Target { factory: self, instances: Instances::One }
    }
}

/// Returns the guard that [`Factory::create`] returned.
fn guard<F: Factory>(guard: &AnyGuard) -> &F::Guard {
    (**guard).downcast_ref().expect("a guard of this factory")
}

#[async_trait]
impl<F: Factory> ErasedFactory for F {
    async fn create_any(&self) -> (Arc<dyn ThreadStore>, AnyGuard) {
        let (store, guard) = self.create().await;
        (store, Box::new(guard))
    }

    async fn reopen_any(&self, any: &AnyGuard) -> Option<Arc<dyn ThreadStore>> {
        self.reopen(guard::<F>(any)).await
    }

    async fn another_any(&self, any: &AnyGuard) -> Option<Arc<dyn ThreadStore>> {
        self.another(guard::<F>(any)).await
    }

    async fn begin_at_any(
        &self,
        any: &AnyGuard,
        location: &LocationId,
        revision: Revision,
    ) -> bool {
        self.begin_at(guard::<F>(any), location, revision).await
    }

    async fn fault_any(&self, any: &AnyGuard, fault: &Fault) -> bool {
        self.fault(guard::<F>(any), fault).await
    }

    async fn work_any(&self, any: &AnyGuard) -> Option<u64> {
        self.work(guard::<F>(any)).await
    }

    async fn run_concurrently_any(&self, tasks: Vec<Task>) {
        self.run_concurrently(tasks).await;
    }

    fn time_limit_any(&self) -> Option<TimeLimit> {
        self.time_limit()
    }
}

impl fmt::Debug for sealed::Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("instances", &self.instances).finish_non_exhaustive()
    }
}

impl sealed::Target<'_> {
    /// Creates a store, or returns `None` if the cases need a second instance and there is none.
    pub(crate) async fn create(&self) -> Option<(Arc<dyn ThreadStore>, AnyGuard)> {
        let (first, guard) = self.factory.create_any().await;
        let store = self.with_another(first, &guard).await?;
        Some((store, guard))
    }

    pub(crate) async fn reopen(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>> {
        let first = self.factory.reopen_any(guard).await?;
        self.with_another(first, guard).await
    }

    /// Opens a second instance beside the first if the cases need it.
    async fn with_another(
        &self,
        first: Arc<dyn ThreadStore>,
        guard: &AnyGuard,
    ) -> Option<Arc<dyn ThreadStore>> {
        match self.instances {
            Instances::One => Some(first),
            Instances::Two => {
                let second = self.factory.another_any(guard).await?;
                Some(Arc::new(AlternatingStore::new([first, second])))
            }
        }
    }
}
