//! An import into `PostgresStore` compared with `COPY` of the same rows into the same tables, and
//! with single sends. Each commit is on the disk before it is acknowledged.

use std::pin::pin;

use bytes::Bytes;
use deadpool_postgres::Pool;
use frontdesk_postgres::PostgresStore;
use futures::{SinkExt as _, TryStreamExt as _};
use tokio::runtime::Builder;
use tokio_postgres::{Client, NoTls};

use crate::Outcome;
use crate::history::{History, send};
use crate::postgres_server::{Cluster, Database, Listen, connect};
use crate::table::{Rounds, Row, timed};

/// The number of connections.
const CONNECTIONS: usize = 16;
/// The number of imports at the same time. The lists take turns among 64 locations, so two imports
/// seldom wait for the same location.
const IN_FLIGHT: usize = 32;
/// The number of single sends. Each waits for the disk.
const SENDS: usize = 2_000;

pub(crate) fn compare(history: &History, rounds: Rounds) -> Outcome {
    let cluster = match Cluster::start_with(Listen::OnSocket, "-c fsync=on") {
        Ok(cluster) => cluster,
        Err(no_server) => return Ok(no_server.report()?),
    };
    // On two cores, more OS threads of the client would take time from the server.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let template = runtime.block_on(Target::new(&cluster));
    runtime.block_on(history.import(template.store.clone(), IN_FLIGHT));
    let tables = runtime.block_on(template.copy_out())?;
    drop(template);

    let messages = history.messages();
    let store = "PostgreSQL, fsync on";
    let import = |in_flight: usize| {
        let target = runtime.block_on(Target::new(&cluster));
        timed(messages, || runtime.block_on(history.import(target.store.clone(), in_flight)))
    };
    let compared_with = "COPY of the same rows, one connection";
    Row { store, in_flight: IN_FLIGHT, compared_with, goal: Some(0.4) }.print(
        rounds,
        || import(IN_FLIGHT),
        || {
            let target = runtime.block_on(Target::new(&cluster));
            let client = runtime.block_on(connect(&target.database.config()));
            timed(messages, || runtime.block_on(copy_in(&client, &tables)).expect("they are new"))
        },
    );
    let sends = SENDS.min(messages);
    let compared_with = "single sends, one in flight";
    for (in_flight, goal) in [(1, None), (IN_FLIGHT, Some(8.0))] {
        Row { store, in_flight, compared_with, goal }.print(
            rounds,
            || import(in_flight),
            || {
                let target = runtime.block_on(Target::new(&cluster));
                let locations = history.handles(target.store.clone());
                timed(sends, || runtime.block_on(send(&locations, sends)))
            },
        );
    }
    Ok(())
}

/// A store with empty tables in a database of its own.
struct Target {
    store: PostgresStore,
    database: Database,
}

impl Target {
    async fn new(cluster: &Cluster) -> Self {
        let database = Database::on(cluster.admin()).await;
        let manager = deadpool_postgres::Manager::new(database.config(), NoTls);
        let pool = Pool::builder(manager).max_size(CONNECTIONS).build();
        let store = PostgresStore::new(pool.expect("the pool sets no timeouts"));
        store.migrate().await.expect("the tables are created");
        Self { store, database }
    }

    /// Returns the rows of all tables that have a location.
    async fn copy_out(&self) -> Outcome<Vec<Table>> {
        let client = connect(&self.database.config()).await;
        let sql = "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) \
                   FROM information_schema.columns \
                   WHERE column_name = 'location' AND table_schema NOT LIKE 'pg_%' \
                   AND table_schema <> 'information_schema' ORDER BY 1";
        let mut tables = Vec::new();
        for row in client.query(sql, &[]).await? {
            let name: String = row.get(0);
            let sql = format!("COPY {name} TO STDOUT (FORMAT binary)");
            let rows = client.copy_out(&sql).await?;
            let rows = rows.try_collect::<Vec<_>>().await?;
            tables.push(Table { name, rows });
        }
        Ok(tables)
    }
}

/// The rows of a table in the binary format of `COPY`.
struct Table {
    name: String,
    rows: Vec<Bytes>,
}

/// Copies all rows into empty tables, in one transaction.
async fn copy_in(client: &Client, tables: &[Table]) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("BEGIN").await?;
    for Table { name, rows } in tables {
        let sink = client.copy_in(&format!("COPY {name} FROM STDIN (FORMAT binary)")).await?;
        let mut sink = pin!(sink);
        for chunk in rows {
            sink.feed(chunk.clone()).await?;
        }
        sink.finish().await?;
    }
    client.batch_execute("COMMIT").await
}
