//! The example's import, run as a program: what is stored stays, and what is
//! missing comes with the next run.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::{env, fs};

use tempfile::TempDir;

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
        for (feature, is_on) in
            [("sqlite", cfg!(feature = "sqlite")), ("conformance", cfg!(feature = "conformance"))]
        {
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
fn conversations(count: usize) -> (TempDir, usize) {
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

fn import(folder: &TempDir, options: &[&str]) -> Command {
    let mut command = front_desk();
    command.current_dir(folder.path()).arg("some.jsonl").args(options);
    command
}

#[track_caller]
fn run(folder: &TempDir, options: &[&str]) -> Output {
    import(folder, options).output().unwrap()
}

/// The report of an import that found everything right.
#[track_caller]
fn report(output: &Output) -> String {
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
fn fact(report: &str, name: &str) -> usize {
    let line = report.lines().find_map(|line| line.trim_start().strip_prefix(name));
    let number: String =
        line.unwrap().trim().chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    number.replace(',', "").parse().unwrap()
}

#[test]
fn an_import_into_memory_finds_nothing_stored_before() {
    let (folder, turns) = conversations(100);
    let report = report(&run(&folder, &["--store", "memory"]));
    assert_eq!((fact(&report, "messages"), fact(&report, "stored before")), (turns, 0));
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn a_build_without_sqlite_says_which_feature_it_lacks() {
    let (folder, _) = conversations(1);
    let output = run(&folder, &["--store", "sqlite:desk.sqlite"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--features sqlite"));
}

#[test]
fn a_store_that_is_not_known_is_refused() {
    let (folder, _) = conversations(1);
    for store in ["", "memory:", "sqlite", "sqlite:", "file", "sqlite:no/such/folder/desk"] {
        let output = run(&folder, &["--store", store]);
        assert_eq!(output.status.code(), Some(2), "{store}");
    }
}

#[cfg(feature = "sqlite")]
mod into_a_file {
    use std::collections::hash_map::RandomState;
    use std::hash::BuildHasher;
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant, SystemTime};
    use std::{fs, thread};

    use frontdesk::desk::{MAX_PAGE, PageRequest};
    use frontdesk::store::SqliteStore;
    use frontdesk::{FrontDesk, LocationId, Message, ParticipantId};
    use futures::executor::block_on;
    use tempfile::TempDir;

    use super::{conversations, fact, import, report, run};

    const STORE: [&str; 2] = ["--store", "sqlite:desk.sqlite"];

    /// When the file was last written to.
    fn written(wal: &Path) -> Option<SystemTime> {
        fs::metadata(wal).and_then(|file| file.modified()).ok()
    }

    /// Lets an import run into what is not stored yet, for a random while.
    fn let_it_begin(child: &mut Child, wal: &Path) {
        let (begun, before) = (Instant::now(), written(wal));
        while written(wal) == before
            && child.try_wait().unwrap().is_none()
            && begun.elapsed() < Duration::from_secs(10)
        {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(RandomState::new().hash_one(0) % 200));
    }

    /// All messages that a file holds, place by place and thread by thread.
    fn stored(folder: &TempDir, file: &str) -> Vec<Message> {
        let desk = FrontDesk::new(SqliteStore::open(folder.path().join(file)).unwrap());
        let mut messages = Vec::new();
        for number in 1..=4 {
            let location = LocationId::new(format!("location-{number}")).unwrap();
            let team = desk.operator(location, ParticipantId::new("team").unwrap(), None);
            let mut next = Some(PageRequest::first(MAX_PAGE));
            while let Some(request) = next {
                let page = block_on(team.inbox(&request)).unwrap();
                for thread in &page.threads {
                    let booking = &thread.id().booking;
                    let history = block_on(team.history(booking, None, MAX_PAGE)).unwrap();
                    messages.extend(history.messages);
                }
                next = page.next.map(|next| PageRequest::after(next, MAX_PAGE));
            }
        }
        messages
    }

    #[test]
    fn an_import_that_was_killed_goes_on_where_it_was() {
        let (folder, turns) = conversations(400);
        let wal = folder.path().join("desk.sqlite-wal");
        let mut had = 0;
        for _ in 0..3 {
            let mut command = import(&folder, &STORE);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let_it_begin(&mut child, &wal);
            child.kill().unwrap();
            child.wait().unwrap();
            let has = stored(&folder, "desk.sqlite").len();
            assert!(has >= had, "{has} of {had} messages are left");
            had = has;
        }
        assert!(had < turns, "it was never killed on its way");

        let first = report(&run(&folder, &STORE));
        assert_eq!((fact(&first, "messages"), fact(&first, "stored before")), (turns, had));
        let second = report(&run(&folder, &STORE));
        assert_eq!((fact(&second, "messages"), fact(&second, "stored before")), (turns, turns));

        // As if it had never been interrupted: the same authors, texts and times.
        report(&run(&folder, &["--store", "sqlite:whole.sqlite"]));
        let (parts, whole) = (stored(&folder, "desk.sqlite"), stored(&folder, "whole.sqlite"));
        assert_eq!((parts.len(), parts == whole), (turns, true));
    }

    #[test]
    fn another_import_into_the_same_file_leaves_the_first_alone() {
        let (folder, turns) = conversations(60);
        report(&run(&folder, &STORE));
        let others = fs::read_to_string(folder.path().join("some.jsonl")).unwrap();
        fs::write(folder.path().join("some.jsonl"), others.replace("\"b-", "\"other-")).unwrap();
        let report = report(&run(&folder, &STORE));
        assert_eq!((fact(&report, "messages"), fact(&report, "stored before")), (turns, 0));
        assert_eq!(stored(&folder, "desk.sqlite").len(), 2 * turns);
    }
}
