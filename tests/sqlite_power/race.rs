//! Several processes on one file.

use std::thread;
use std::time::Instant;

use libtest_mimic::Failed;

use crate::check;
use crate::child::{self, Acknowledged, BOOKINGS, Writers};

/// What processes acknowledged that all write to one file at once, each of their
/// writers so many messages.
fn at_once(
    file: &std::path::Path,
    names: &[&str],
    writers: usize,
    each: usize,
) -> Vec<Acknowledged> {
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            let turns = vec![(0, each); writers];
            child::writing(file, &Writers { name: (*name).to_owned(), turns })
        })
        .collect();
    let listeners = children.into_iter().map(|(mut child, said)| {
        thread::spawn(move || {
            let said: Vec<_> = child::acknowledged(said).collect();
            assert!(child.wait().unwrap().success(), "a process failed");
            said
        })
    });
    let listeners: Vec<_> = listeners.collect();
    listeners.into_iter().flat_map(|listener| listener.join().unwrap()).collect()
}

/// I3: two processes write 400 messages each into the same bookings: all are
/// there, once, without gaps.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn loses_nothing() -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.sqlite");
    let start = Instant::now();
    let all = at_once(&file, &["one-", "other-"], 4, 100);
    println!("two processes: {} messages in {:?}", all.len(), start.elapsed());
    assert_eq!(all.len(), 800);
    assert_eq!(check::whole(&file, &all, &all), 800);
    Ok(())
}

/// Processes that are all started on a file that is not there yet make one.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn opens_at_once() -> Result<(), Failed> {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("desk.sqlite");
        let all = at_once(&file, &["a-", "b-", "c-", "d-", "e-"], 1, BOOKINGS);
        assert_eq!(check::whole(&file, &all, &all), 5 * BOOKINGS);
    }
    Ok(())
}
