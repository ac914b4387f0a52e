//! Many tasks that use one desk at the same time, on a runtime of several threads.

mod erasing;
mod polling;
mod sending;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod tasks;

/// A desk over one of the stores.
type Fixture = support::fixture::Fixture<std::sync::Arc<dyn frontdesk::store::ThreadStore>>;
