//! Runs the importer as a program. A run keeps the messages that are stored already, and adds
//! the missing ones.

#[path = "support/program.rs"]
mod program;

use program::{field, report, run, write_conversations};

#[test]
fn an_import_into_memory_finds_no_stored_messages() {
    let (folder, turns) = write_conversations(100);
    let report = report(&run(&folder, &["--store", "memory"]));
    assert_eq!((field(&report, "messages"), field(&report, "already stored")), (turns, 0));
}

#[test]
fn an_unknown_store_is_rejected() {
    let (folder, _) = write_conversations(1);
    for store in ["", "memory:", "sqlite", "sqlite:", "file", "sqlite:no/such/folder/desk"] {
        let output = run(&folder, &["--store", store]);
        assert_eq!(output.status.code(), Some(2), "{store}");
    }
}

#[test]
fn an_error_about_a_url_does_not_repeat_its_password() {
    let (folder, _) = write_conversations(1);
    for store in [
        // No server listens on this port.
        "postgres://desk:Geheim@127.0.0.1:1/hotel",
        "postgresql://desk:Geheim@127.0.0.1:none/hotel",
        "postgres:desk:Geheim@127.0.0.1/hotel",
        "mysql://desk:Geheim@127.0.0.1/hotel",
    ] {
        let output = run(&folder, &["--store", store]);
        assert_eq!(output.status.code(), Some(2), "{store}");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        assert!(printed.contains("postgres") || printed.contains("PostgreSQL"), "{printed}");
        assert!(!printed.contains("Geheim"), "{printed}");
    }
}

#[test]
fn the_number_of_workers_changes_only_the_order() {
    let (folder, turns) = write_conversations(200);
    for workers in ["1", "4", "64"] {
        let report = report(&run(&folder, &["--workers", workers]));
        assert_eq!((field(&report, "messages"), field(&report, "threads")), (turns, 200));
        assert_eq!(field(&report, "workers").to_string(), workers);
    }
    assert_eq!(run(&folder, &["--workers", "65"]).status.code(), Some(2));
}

mod into_a_file {
    use std::collections::hash_map::RandomState;
    use std::hash::BuildHasher;
    use std::path::Path;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant, SystemTime};
    use std::{fs, thread};

    use frontdesk::desk::{MAX_PAGE, PageRequest};
    use frontdesk::{FrontDesk, LocationId, Message, ParticipantId};
    use frontdesk_sqlite::SqliteStore;
    use futures::executor::block_on;
    use tempfile::TempDir;

    use super::program::{command, field, report, run, write_conversations};

    const STORE: [&str; 2] = ["--store", "sqlite:desk.sqlite"];

    fn modified_at(wal: &Path) -> Option<SystemTime> {
        fs::metadata(wal).and_then(|file| file.modified()).ok()
    }

    /// Waits until an import writes to the file, and then for a random time of up to 200 ms.
    fn wait_for_writes(child: &mut Child, wal: &Path) {
        let (start, before) = (Instant::now(), modified_at(wal));
        while modified_at(wal) == before
            && child.try_wait().unwrap().is_none()
            && start.elapsed() < Duration::from_secs(10)
        {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(RandomState::new().hash_one(0) % 200));
    }

    /// Reads all messages of a file, by location and thread.
    fn stored_messages(folder: &TempDir, file: &str) -> Vec<Message> {
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
    fn a_killed_import_continues_with_the_next_run() {
        let (folder, turns) = write_conversations(400);
        let wal = folder.path().join("desk.sqlite-wal");
        let mut before = 0;
        for _ in 0..3 {
            let mut import = command(&folder, &STORE);
            let mut child = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            wait_for_writes(&mut child, &wal);
            child.kill().unwrap();
            child.wait().unwrap();
            let after = stored_messages(&folder, "desk.sqlite").len();
            assert!(after >= before, "only {after} of {before} messages are still stored");
            before = after;
        }
        assert!(before < turns, "an import was complete before it was killed");

        let first = report(&run(&folder, &STORE));
        assert_eq!((field(&first, "messages"), field(&first, "already stored")), (turns, before));
        let second = report(&run(&folder, &STORE));
        assert_eq!((field(&second, "messages"), field(&second, "already stored")), (turns, turns));

        // An import that is not interrupted stores the same authors, texts and times.
        report(&run(&folder, &["--store", "sqlite:uninterrupted.sqlite"]));
        let interrupted = stored_messages(&folder, "desk.sqlite");
        let uninterrupted = stored_messages(&folder, "uninterrupted.sqlite");
        assert_eq!((interrupted.len(), interrupted == uninterrupted), (turns, true));
    }

    #[test]
    fn an_import_of_another_file_keeps_the_first_import() {
        let (folder, turns) = write_conversations(60);
        report(&run(&folder, &STORE));
        let file = folder.path().join("conversations.jsonl");
        let other = fs::read_to_string(&file).unwrap().replace("\"b-", "\"other-");
        fs::write(&file, other).unwrap();
        let report = report(&run(&folder, &STORE));
        assert_eq!((field(&report, "messages"), field(&report, "already stored")), (turns, 0));
        assert_eq!(stored_messages(&folder, "desk.sqlite").len(), 2 * turns);
    }
}
