//! Several processes that write to one file.

use std::path::Path;
use std::thread;
use std::time::Instant;

use libtest_mimic::Failed;

use crate::histories;
use crate::verify::verify_file;
use crate::writers::{self, Acknowledged, BOOKINGS, Writers};

/// The processes of a race. Each process has the same number of writers, and each writer
/// sends the same number of messages.
struct Race<'a> {
    processes: &'a [&'a str],
    writers: usize,
    messages: usize,
}

impl Race<'_> {
    /// Runs all processes at the same time and returns the acknowledged messages.
    fn run(&self, file: &Path) -> Vec<Acknowledged> {
        let start = |name: &&str| {
            let turns = vec![0..self.messages; self.writers];
            writers::spawn(file, &Writers { name: (*name).to_owned(), turns })
        };
        let children: Vec<_> = self.processes.iter().map(start).collect();
        let readers = children.into_iter().map(|(mut child, output)| {
            thread::spawn(move || {
                let messages: Vec<_> = writers::acknowledged(output).collect();
                assert!(child.wait().unwrap().success(), "a process failed");
                messages
            })
        });
        let readers: Vec<_> = readers.collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect()
    }
}

/// I3: two processes write 400 messages each to the same bookings. Every message is stored
/// once, and the numbers have no gaps.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn loses_nothing() -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.sqlite");
    let start = Instant::now();
    let all = Race { processes: &["first-", "second-"], writers: 4, messages: 100 }.run(&file);
    println!("two processes: {} messages in {:?}", all.len(), start.elapsed());
    assert_eq!(all.len(), 800);
    assert_eq!(verify_file(&file, &all, &all), 800);
    histories::assert_strictly_serializable(&file);
    Ok(())
}

/// Processes that start at the same time on a missing file create one store.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn opens_at_once() -> Result<(), Failed> {
    let processes = &["a-", "b-", "c-", "d-", "e-"];
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("desk.sqlite");
        let all = Race { processes, writers: 1, messages: BOOKINGS }.run(&file);
        assert_eq!(verify_file(&file, &all, &all), processes.len() * BOOKINGS);
        histories::assert_strictly_serializable(&file);
    }
    Ok(())
}
