//! A large file: the time to open it and the size of a message on disk.

use std::fs;
use std::time::{Duration, Instant};

use frontdesk::desk::PageRequest;
use frontdesk_benches::workload::ClockedDesk;
use frontdesk_sqlite::{SqliteStore, Synchronous};
use futures::executor::block_on;
use futures::future::join_all;
use rusqlite::Connection;

use crate::Outcome;

/// The number of locations. The program writes to all of them concurrently.
const LOCATIONS: usize = 64;
/// The number of messages of a thread.
const MESSAGES_PER_THREAD: usize = 20;

/// Writes a file of about `messages` messages through the store, and measures the file.
pub(crate) fn run(messages: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.sqlite");
    let builder = SqliteStore::builder().synchronous(Synchronous::Normal);
    let threads = messages / MESSAGES_PER_THREAD / LOCATIONS;
    let handles = |store: &SqliteStore, at| {
        ClockedDesk::new(store.clone()).handles(&format!("l-{at}"), threads)
    };

    let start = Instant::now();
    let store = builder.clone().open(&path)?;
    let locations: Vec<_> = (0..LOCATIONS).map(|at| handles(&store, at)).collect();
    drop(store);
    block_on(join_all(locations.iter().map(async |location| {
        for number in 0..threads * MESSAGES_PER_THREAD {
            location.post(number).await;
        }
    })));
    drop(locations);
    println!("written in {:.1} s", start.elapsed().as_secs_f64());

    let connection = Connection::open(&path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    print_sizes(&connection, u32::try_from(fs::metadata(&path)?.len())?)?;
    connection.execute_batch("VACUUM")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    println!("after VACUUM:");
    print_sizes(&connection, u32::try_from(fs::metadata(&path)?.len())?)?;
    drop(connection);

    let (mut open_times, mut page_times) = (Vec::new(), Vec::new());
    for at in 0..20 {
        let start = Instant::now();
        let store = builder.clone().open(&path)?;
        open_times.push(start.elapsed());
        let location = handles(&store, at);
        let start = Instant::now();
        block_on(location.operator.inbox(&PageRequest::first(50)))?;
        page_times.push(start.elapsed());
    }
    println!(
        "opened in {:.1?}; first page of 50 after that in {:.1?}",
        median(open_times),
        median(page_times)
    );
    Ok(())
}

/// Prints the bytes per message of the file, the texts and the tables and indexes.
fn print_sizes(connection: &Connection, file_bytes: u32) -> Outcome {
    let (messages, text_bytes): (u32, u32) = connection.query_row(
        "SELECT count(*), sum(octet_length(body)) FROM message",
        (),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let per_message = |bytes: u32| f64::from(bytes) / f64::from(messages);
    println!("{messages} messages");
    println!("{:>6.1} bytes per message in the file", per_message(file_bytes));
    println!("{:>6.1} text", per_message(text_bytes));
    let mut sizes =
        connection.prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")?;
    let mut rows = sizes.query(())?;
    while let Some(row) = rows.next()? {
        let (name, bytes): (String, u32) = (row.get(0)?, row.get(1)?);
        println!("{:>6.1} {name}", per_message(bytes));
    }
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
