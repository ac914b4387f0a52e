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
        let mut tables = connection.prepare(
            "SELECT name FROM sqlite_schema AS s WHERE type = 'table' AND EXISTS \
             (SELECT 1 FROM pragma_table_info(s.name) AS c WHERE c.name = 'location')",
        )?;
        let tables: Vec<String> =
            tables.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
        let (mut inserts, mut locations) = (Vec::new(), Vec::new());
        let mut threads = BTreeMap::<_, Vec<_>>::new();
        for (at, table) in tables.iter().enumerate() {
            let mut select = connection.prepare(&format!("SELECT * FROM {table}"))?;
            let columns: Vec<String> =
                select.column_names().into_iter().map(str::to_owned).collect();
            let parameters = vec!["?"; columns.len()].join(", ");
            inserts.push(format!(
                "INSERT INTO {table} ({}) VALUES ({parameters})",
                columns.join(", ")
            ));
            let position = |name: &str| columns.iter().position(|column| column == name);
            let (location, booking) = (position("location"), position("booking"));
            let mut rows = select.query(())?;
            while let Some(row) = rows.next()? {
                let values = (0..columns.len()).map(|at| row.get(at));
                let values = values.collect::<rusqlite::Result<Vec<Value>>>()?;
                match location.zip(booking) {
                    Some((location, booking)) => {
                        let text = |at: usize| match &values[at] {
                            Value::Text(text) => text.clone(),
                            other => panic!("an id is stored as {other:?}"),
                        };
                        // The threads are inserted in the order in which they were imported.
                        let id = (text(booking), text(location));
                        threads.entry(id).or_default().push((at, values));
                    }
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
