//! The example's import, run as a program: what is stored stays, and what is
//! missing comes with the next run.

#[path = "support/example.rs"]
mod example;
#[path = "support/front_desk.rs"]
mod front_desk;

use front_desk::{conversations, fact, report, run};

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

#[test]
fn whatever_is_wrong_with_a_url_its_password_is_not_repeated() {
    let (folder, _) = conversations(1);
    for store in [
        // Nobody listens there, whatever the build.
        "postgres://desk:Geheim@127.0.0.1:1/hotel",
        "postgresql://desk:Geheim@127.0.0.1:none/hotel",
        "postgres:desk:Geheim@127.0.0.1/hotel",
        "mysql://desk:Geheim@127.0.0.1/hotel",
    ] {
        let output = run(&folder, &["--store", store]);
        assert_eq!(output.status.code(), Some(2), "{store}");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("postgres") || said.contains("PostgreSQL"), "{said}");
        assert!(!said.contains("Geheim"), "{said}");
    }
}

#[test]
fn several_workers_change_nothing_but_the_order() {
    let (folder, turns) = conversations(200);
    for workers in ["1", "4", "64"] {
        let report = report(&run(&folder, &["--workers", workers]));
        assert_eq!((fact(&report, "messages"), fact(&report, "threads")), (turns, 200));
        assert_eq!(fact(&report, "workers").to_string(), workers);
    }
    assert_eq!(run(&folder, &["--workers", "65"]).status.code(), Some(2));
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

    use super::front_desk::{conversations, fact, import, report, run};

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
