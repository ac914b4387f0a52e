use std::fs;

use frontdesk::store::Epoch;
use rusqlite::{Connection, TransactionBehavior};

use crate::open_error::OpenError;
use crate::synchronous::Synchronous;

/// The identity of the running kernel on Linux, which changes with each start of the machine.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Reads the epoch of a file (P7). Renews the epoch if a power failure may have undone commits.
///
/// Stores with [`Synchronous::Full`] lose no commit, so they need no new epoch. A store with
/// [`Synchronous::Normal`] records the present start of the machine in the file. If a later
/// store finds the record of an earlier start, a power failure may have happened in between,
/// and the later store renews the epoch. No other store can have the file open at that time
/// with the old epoch, because the stores of the earlier start ended with the machine.
pub(super) fn open_epoch(
    connection: &mut Connection,
    synchronous: Synchronous,
) -> Result<Epoch, OpenError> {
    let present = machine_start(connection.path().unwrap_or_default());
    // IMMEDIATE makes one of several processes renew the epoch.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut token, recorded): (i64, Option<String>) =
        transaction.query_row("SELECT token, normal_since FROM epoch", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let may_have_lost = recorded.is_some() && (recorded != present || present.is_none());
    if may_have_lost {
        token = transaction.query_row(
            "UPDATE epoch SET token = random() RETURNING token",
            (),
            |row| row.get(0),
        )?;
    }
    let record = match synchronous {
        // An unknown start is recorded as an empty text.
        Synchronous::Normal => Some(present.unwrap_or_default()),
        // All stores of the recorded start have ended with the machine.
        Synchronous::Full if may_have_lost && present.is_some() => None,
        Synchronous::Full => recorded.clone(),
    };
    if record != recorded {
        transaction.execute("UPDATE epoch SET normal_since = ?1", (record,))?;
    }
    transaction.commit()?;
    Ok(Epoch::new(token.cast_unsigned()))
}

/// Returns a text that identifies the present start of the machine and the file. Returns `None`
/// if the operating system has no identity of the start. A copy of a file has another text.
#[cfg(unix)]
fn machine_start(path: &str) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let boot = fs::read_to_string(BOOT_ID).ok()?;
    let file = fs::metadata(path).ok()?;
    let created = file.created().ok();
    Some(format!("{} {}-{} {created:?}", boot.trim_end(), file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn machine_start(_: &str) -> Option<String> {
    None
}
