//! The examples as programs, built with the features of the test that runs them.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Builds an example; its program.
#[track_caller]
pub(crate) fn build(example: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["build", "--quiet", "--example", example, "--message-format=json"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    for (feature, is_on) in [
        ("conformance", cfg!(feature = "conformance")),
        ("jiff", cfg!(feature = "jiff")),
        ("postgres", cfg!(feature = "postgres")),
        ("sqlite", cfg!(feature = "sqlite")),
        ("tracing", cfg!(feature = "tracing")),
    ] {
        if is_on {
            cargo.args(["--features", feature]);
        }
    }
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str(line).unwrap());
    messages
        .filter_map(|message: serde_json::Value| Some(message["executable"].as_str()?.into()))
        .next_back()
        .unwrap()
}
