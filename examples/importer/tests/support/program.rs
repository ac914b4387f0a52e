//! The importer as a program, a file of conversations and the fields of its report.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Writes `count` conversations to the file `conversations.jsonl` in a new folder. Returns the
/// folder and the number of turns in the file.
pub(crate) fn write_conversations(count: usize) -> (TempDir, usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut turn_count = 0;
    let lines = (0..count).map(|index| {
        let turns: Vec<_> = (0..3 + index % 19)
            .map(|turn| {
                // The team begins some of the conversations.
                let from = ["customer", "operator"][(index / 9 + turn) % 2];
                serde_json::json!({ "from": from, "text": format!("turn {turn} of {index} 🚣") })
            })
            .collect();
        turn_count += turns.len();
        let id = format!("b-{index}");
        serde_json::json!({ "id": id, "about": ["Kayaks"], "turns": turns }).to_string() + "\n"
    });
    let lines: String = lines.collect();
    fs::write(folder.path().join("conversations.jsonl"), lines).unwrap();
    (folder, turn_count)
}

/// Returns the command that imports the file of this folder.
pub(crate) fn command(folder: &TempDir, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_importer"));
    command.current_dir(folder.path()).arg("conversations.jsonl").args(options);
    command
}

#[track_caller]
pub(crate) fn run(folder: &TempDir, options: &[&str]) -> Output {
    command(folder, options).output().unwrap()
}

/// Returns the report of an import whose self-check found no violation.
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

/// Returns the number of a field in a report.
#[track_caller]
pub(crate) fn field(report: &str, name: &str) -> usize {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix(name));
    let number: String =
        line.unwrap().trim().chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    number.replace(',', "").parse().unwrap()
}
