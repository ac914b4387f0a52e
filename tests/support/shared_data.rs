//! The folder of real conversations and hostile strings, which is not in the repository.
#![allow(dead_code, reason = "benchmarks do not call `outcome`")]

use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

use libtest_mimic::{Completion, Failed};

/// A message about a file that could not be read, with the path of the file and the error.
#[derive(Debug)]
pub(crate) struct Missing(String);

impl Missing {
    /// Returns the outcome of a test that needs the file: failed if `CI` is `true`, otherwise
    /// ignored.
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

/// Returns the text of a file in the data folder. The environment variable `FRONTDESK_DATA` names
/// this folder. The default is `../shared/data` beside the workspace.
pub(crate) fn read(file: &str) -> Result<String, Missing> {
    let default = || {
        let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let workspace = folders.find(|folder| folder.join("Cargo.lock").exists());
        workspace.expect("the workspace folder contains Cargo.lock").join("../shared/data")
    };
    let path = env::var_os("FRONTDESK_DATA").map_or_else(default, PathBuf::from).join(file);
    fs::read_to_string(&path)
        .map_err(|error| Missing(format!("not run: cannot read {}: {error}", path.display())))
}
