//! A process that is killed while it writes.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::histories;
use crate::verify::verify_file;
use crate::writers::{self, Acknowledged, Writers};

const WRITERS: usize = 6;

/// I3, I4: a process that writes as fast as it can is killed at a random moment, repeatedly
/// on the same file.
///
/// After each kill the file is intact and contains every acknowledged message. The next
/// process repeats the messages that were not acknowledged, with the same keys. At the end each
/// message is stored exactly once, and
/// the history of all processes is strictly serializable.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn survives_kills() -> Result<(), Failed> {
    let kills = env::var("FRONTDESK_CRASHES").map_or(5, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.sqlite");
    let (mut all, mut unacknowledged, mut duration) = (Vec::new(), 0, Duration::ZERO);
    for kill in 1..=kills {
        let (recent, time) = write_until_killed(&file, &remaining_turns(&all));
        assert!(!recent.is_empty(), "kill {kill}: no message was acknowledged");
        duration += time;
        all.extend_from_slice(&recent);
        let stored = verify_file(&file, &all, &recent);
        // Each writer may have one message whose commit was written but not reported.
        assert!(
            (0..=WRITERS).contains(&(stored - all.len())),
            "kill {kill}: {stored} messages are stored, {} were acknowledged",
            all.len()
        );
        unacknowledged += stored - all.len();
    }

    let unfinished = remaining_turns(&all);
    let turns = unfinished.turns.into_iter().map(|turns| turns.start..turns.start + 10).collect();
    let (mut last, output) = writers::spawn(&file, &Writers { turns, ..unfinished });
    let recent: Vec<_> = writers::acknowledged(output).collect();
    assert!(last.wait().unwrap().success());
    all.extend_from_slice(&recent);
    assert_eq!(verify_file(&file, &all, &recent), all.len());
    histories::assert_strictly_serializable(&file);
    println!(
        "{kills} kills: {} messages were acknowledged, {} per second; {unacknowledged} were \
         stored without an acknowledgement and found again by their keys",
        all.len(),
        all.len() as u128 * 1000 / duration.as_millis(),
    );
    Ok(())
}

/// Lets each writer continue after its last acknowledged message.
fn remaining_turns(all: &[Acknowledged]) -> Writers {
    let name = "w".to_owned();
    let sent = |writer: usize| {
        let author = format!("{name}{writer}");
        all.iter().filter(|message| message.author == author).count()
    };
    let turns = (0..WRITERS).map(|writer| sent(writer)..usize::MAX).collect();
    Writers { name, turns }
}

/// Runs a child process and kills the process 20 to 400 ms after its first message. Returns the
/// acknowledged messages and the time during which the process wrote.
fn write_until_killed(file: &Path, writers: &Writers) -> (Vec<Acknowledged>, Duration) {
    let (mut child, output) = writers::spawn(file, writers);
    let (sender, first_message) = channel();
    let reader = thread::spawn(move || {
        let mut messages = Vec::new();
        for message in writers::acknowledged(output) {
            if messages.is_empty() {
                sender.send(Instant::now()).unwrap();
            }
            messages.push(message);
        }
        messages
    });
    let start =
        first_message.recv_timeout(Duration::from_secs(30)).expect("the child writes a message");
    thread::sleep(Duration::from_millis(20 + RandomState::new().hash_one(()) % 381));
    child.kill().unwrap();
    let time = start.elapsed();
    let status = child.wait().unwrap();
    assert!(!status.success(), "the child ended before it was killed: {status}");
    (reader.join().unwrap(), time)
}
