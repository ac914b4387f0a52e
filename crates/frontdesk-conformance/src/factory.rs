use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;

use frontdesk::store::ThreadStore;

/// A future that a case runs at the same time as others.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

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

/// A guard of any type.
pub(crate) type AnyGuard = Box<dyn Any + Send + Sync>;

/// A [`Factory`] behind a dyn-compatible interface. Every `Factory` implements it.
///
/// Cases take this trait instead of a generic parameter, so that they are compiled once.
/// The trait is sealed: implement [`Factory`] instead.
#[async_trait]
pub trait DynFactory: Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    async fn create_dyn(&self) -> (Arc<dyn ThreadStore>, AnyGuard);

    #[doc(hidden)]
    async fn reopen_dyn(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>>;

    #[doc(hidden)]
    async fn run_concurrently_dyn(&self, tasks: Vec<Task>);
}

mod sealed {
    pub trait Sealed {}
    impl<F: super::Factory> Sealed for F {}
}

#[async_trait]
impl<F: Factory> DynFactory for F {
    async fn create_dyn(&self) -> (Arc<dyn ThreadStore>, AnyGuard) {
        let (store, guard) = self.create().await;
        (store, Box::new(guard))
    }

    async fn reopen_dyn(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>> {
        self.reopen((**guard).downcast_ref::<F::Guard>()?).await
    }

    async fn run_concurrently_dyn(&self, tasks: Vec<Task>) {
        self.run_concurrently(tasks).await;
    }
}
