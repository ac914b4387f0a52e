//! Child processes that run this program in another role.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The location of the tests.
pub(crate) const LOCATION: &str = "harbour";

const ROLE: &str = "FRONTDESK_CHILD";
const FILE: &str = "FRONTDESK_CHILD_FILE";

/// Builds the command that runs this program in a role, on a store file.
pub(crate) fn command(role: &str, file: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(ROLE, role).env(FILE, file);
    command
}

/// Returns the role and the file of this process, or `None` in the parent process.
pub(crate) fn role() -> Option<(String, PathBuf)> {
    let role = env::var(ROLE).ok()?;
    Some((role, PathBuf::from(env::var_os(FILE).unwrap())))
}
