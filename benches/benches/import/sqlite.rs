//! An import into `SqliteStore` compared with hand-written inserts of the same rows into the same
//! tables, and with single sends. Each commit is on the disk before it is acknowledged.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use frontdesk_sqlite::{SqliteStore, Synchronous};
use futures::executor::block_on;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::Outcome;
use crate::history::{History, send};
use crate::table::{Rounds, Row, timed};

/// The number of imports at the same time. The store writes the commits that wait at the same time
/// in one transaction, of about 1,000 messages.
const IN_FLIGHT: usize = 64;
/// The number of threads with 1,000 messages together.
const THREADS_OF_1000_MESSAGES: usize = 50;
/// The number of single sends. Each waits for the disk.
const SENDS: usize = 2_000;

pub(crate) fn compare(history: &History, rounds: Rounds) -> Outcome {
    let folder = tempfile::tempdir()?;
    let files = Cell::new(0);
    let new_file = || -> PathBuf {
        files.set(files.get() + 1);
        folder.path().join(format!("{}.sqlite", files.get()))
    };
    let template = new_file();
    block_on(history.import(open(&template), IN_FLIGHT));
    let rows = Rows::read(&template)?;

    let messages = history.messages();
    let (one, many) = (1, THREADS_OF_1000_MESSAGES);
    let sends = SENDS.min(messages);
    let compared_with = "single sends, one in flight";
    Row { store: "SQLite, FULL", in_flight: IN_FLIGHT, compared_with, goal: Some(20.0) }.print(
        rounds,
        || {
            let store = open(&new_file());
            timed(messages, || block_on(history.import(store.clone(), IN_FLIGHT)))
        },
        || {
            let locations = history.handles(open(&new_file()));
            timed(sends, || block_on(send(&locations, sends)))
        },
    );
    // A transaction for each thread waits 10,000 times for the disk, so one round is enough.
    let single = Rounds(1);
    for (in_flight, threads, compared_with, goal, rounds) in [
        (IN_FLIGHT, many, "inserts by hand, 1,000 messages in a transaction", Some(0.5), rounds),
        (1, one, "inserts by hand, 20 messages in a transaction", Some(0.5), single),
    ] {
        let row = Row { store: "SQLite, FULL", in_flight, compared_with, goal };
        row.print(
            rounds,
            || {
                let store = open(&new_file());
                timed(messages, || block_on(history.import(store.clone(), in_flight)))
            },
            || {
                let path = new_file();
                drop(open(&path));
                let connection = connect(&path).expect("the file is opened");
                let sample =
                    timed(messages, || rows.insert(&connection, threads).expect("they are new"));
                assert_eq!(rows.len(), Rows::read(&path).expect("the file is read").len());
                sample
            },
        );
    }
    Ok(())
}

fn open(path: &Path) -> SqliteStore {
    let builder = SqliteStore::builder().synchronous(Synchronous::Full);
    builder.open(path).expect("the file is opened")
}

/// Opens a file with the settings of the store.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// The tables of a file, each with the expression for the number of the row's thread.
const TABLES: [(&str, &str); 4] = [
    ("location", "NULL"),
    ("head", "thread_no"),
    ("participant", "thread_no"),
    ("message", "thread_no"),
];

/// All rows of a file: those of whole locations, and those of each thread.
struct Rows {
    /// An `INSERT` for each table.
    inserts: Vec<String>,
    /// The rows that belong to no thread, with the position of their table.
    locations: Vec<(usize, Vec<Value>)>,
    /// The rows of each thread, with the positions of their tables.
    threads: Vec<Vec<(usize, Vec<Value>)>>,
}

impl Rows {
    fn read(path: &Path) -> rusqlite::Result<Self> {
        let connection = connect(path)?;
        let (mut inserts, mut locations) = (Vec::new(), Vec::new());
        // The numbers of the threads have the order in which the threads were imported.
        let mut threads = BTreeMap::<i64, Vec<_>>::new();
        for (at, (table, thread_no)) in TABLES.iter().enumerate() {
            // This list has no generated columns.
            let columns: String = connection.query_row(
                "SELECT group_concat(name, ', ') FROM pragma_table_info(?1)",
                [table],
                |row| row.get(0),
            )?;
            let count = columns.split(", ").count();
            let parameters = vec!["?"; count].join(", ");
            inserts.push(format!("INSERT INTO {table} ({columns}) VALUES ({parameters})"));
            let mut select =
                connection.prepare(&format!("SELECT {columns}, {thread_no} FROM {table}"))?;
            let mut rows = select.query(())?;
            while let Some(row) = rows.next()? {
                let values = (0..count).map(|at| row.get(at));
                let values = values.collect::<rusqlite::Result<Vec<Value>>>()?;
                match row.get(count)? {
                    Some(thread_no) => threads.entry(thread_no).or_default().push((at, values)),
                    None => locations.push((at, values)),
                }
            }
        }
        Ok(Self { inserts, locations, threads: threads.into_values().collect() })
    }

    fn len(&self) -> usize {
        self.locations.len() + self.threads.iter().map(Vec::len).sum::<usize>()
    }

    /// Inserts all rows, those of `threads` threads in one transaction.
    fn insert(&self, connection: &Connection, threads: usize) -> rusqlite::Result<()> {
        let inserts = self.inserts.iter().map(|sql| connection.prepare(sql));
        let mut inserts = inserts.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut locations = Some(&self.locations);
        for threads in self.threads.chunks(threads) {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let rows = locations.take().into_iter().flatten().chain(threads.iter().flatten());
            for (table, values) in rows {
                inserts[*table].execute(params_from_iter(values))?;
            }
            connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}
