//! The example as a program, a file for it to import, and what it reports.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::{env, fs};

use tempfile::TempDir;

/// The features that the example has something to do with.
const FEATURES: [(&str, bool); 3] = [
    ("sqlite", cfg!(feature = "sqlite")),
    ("postgres", cfg!(feature = "postgres")),
    ("conformance", cfg!(feature = "conformance")),
];

/// The example, built with this program's features.
fn front_desk() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    Command::new(BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["build", "--quiet", "--example", "front_desk", "--message-format=json"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        for (feature, is_on) in FEATURES {
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
    }))
}

/// A folder with a file of conversations, and how many turns they have.
pub(crate) fn conversations(count: usize) -> (TempDir, usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut turns = 0;
    let lines = (0..count).map(|index| {
        let said: Vec<_> = (0..3 + index % 19)
            .map(|turn| {
                // Some are begun by the team.
                let from = ["customer", "operator"][(index / 9 + turn) % 2];
                serde_json::json!({ "from": from, "text": format!("turn {turn} of {index} 🚣") })
            })
            .collect();
        turns += said.len();
        let id = format!("b-{index}");
        serde_json::json!({ "id": id, "about": ["Kayaks"], "turns": said }).to_string() + "\n"
    });
    fs::write(folder.path().join("some.jsonl"), lines.collect::<String>()).unwrap();
    (folder, turns)
}

pub(crate) fn import(folder: &TempDir, options: &[&str]) -> Command {
    let mut command = front_desk();
    command.current_dir(folder.path()).arg("some.jsonl").args(options);
    command
}

#[track_caller]
pub(crate) fn run(folder: &TempDir, options: &[&str]) -> Output {
    import(folder, options).output().unwrap()
}

/// The report of an import that found everything right.
#[track_caller]
pub(crate) fn report(output: &Output) -> String {
    let report = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{report}{errors}");
    let ok = report.lines().filter(|line| line.starts_with("  ok ")).count();
    assert_eq!(ok, 6, "{report}");
    assert!(!report.contains("FAILED"), "{report}");
    report
}

/// The number that the report gives to a fact.
#[track_caller]
pub(crate) fn fact(report: &str, name: &str) -> usize {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix(name));
    let number: String =
        line.unwrap().trim().chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    number.replace(',', "").parse().unwrap()
}
