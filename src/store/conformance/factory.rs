use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;

use crate::store::ThreadStore;

/// Something that runs to its end beside others.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How the host makes the stores that are tested.
///
/// A case asks for one fresh store, and one more for each attempt to shrink a
/// sequence of operations that failed. Where a store needs nothing, [`each`] is a
/// factory already.
///
/// ```
/// use std::sync::Arc;
///
/// use frontdesk::store::conformance::{Factory, Task};
/// use frontdesk::store::{MemoryStore, ThreadStore, async_trait};
///
/// struct Memory;
///
/// #[async_trait]
/// impl Factory for Memory {
///     /// Nothing to clean up; for a database a temporary folder or a schema.
///     type Guard = ();
///
///     async fn fresh(&self) -> (Arc<dyn ThreadStore>, ()) {
///         (Arc::new(MemoryStore::new()), ())
///     }
///
///     async fn reopen(&self, (): &()) -> Option<Arc<dyn ThreadStore>> {
///         None
///     }
///
///     /// On a runtime with several threads, tasks race for real.
///     async fn together(&self, tasks: Vec<Task>) {
///         let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
///         for task in running {
///             task.await.expect("a task was run to its end");
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Factory: Send + Sync {
    /// What a store lives in, such as a temporary folder; dropped after the store.
    type Guard: Send + Sync + 'static;

    /// An empty store, and the guard of what it lives in.
    async fn fresh(&self) -> (Arc<dyn ThreadStore>, Self::Guard);

    /// For a durable store: the store opened again on what `guard` owns, after
    /// the one before it was dropped. `None` when it is not durable, and then nothing
    /// about durability is tried.
    async fn reopen(&self, guard: &Self::Guard) -> Option<Arc<dyn ThreadStore>>;

    /// Runs tasks at once, to the end of all. By default they take turns on the
    /// current task, on any executor; spawn them on a runtime with several threads,
    /// so that they race for real.
    async fn together(&self, tasks: Vec<Task>) {
        join_all(tasks).await;
    }
}

/// A factory of stores that need nothing but to be made.
///
/// ```
/// use frontdesk::store::{MemoryStore, conformance};
///
/// # futures::executor::block_on(async {
/// let report = conformance::run_all(&conformance::each(MemoryStore::new)).await;
/// assert!(report.is_ok(), "{report}");
/// # });
/// ```
pub fn each<S: ThreadStore + 'static, F: Fn() -> S + Send + Sync>(make: F) -> Each<F> {
    Each(make)
}

/// What [`each`] makes.
#[derive(Clone, Copy)]
pub struct Each<F>(F);

impl<F> fmt::Debug for Each<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Each").finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: ThreadStore + 'static, F: Fn() -> S + Send + Sync> Factory for Each<F> {
    type Guard = ();

    async fn fresh(&self) -> (Arc<dyn ThreadStore>, ()) {
        (Arc::new((self.0)()), ())
    }

    async fn reopen(&self, (): &()) -> Option<Arc<dyn ThreadStore>> {
        None
    }
}

/// What owns a store's place, whatever its type.
pub(super) type AnyGuard = Box<dyn Any + Send + Sync>;

/// Every [`Factory`], whatever its guard: what a case takes, so that cases are
/// compiled once. Implement [`Factory`].
#[async_trait]
pub trait Host: Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    async fn open(&self) -> (Arc<dyn ThreadStore>, AnyGuard);

    #[doc(hidden)]
    async fn open_again(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>>;

    #[doc(hidden)]
    async fn run_together(&self, tasks: Vec<Task>);
}

mod sealed {
    pub trait Sealed {}
    impl<F: super::Factory> Sealed for F {}
}

#[async_trait]
impl<F: Factory> Host for F {
    async fn open(&self) -> (Arc<dyn ThreadStore>, AnyGuard) {
        let (store, guard) = self.fresh().await;
        (store, Box::new(guard))
    }

    async fn open_again(&self, guard: &AnyGuard) -> Option<Arc<dyn ThreadStore>> {
        self.reopen((**guard).downcast_ref::<F::Guard>()?).await
    }

    async fn run_together(&self, tasks: Vec<Task>) {
        self.together(tasks).await;
    }
}
