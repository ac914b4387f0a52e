//! The repository's own files, for tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the Rust files of a folder of the repository and of its subfolders, sorted.
#[track_caller]
pub(crate) fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Returns the folders of the workspace's library crates, relative to the repository. The first
/// folder is `.`, the folder of the root package.
#[track_caller]
#[allow(dead_code, reason = "not each test program uses it")]
pub(crate) fn library_crates() -> Vec<String> {
    let crates = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("crates"));
    let mut folders: Vec<String> = crates
        .iter()
        .filter(|path| path.join("Cargo.toml").exists())
        .map(|path| format!("crates/{}", path.file_name().unwrap().to_str().unwrap()))
        .collect();
    folders.sort();
    folders.insert(0, ".".to_owned());
    folders
}

#[track_caller]
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Returns the text of a file of the repository.
#[track_caller]
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
