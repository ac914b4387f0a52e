//! A disk that is full, and one that may only be read.
//!
//! Each is a small file system in memory, in a mount namespace that ends with the
//! process that has it. Where that is not permitted, or not Linux, the test is
//! reported as ignored.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use frontdesk::store::{
    Direction, SqliteOpenError, SqliteStore, StoreError, StoreErrorKind, ThreadStore,
};
use frontdesk::{CustomerDesk, DeskError, Draft, FrontDesk, MessageNumber, OperatorDesk};
use libtest_mimic::{Completion, Failed};

use crate::check::assert_sound;
use crate::child::{self, HERE};
use crate::support::{booking, booking_id, key, place, thread_id, who};

/// Runs this program in a role, on a file in a file system of so many kilobytes.
fn on_a_small_disk(role: &str, kilobytes: usize) -> Result<Completion, Failed> {
    let folder = tempfile::tempdir()?;
    let script = format!("mount -t tmpfs -o size={kilobytes}k tmpfs \"$0\" && exec \"$@\"");
    let namespace = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).args(["sh", "-c", &script]).arg(folder.path());
        command
    };
    // As root, or as nobody in particular who is root in there.
    for options in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        let tried = namespace(options).arg("true").stderr(Stdio::null()).status();
        if tried.is_ok_and(|status| status.success()) {
            let child = child::command(role, &folder.path().join("desk.sqlite"));
            let mut command = namespace(options);
            command.arg(child.get_program());
            command.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let status = command.status()?;
            return if status.success() {
                Ok(Completion::Completed)
            } else {
                Err(format!("the process ended with {status}").into())
            };
        }
    }
    Ok(Completion::ignored_with("mounting a tmpfs is not permitted here"))
}

pub(crate) fn full() -> Result<Completion, Failed> {
    on_a_small_disk("full", 3 * 1024)
}

pub(crate) fn read_only() -> Result<Completion, Failed> {
    on_a_small_disk("read only", 3 * 1024)
}

/// Sends messages of 10 KB, from a number on, until one fails: how many there are
/// now, and the error.
async fn send_until_it_fails(ann: &CustomerDesk, from: usize) -> (usize, StoreError) {
    for number in from.. {
        match ann.send(letter(number)).await {
            Ok(sent) => assert_eq!(sent.number().get() as usize, number),
            Err(DeskError::Store(error)) => return (number - 1, error),
            Err(other) => panic!("{other:?}"),
        }
    }
    unreachable!("a disk has an end")
}

fn letter(number: usize) -> Draft {
    let text = format!("{number} {}", "x".repeat(9_900));
    Draft::new(text).with_key(key(&format!("k-{number}")))
}

/// The desks of a customer and an operator over a file.
fn desks(file: &Path) -> (CustomerDesk, OperatorDesk) {
    let desk = FrontDesk::new(SqliteStore::open(file).unwrap());
    let ann = desk.customer(place(HERE), booking("b-1"), who("ann"), None);
    (ann, desk.operator(place(HERE), who("kim"), None))
}

async fn assert_readable(file: &Path, kim: &OperatorDesk, count: usize) {
    let history = kim.history(&booking_id("b-1"), None, 200).await.unwrap();
    let numbers: Vec<usize> =
        history.messages.iter().map(|message| message.number().get() as usize).collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    for (message, number) in history.messages.iter().zip(1..) {
        assert_eq!(message.body().as_str(), letter(number).body);
    }
    assert_eq!(kim.unread().await.unwrap(), 1);
    assert_sound(file);
}

/// In the child: a full disk is an error that says to try later; what was
/// acknowledged can be read, and with space there is writing again.
pub(crate) async fn fill(file: &Path) {
    let ballast = file.with_file_name("ballast");
    fs::write(&ballast, vec![1; 1024 * 1024]).unwrap();
    let (ann, kim) = desks(file);
    let (mut count, error) = send_until_it_fails(&ann, 1).await;
    println!("full after {count} messages: {error}: {}", error.source().unwrap());
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    assert!(count >= 10, "only {count} messages fit");
    for _ in 0..20 {
        let (still, error) = send_until_it_fails(&ann, count + 1).await;
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        // A shorter write may have fitted.
        assert!(still <= count + 1);
        count = still;
        assert_readable(file, &kim, count).await;
    }

    fs::remove_file(&ballast).unwrap();
    let sent = ann.send(letter(count + 1)).await.unwrap();
    assert!(!sent.is_replayed(), "nothing was written of what failed");
    for number in count + 2..count + 10 {
        ann.send(letter(number)).await.unwrap();
    }
    assert_readable(file, &kim, count + 9).await;

    drop((ann, kim));
    let (ann, kim) = desks(file);
    assert_readable(file, &kim, count + 9).await;
    assert!(ann.send(letter(1)).await.unwrap().is_replayed());
}

/// In the child: a file on a disk that may only be read is refused as that, and
/// has everything afterwards.
pub(crate) async fn open_read_only(file: &Path) {
    let (ann, kim) = desks(file);
    ann.send(letter(1)).await.unwrap();
    drop((ann, kim));
    let before = fs::read(file).unwrap();

    let disk = file.parent().unwrap();
    remount(disk, "ro");
    let error = SqliteStore::open(file).expect_err("it cannot be written");
    assert!(matches!(error, SqliteOpenError::ReadOnly(_)), "{error:?}");
    assert_eq!(error.to_string(), "the file or its folder cannot be written");
    assert!(error.source().is_some());
    let missing = SqliteStore::open(disk.join("missing.sqlite")).expect_err("nor can a new one");
    println!("{error}; where there is none: {missing}: {}", missing.source().unwrap());
    assert!(fs::read(file).unwrap() == before);

    remount(disk, "rw");
    let store = SqliteStore::open(file).unwrap();
    let whole = MessageNumber::START..=MessageNumber::MAX;
    let id = thread_id(HERE, "b-1");
    let said = store.messages(&id, whole, 9, Direction::OldestFirst).await.unwrap();
    assert_eq!(said.len(), 1);
}

#[track_caller]
fn remount(disk: &Path, how: &str) {
    let mount =
        Command::new("mount").args(["-o", &format!("remount,bind,{how}")]).arg(disk).status();
    assert!(mount.unwrap().success());
}
