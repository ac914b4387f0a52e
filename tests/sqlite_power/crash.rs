//! A process that is killed while it writes.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::check;
use crate::child::{self, Acknowledged, Writers};

const WRITERS: usize = 6;

/// I3, I4: a process that posts as fast as it can is killed at any moment, again
/// and again on the same file. After each, the file is sound and has what was
/// acknowledged; the next process sends what was not with the same keys, and at
/// the end each message is there once.
#[expect(clippy::unnecessary_wraps, reason = "the signature of a test")]
pub(crate) fn survives_a_kill() -> Result<(), Failed> {
    let crashes = env::var("FRONTDESK_CRASHES").map_or(5, |crashes| crashes.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.sqlite");
    let (mut all, mut unheard, mut writing) = (Vec::new(), 0, Duration::ZERO);
    for crash in 1..=crashes {
        let (recent, time) = until_killed(&file, &next_turns(&all));
        assert!(!recent.is_empty(), "crash {crash}: nothing was acknowledged");
        writing += time;
        all.extend_from_slice(&recent);
        let stored = check::whole(&file, &all, &recent);
        // Stored, and killed before it was said: at most one of each writer.
        assert!(
            (0..=WRITERS).contains(&(stored - all.len())),
            "crash {crash}: {stored} are stored"
        );
        unheard += stored - all.len();
    }

    let unfinished = next_turns(&all);
    let turns = unfinished.turns.into_iter().map(|(from, _)| (from, from + 10)).collect();
    let (mut last, said) = child::writing(&file, &Writers { turns, ..unfinished });
    let recent: Vec<_> = child::acknowledged(said).collect();
    assert!(last.wait().unwrap().success());
    all.extend_from_slice(&recent);
    assert_eq!(check::whole(&file, &all, &recent), all.len());
    println!(
        "{crashes} crashes: {} messages were acknowledged, {} a second; {unheard} were stored \
         and not acknowledged, and found again by their keys",
        all.len(),
        all.len() as u128 * 1000 / writing.as_millis(),
    );
    Ok(())
}

/// Each writer goes on after its last message that was acknowledged.
fn next_turns(all: &[Acknowledged]) -> Writers {
    let name = "w".to_owned();
    let sent = |writer: usize| {
        let author = format!("{name}{writer}");
        all.iter().filter(|sent| sent.author == author).count()
    };
    let turns = (0..WRITERS).map(|writer| (sent(writer), usize::MAX)).collect();
    Writers { name, turns }
}

/// What a child acknowledged before it was killed, 20 to 400 ms after its first,
/// and for how long it wrote.
fn until_killed(file: &std::path::Path, writers: &Writers) -> (Vec<Acknowledged>, Duration) {
    let (mut child, said) = child::writing(file, writers);
    let (tell, first) = channel();
    let listener = thread::spawn(move || {
        let mut heard = Vec::new();
        for one in child::acknowledged(said) {
            if heard.is_empty() {
                tell.send(Instant::now()).unwrap();
            }
            heard.push(one);
        }
        heard
    });
    let start = first.recv_timeout(Duration::from_secs(30)).expect("the child writes");
    thread::sleep(Duration::from_millis(20 + RandomState::new().hash_one(()) % 381));
    child.kill().unwrap();
    let time = start.elapsed();
    let status = child.wait().unwrap();
    assert!(!status.success(), "it was not killed: {status}");
    (listener.join().unwrap(), time)
}
