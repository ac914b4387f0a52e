//! Many tasks that use one `FrontDesk` at the same time, on a runtime with several OS threads.

mod erasing;
mod polling;
mod sending;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod tasks;

/// A fixture over one of the stores under test.
type Fixture = support::fixture::Fixture<std::sync::Arc<dyn frontdesk::store::ThreadStore>>;
