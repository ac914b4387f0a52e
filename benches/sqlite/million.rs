//! A large file: how long it takes to open, and what a message costs on disk.

use std::fs;
use std::time::{Duration, Instant};

use frontdesk::desk::PageRequest;
use frontdesk::store::{SqliteStore, Synchronous};
use futures::executor::block_on;
use futures::future::join_all;
use rusqlite::Connection;

use crate::Outcome;
use crate::content::Desk;

/// How many locations are written to at once.
const LOCATIONS: usize = 64;
/// How many messages a thread has.
const EACH: usize = 20;

/// Makes a file of about so many messages through the store, and measures it.
pub(crate) fn run(messages: usize) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("million.sqlite");
    let builder = SqliteStore::builder().synchronous(Synchronous::Normal);
    let threads = messages / EACH / LOCATIONS;
    let place =
        |store: &SqliteStore, at| Desk::new(store.clone()).place(&format!("l-{at}"), threads);

    let begun = Instant::now();
    let store = builder.clone().open(&path)?;
    let places: Vec<_> = (0..LOCATIONS).map(|at| place(&store, at)).collect();
    drop(store);
    block_on(join_all(places.iter().map(async |place| {
        for number in 0..threads * EACH {
            place.post(number).await;
        }
    })));
    drop(places);
    println!("made in {:.1} s", begun.elapsed().as_secs_f64());

    let connection = Connection::open(&path)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    let (count, text): (u32, u32) = connection.query_row(
        "SELECT count(*), sum(octet_length(body)) FROM message",
        (),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let per_message = |bytes: u32| f64::from(bytes) / f64::from(count);
    let bytes = u32::try_from(fs::metadata(&path)?.len())?;
    println!("{count} messages in {} threads", threads * LOCATIONS);
    println!("{:.1} bytes a message on disk, in all", per_message(bytes));
    println!("{:.1} of them its text", per_message(text));
    let mut tables = connection
        .prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 8")?;
    let mut rows = tables.query(())?;
    while let Some(row) = rows.next()? {
        let (name, bytes): (String, u32) = (row.get(0)?, row.get(1)?);
        println!("{:>6.1} {name}", per_message(bytes));
    }
    drop(rows);
    drop(tables);
    drop(connection);

    let (mut opened, mut first) = (Vec::new(), Vec::new());
    for at in 0..20 {
        let begun = Instant::now();
        let store = builder.clone().open(&path)?;
        opened.push(begun.elapsed());
        let place = place(&store, at);
        let begun = Instant::now();
        block_on(place.team.inbox(&PageRequest::first(50)))?;
        first.push(begun.elapsed());
    }
    println!(
        "opened in {:.1?}, its first page of 50 then in {:.1?}",
        median(opened),
        median(first)
    );
    Ok(())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
