use std::pin::Pin;

/// A future that a case runs at the same time as others.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;
