//! A full disk and a read-only disk.
//!
//! Each test mounts a small tmpfs in a mount namespace, which ends with the child process. The
//! test is ignored if mounting is not permitted or the system is not Linux.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use frontdesk::store::{MessageQuery, StoreError, StoreErrorKind, ThreadStore};
use frontdesk::{CustomerDesk, DeskError, Draft, FrontDesk, MessageNumber, OperatorDesk};
use frontdesk_sqlite::{SqliteOpenError, SqliteStore};
use libtest_mimic::{Completion, Failed};

use crate::child::{self, LOCATION};
use crate::support::{booking, booking_id, key, location_id, participant_id, thread_id};
use crate::verify::assert_intact;

pub(crate) const FULL_ROLE: &str = "full disk";
pub(crate) const READ_ONLY_ROLE: &str = "read-only disk";

const DISK_KIB: usize = 3 * 1024;

pub(crate) fn full() -> Result<Completion, Failed> {
    run_on_small_disk(FULL_ROLE)
}

pub(crate) fn read_only() -> Result<Completion, Failed> {
    run_on_small_disk(READ_ONLY_ROLE)
}

/// Runs this program in a role, with its file on a disk of [`DISK_KIB`].
fn run_on_small_disk(role: &str) -> Result<Completion, Failed> {
    let folder = tempfile::tempdir()?;
    let script = format!("mount -t tmpfs -o size={DISK_KIB}k tmpfs \"$0\" && exec \"$@\"");
    let unshare = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).args(["sh", "-c", &script]).arg(folder.path());
        command
    };
    // The first option list needs root, the second needs user namespaces.
    for options in [&["--mount"][..], &["--user", "--map-root-user", "--mount"]] {
        let attempt = unshare(options).arg("true").stderr(Stdio::null()).status();
        if attempt.is_ok_and(|status| status.success()) {
            let child = child::command(role, &folder.path().join("desk.sqlite"));
            let mut command = unshare(options);
            command.arg(child.get_program());
            command.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let status = command.status()?;
            return if status.success() {
                Ok(Completion::Completed)
            } else {
                Err(format!("the child process ended with {status}").into())
            };
        }
    }
    Ok(Completion::ignored_with("not run: mounting a tmpfs is not permitted"))
}

/// Sends messages of 10 KB, numbered from `first`, until a message fails. Returns the number of
/// the last stored message and the error.
async fn send_until_error(ann: &CustomerDesk, first: usize) -> (usize, StoreError) {
    for number in first.. {
        match ann.send(large_draft(number)).await {
            Ok(sent) => assert_eq!(sent.number().get() as usize, number),
            Err(DeskError::Store(error)) => return (number - 1, error),
            Err(other) => panic!("{other:?}"),
        }
    }
    unreachable!("the disk has a limited size")
}

fn large_draft(number: usize) -> Draft {
    let text = format!("{number} {}", "x".repeat(9_900));
    Draft::new(text).with_key(key(&format!("k-{number}")))
}

/// Opens the file and returns a customer's and an operator's desk.
fn open_desks(file: &Path) -> (CustomerDesk, OperatorDesk) {
    let desk = FrontDesk::new(SqliteStore::open(file).unwrap());
    let location = location_id(LOCATION);
    let ann = desk
        .customer(location.clone(), booking_id("b-1"), participant_id("ann"))
        .starting_with(booking("b-1"));
    (ann, desk.operator(location, participant_id("kim"), None))
}

/// Asserts that exactly the messages 1 to `count` are stored.
async fn assert_stored(file: &Path, kim: &OperatorDesk, count: usize) {
    let history = kim.history(&booking_id("b-1"), None, 200).await.unwrap();
    let numbers: Vec<usize> =
        history.messages.iter().map(|message| message.number().get() as usize).collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    for (message, number) in history.messages.iter().zip(1..) {
        assert_eq!(message.body().unwrap().as_str(), large_draft(number).body);
    }
    assert_eq!(kim.unread_threads().await.unwrap(), 1);
    assert_intact(file);
}

/// The child on a full disk: sending fails as unavailable, stored messages can be read, and
/// sending works again once there is space.
pub(crate) async fn fill(file: &Path) {
    let ballast = file.with_file_name("ballast");
    fs::write(&ballast, vec![1; 1024 * 1024]).unwrap();
    let (ann, kim) = open_desks(file);
    let (mut count, error) = send_until_error(&ann, 1).await;
    println!("full after {count} messages: {error}: {}", error.source().unwrap());
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    assert!(count >= 10, "only {count} messages fit");
    for _ in 0..20 {
        let (last, error) = send_until_error(&ann, count + 1).await;
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        // One more message can fit, because a checkpoint may have freed space.
        assert!(last <= count + 1);
        count = last;
        assert_stored(file, &kim, count).await;
    }

    fs::remove_file(&ballast).unwrap();
    let sent = ann.send(large_draft(count + 1)).await.unwrap();
    assert!(!sent.is_replayed(), "a failed attempt was stored");
    for number in count + 2..count + 10 {
        ann.send(large_draft(number)).await.unwrap();
    }
    assert_stored(file, &kim, count + 9).await;

    drop((ann, kim));
    let (ann, kim) = open_desks(file);
    assert_stored(file, &kim, count + 9).await;
    assert!(ann.send(large_draft(1)).await.unwrap().is_replayed());
}

/// The child on a read-only disk: the file is refused as read-only and not changed. The stored
/// message can be read once the disk is writable.
pub(crate) async fn open_read_only(file: &Path) {
    let (ann, kim) = open_desks(file);
    ann.send(large_draft(1)).await.unwrap();
    drop((ann, kim));
    let before = fs::read(file).unwrap();

    let disk = file.parent().unwrap();
    remount(disk, "ro");
    let error = SqliteStore::open(file).expect_err("the file is read-only");
    assert!(matches!(error, SqliteOpenError::ReadOnly(_)), "{error:?}");
    assert_eq!(error.to_string(), "the file or its folder is not writable");
    assert!(error.source().is_some());
    let missing =
        SqliteStore::open(disk.join("missing.sqlite")).expect_err("the disk is read-only");
    println!("existing file: {error}; new file: {missing}: {}", missing.source().unwrap());
    assert!(fs::read(file).unwrap() == before);

    remount(disk, "rw");
    let store = SqliteStore::open(file).unwrap();
    let id = thread_id(LOCATION, "b-1");
    let all = MessageNumber::START..=MessageNumber::MAX;
    let query = MessageQuery::oldest_first(&id, all, 9);
    assert_eq!(store.messages(&query).await.unwrap().value.len(), 1);
}

#[track_caller]
fn remount(disk: &Path, mode: &str) {
    let status =
        Command::new("mount").args(["-o", &format!("remount,bind,{mode}")]).arg(disk).status();
    assert!(status.unwrap().success());
}
