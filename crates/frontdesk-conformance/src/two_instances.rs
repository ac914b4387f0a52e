use crate::factory::{DynFactory, Factory, sealed};
use crate::instances::Instances;

/// Wraps a factory so that every case runs over two instances of the store on the same data.
///
/// The calls of a case go to the two instances in turn. This finds caches, counters and locks
/// that belong to one instance, and reads that come from a replica. If the factory's
/// [`another`](Factory::another) returns `None`, no case is run.
///
/// [`run_all`](crate::run_all) runs all cases in both ways. With
/// [`conformance_tests!`](crate::conformance_tests), make the tests of both:
///
/// ```
/// # mod my_store {
/// # use std::sync::Arc;
/// # use frontdesk::store::{MemoryStore, ThreadStore, async_trait};
/// # use frontdesk_conformance::Factory;
/// # pub struct MyFactory;
/// # #[async_trait]
/// # impl Factory for MyFactory {
/// #     type Guard = MemoryStore;
/// #     async fn create(&self) -> (Arc<dyn ThreadStore>, MemoryStore) {
/// #         let store = MemoryStore::new();
/// #         (Arc::new(store.clone()), store)
/// #     }
/// #     async fn reopen(&self, _: &MemoryStore) -> Option<Arc<dyn ThreadStore>> {
/// #         None
/// #     }
/// #     async fn another(&self, store: &MemoryStore) -> Option<Arc<dyn ThreadStore>> {
/// #         Some(Arc::new(store.clone()))
/// #     }
/// # }
/// mod one_instance {
///     frontdesk_conformance::conformance_tests!(#[tokio::test], super::MyFactory);
/// }
///
/// mod two_instances {
///     use frontdesk_conformance::{TwoInstances, two_instances};
///
///     use super::MyFactory;
///
///     fn factory() -> TwoInstances<MyFactory> {
///         two_instances(MyFactory)
///     }
///
///     frontdesk_conformance::conformance_tests!(#[tokio::test], factory());
/// }
/// # }
/// ```
pub fn two_instances<F: Factory>(factory: F) -> TwoInstances<F> {
    TwoInstances(factory)
}

/// The factory that [`two_instances`] returns.
#[derive(Debug, Clone, Copy)]
pub struct TwoInstances<F>(F);

/// A factory behind a reference, whose cases use two instances.
pub(crate) struct Alternating<'f>(pub(crate) &'f dyn DynFactory);

impl sealed::Sealed for Alternating<'_> {}

impl DynFactory for Alternating<'_> {
    fn target(&self) -> sealed::Target<'_> {
        sealed::Target { instances: Instances::Two, ..self.0.target() }
    }
}

impl<F: Factory> sealed::Sealed for TwoInstances<F> {}

impl<F: Factory> DynFactory for TwoInstances<F> {
    fn target(&self) -> sealed::Target<'_> {
        sealed::Target { instances: Instances::Two, ..self.0.target() }
    }
}
