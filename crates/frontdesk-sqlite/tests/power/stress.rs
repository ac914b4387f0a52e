//! Random reads and commits in several processes on one file, all recorded.

use std::env;
use std::path::Path;
use std::time::Duration;

use frontdesk::MessageNumber;
use frontdesk::store::{MessageQuery, Revision, ThreadStore};
use frontdesk_conformance::{StressOptions, stress};
use libtest_mimic::Failed;

use crate::{child, histories};

pub(crate) const ROLE: &str = "stress";

const PROCESSES: u64 = 4;
const SECONDS: &str = "FRONTDESK_STRESS_SECONDS";
const NUMBER: &str = "FRONTDESK_CHILD_NUMBER";

/// Runs one of the processes.
pub(crate) async fn run(file: &Path) {
    let number = env::var(NUMBER).unwrap().parse().unwrap();
    let seconds = env::var(SECONDS).map_or(5, |seconds| seconds.parse().unwrap());
    let options =
        StressOptions::new(13, number).operations(u64::MAX).duration(Duration::from_secs(seconds));
    let summary = stress(&histories::open(file), &options).await;
    println!("process {number}: {}", summary.unwrap_or_else(|failure| panic!("{failure}")));
}

pub(crate) fn is_serializable() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("desk.sqlite");
    let start = |number: u64| child::command(ROLE, &file).env(NUMBER, number.to_string()).spawn();
    let processes: Vec<_> = (0..PROCESSES).map(start).collect::<Result<_, _>>()?;
    let mut failed = 0;
    for mut process in processes {
        failed += u32::from(!process.wait()?.success());
    }
    tokio::runtime::Runtime::new()?.block_on(read_everything(&file));
    // The history tells more than the process that noticed a contradiction.
    histories::assert_strictly_serializable(&file);
    if failed == 0 { Ok(()) } else { Err(format!("{failed} processes failed").into()) }
}

/// Reads all threads and messages, so that the history shows the outcome of each commit.
async fn read_everything(file: &Path) {
    let store = histories::open(file);
    for location in store.locations(None, 1_000).await.unwrap().value {
        let changes = store.changes(&location.location, Revision::ZERO, 1_000).await.unwrap();
        for head in changes.value.changed {
            let (id, all) = (head.state.id(), MessageNumber::START..=MessageNumber::MAX);
            store.messages(&MessageQuery::oldest_first(id, all, usize::MAX)).await.unwrap();
        }
    }
}
