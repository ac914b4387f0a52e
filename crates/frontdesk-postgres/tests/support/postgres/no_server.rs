//! The reason why a test has no server, and its result.

use std::env;

use libtest_mimic::{Completion, Failed};

/// The reason why there is no server.
#[derive(Debug, Clone)]
pub(crate) enum NoServer {
    /// No server is installed.
    Missing(String),
    /// A server is installed but does not start.
    Broken(String),
}

impl NoServer {
    /// Returns the result of a test that has no server.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        let is_set = |name, value| env::var(name).as_deref() == Ok(value);
        let is_required = is_set("CI", "true") || is_set("FRONTDESK_REQUIRE_POSTGRES", "1");
        match self {
            Self::Missing(reason) if !is_required => {
                Ok(Completion::ignored_with(format!("not run: {reason}")))
            }
            Self::Missing(reason) | Self::Broken(reason) => Err(reason.into()),
        }
    }

    /// Prints a line if no server is installed. Fails if a server does not start. For benchmarks.
    pub(crate) fn report(self) -> Result<(), String> {
        match self {
            Self::Missing(reason) => {
                println!("not run: {reason}");
                Ok(())
            }
            Self::Broken(reason) => Err(reason),
        }
    }
}
