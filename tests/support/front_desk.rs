//! The example as a program, a file for it to import, and what it reports.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::example;

/// The example, built with this program's features.
fn front_desk() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    Command::new(BUILT.get_or_init(|| example::build("front_desk")))
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
