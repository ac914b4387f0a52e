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
    use frontdesk::{BookingId, FrontDesk, LocationId, Message, ParticipantId, Role};
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

    /// Writes a file of conversations into the folder.
    fn write(folder: &TempDir, lines: &str) {
        fs::write(folder.path().join("conversations.jsonl"), lines).unwrap();
    }

    fn output(folder: &TempDir, options: &[&str]) -> (Option<i32>, String) {
        let output = run(folder, options);
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    /// I5: the marks of a line decide what each side has read, and if the customer waits. Without
    /// marks, everything is read.
    #[test]
    fn marks_decide_what_is_unread_and_what_waits() {
        let folder = tempfile::tempdir().unwrap();
        let turn = |from: &str, at: &str| {
            format!(r#"{{"from": "{from}", "text": "Hi", "at": "2026-07-29T{at}:00Z"}}"#)
        };
        let turns =
            [turn("customer", "20:00"), turn("operator", "20:05"), turn("customer", "20:10")];
        let line = |id: &str, marks: &str| {
            format!(
                "{{\"id\": \"{id}\", \"about\": [], \"turns\": [{}]{marks}}}\n",
                turns.join(",")
            )
        };
        let marks = r#", "readByOperators": 2, "readByCustomers": "2026-07-29T20:04:00Z",
            "waiting": true"#
            .replace('\n', "");
        write(&folder, &[line("marked", &marks), line("plain", "")].concat());
        let (status, printed) = output(&folder, &STORE);
        assert_eq!(status, Some(0), "{printed}");
        let desk = FrontDesk::new(SqliteStore::open(folder.path().join("desk.sqlite")).unwrap());
        let admin = desk.admin(LocationId::new("location-1").unwrap());
        let thread = |id: &str| block_on(admin.thread(&BookingId::new(id).unwrap())).unwrap();
        let marked = thread("marked");
        let mark = |role| marked.mark(role).number().get();
        assert_eq!((mark(Role::Operator), mark(Role::Customer)), (2, 1));
        let since = marked.waiting_since().map(|since| since.to_string());
        assert_eq!(since.as_deref(), Some("2026-07-29T20:10:00Z"));
        let plain = thread("plain");
        let is_unread = |role| plain.is_unread_by(role);
        assert!(!is_unread(Role::Operator) && !is_unread(Role::Customer));
        assert_eq!(plain.waiting_since(), None);
    }

    #[test]
    fn marks_without_times_and_export_options_without_an_export_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let line = r#"{"id": "a", "about": [], "turns": [{"from": "customer", "text": "Hi"}],"#;
        write(&folder, &format!("{line} \"waiting\": true}}\n"));
        assert!(output(&folder, &STORE).1.contains("its turns have no times"));
        assert_eq!(output(&folder, &["--waiting"]).0, Some(2));
        let until = ["--team-read-until", "2026-07-29T20:15:00Z"];
        assert_eq!(output(&folder, &until).0, Some(2));
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

        // An import that is not interrupted stores the same authors and texts.
        report(&run(&folder, &["--store", "sqlite:uninterrupted.sqlite"]));
        let [interrupted, uninterrupted] = ["desk.sqlite", "uninterrupted.sqlite"].map(|file| {
            let mut messages = stored_messages(&folder, file);
            // The order of the threads depends on the time of the import.
            messages.sort_by_key(|it| it.body().map(|body| body.as_str().to_owned()));
            let contents = messages.iter().map(|it| (it.author().clone(), it.body().cloned()));
            contents.collect::<Vec<_>>()
        });
        assert_eq!((interrupted.len(), interrupted == uninterrupted), (turns, true));
    }

    #[test]
    fn times_in_the_file_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        write(
            &folder,
            r#"{"id":"b-1","about":["Kayaks"],"turns":[
                {"from":"operator","text":"Gladly!","at":"2026-07-29T22:20:00+02:00"},
                {"from":"customer","text":"Two?","at":"2026-07-29T20:15:00Z"}]}"#
                .replace('\n', "")
                .as_str(),
        );
        for (stored, already_stored) in [(2, 0), (0, 2)] {
            let (code, report) = output(&folder, &STORE);
            assert_eq!(code, Some(0), "{report}");
            let fields = ["stored", "already stored"].map(|name| field(&report, name));
            assert_eq!(fields, [stored, already_stored], "{report}");
        }
        let messages = stored_messages(&folder, "desk.sqlite");
        let messages = messages.iter().map(|it| (it.sent_at().to_string(), it.body().unwrap()));
        let messages: Vec<_> =
            messages.map(|(at, body)| format!("{at} {}", body.as_str())).collect();
        assert_eq!(messages, ["2026-07-29T20:15:00Z Two?", "2026-07-29T20:20:00Z Gladly!"]);
    }

    #[test]
    fn messages_without_times_get_the_present_time() {
        let (folder, _) = write_conversations(1);
        let start = SystemTime::now();
        let (_, report) = output(&folder, &STORE);
        let said = report.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("each message gets the present time"), "{report}");
        for message in stored_messages(&folder, "desk.sqlite") {
            let at = SystemTime::from(message.sent_at().to_offset_date_time());
            assert!((start..=SystemTime::now()).contains(&at), "{at:?}");
        }
    }

    #[test]
    fn a_line_with_an_unknown_field_or_an_incomplete_time_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let turn = |fields: &str| {
            format!(
                r#"{{"id":"b-1","about":[],"turns":[{{"from":"customer","text":"secret"{fields}}}]}}"#
            )
        };
        write(
            &folder,
            &[
                turn(r#","time":"2026-07-29T20:15:00Z""#),
                turn(r#","at":"2026-07-29T20:15:00""#),
                turn(r#","at":1785355200"#),
                turn("").replace("about", "subject"),
                turn(r#","at":"2026-07-29T20:15:00Z"},{"from":"operator","text":"secret""#),
                turn(r#","at":"2026-07-29T20:15:00Z""#),
            ]
            .join("\n"),
        );
        let (code, report) = output(&folder, &STORE);
        assert_eq!(code, Some(0), "{report}");
        let said = report.split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            ":1 has the unknown field \"time\"",
            ":2 timestamp has no offset from UTC",
            ":3 has a field of a wrong type or value",
            ":4 has the unknown field \"subject\"",
            ":5 has turns with a time and turns without",
        ] {
            assert!(said.contains(expected), "{expected} is not in {report}");
        }
        assert!(!report.contains("secret"), "{report}");
        assert_eq!((field(&report, "invalid lines"), field(&report, "stored")), (5, 1));
    }

    #[test]
    fn conversations_with_and_without_times_are_not_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let turn = |id: &str, at: &str| {
            format!(r#"{{"id":"{id}","about":[],"turns":[{{"from":"customer","text":"Hi"{at}}}]}}"#)
        };
        write(&folder, &[turn("1", ""), turn("2", r#","at":"2026-07-29T20:15:00Z""#)].join("\n"));
        let (code, text) = output(&folder, &STORE);
        assert_eq!(code, Some(2));
        assert!(text.contains("import them separately"), "{text}");
    }

    #[test]
    fn an_export_is_imported_into_the_named_location_and_booking() {
        let folder = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/samples");
        fs::copy(samples.join("telegram.json"), folder.path().join("conversations.jsonl")).unwrap();
        fs::write(folder.path().join("bookings.json"), r#"{"4411":"b-7"}"#).unwrap();
        let options =
            ["--from", "telegram", "--bookings", "bookings.json", "--location", "harbour"];
        let options = [&STORE[..], &options[..]].concat();
        for (stored, already_stored) in [(3, 0), (0, 3)] {
            let (code, report) = output(&folder, &options);
            assert_eq!(code, Some(0), "{report}");
            let names = ["stored", "already stored", "left out", "cleaned"];
            let fields = names.map(|name| field(&report, name));
            let cleaned = usize::from(stored > 0);
            assert_eq!(fields[..3], [stored, already_stored, 3], "{report}");
            assert!(fields[3] <= cleaned, "{report}");
        }
        let desk = FrontDesk::new(SqliteStore::open(folder.path().join("desk.sqlite")).unwrap());
        let location = LocationId::new("harbour").unwrap();
        let team = desk.operator(location, ParticipantId::new("team").unwrap(), None);
        let history = block_on(team.history(&"b-7".parse().unwrap(), None, MAX_PAGE)).unwrap();
        assert_eq!(history.messages.len(), 3);
        assert_eq!(history.thread.booking().customer_name.as_ref().unwrap().as_str(), "Ines Moro");
    }

    #[test]
    fn an_option_of_exports_needs_the_format() {
        let (folder, _) = write_conversations(1);
        for options in [
            ["--zone", "Europe/Lisbon"],
            ["--operator", "Kim"],
            ["--date-order", "dmy"],
            ["--from", "outlook"],
            ["--location", ""],
        ] {
            assert_eq!(output(&folder, &options).0, Some(2), "{options:?}");
        }
        let options = ["--from", "whatsapp", "--zone", "Europe/Atlantis"];
        let (code, text) = output(&folder, &options);
        assert_eq!(code, Some(2));
        assert!(text.contains("--zone takes the name of a time zone"), "{text}");
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
