//! The folder of real conversations and hostile strings, which is no part of the crate.
#![allow(dead_code, reason = "benches have no outcome")]

use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use libtest_mimic::{Completion, Failed};

/// A file that cannot be read: which one was looked for, and why not.
#[derive(Debug)]
pub(crate) struct Missing(String);

impl Missing {
    /// What a test comes to without the file.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        if env::var("CI").as_deref() == Ok("true") {
            return Err(self.0.as_str().into());
        }
        Ok(Completion::ignored_with(&self.0))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of its files. The folder is the one that `FRONTDESK_DATA` names, or
/// `../shared/data` beside the crate.
pub(crate) fn read(file: &str) -> Result<String, Missing> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = env::var_os("FRONTDESK_DATA").map_or_else(beside, PathBuf::from).join(file);
    fs::read_to_string(&path)
        .map_err(|error| Missing(format!("looked for {}: {error}", path.display())))
}
