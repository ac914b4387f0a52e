//! The storage contract.

use std::sync::Arc;

use frontdesk::LocationId;
use frontdesk::store::{Revision, ThreadStore, async_trait};
use frontdesk_conformance::{Case, Factory, Fault};
use libtest_mimic::{Completion, Failed};
use sqlx::PgConnection;
use sqlx::postgres::PgPoolOptions;

use crate::case;
use crate::database::{Schema, SharedDatabase};
use crate::postgres::refuse_once;
use crate::proxy::{Cut, Proxy};

/// Runs a case over one store, or over two stores on the same data.
pub(crate) fn run(shared: &SharedDatabase, is_two: bool, case: Case) -> Result<Completion, Failed> {
    let is_proxied = case.name.contains("connection_lost");
    case::run(case, is_two, SchemaFactory { shared, is_proxied })
}

/// Creates stores in schemas of one database.
struct SchemaFactory<'a> {
    shared: &'a SharedDatabase,
    /// The stores connect through a proxy that can cut connections.
    is_proxied: bool,
}

/// A schema and the proxy of its stores.
struct Guard {
    schema: Schema,
    proxy: Option<Proxy>,
}

impl Guard {
    fn open(&self) -> Arc<dyn ThreadStore> {
        // Only connections through a proxy are lost. A new connection is slow in comparison with the
        // calls, so there are few.
        let pool =
            PgPoolOptions::new().max_connections(2).test_before_acquire(self.proxy.is_some());
        Arc::new(self.schema.store_with(pool, self.schema.options(self.proxy.as_ref())))
    }
}

#[async_trait]
impl Factory for SchemaFactory<'_> {
    type Guard = Guard;

    async fn create(&self) -> (Arc<dyn ThreadStore>, Guard) {
        let schema = Schema::create(self.shared).await;
        let proxy = if self.is_proxied { self.shared.proxy() } else { None };
        let guard = Guard { schema, proxy };
        (guard.open(), guard)
    }

    async fn reopen(&self, guard: &Guard) -> Option<Arc<dyn ThreadStore>> {
        for pool in guard.schema.pools() {
            pool.close().await;
        }
        Some(guard.open())
    }

    async fn another(&self, guard: &Guard) -> Option<Arc<dyn ThreadStore>> {
        Some(guard.open())
    }

    async fn begin_at(&self, guard: &Guard, location: &LocationId, revision: Revision) -> bool {
        sqlx::query("INSERT INTO frontdesk_location VALUES ($1, $2, 0, 0)")
            .bind(location.as_str())
            .bind(i64::from(revision))
            .execute(&guard.schema.pool)
            .await
            .unwrap();
        true
    }

    async fn fault(&self, guard: &Guard, fault: &Fault) -> bool {
        match (fault, &guard.proxy) {
            // The first statement of a commit that has the id of the location.
            (Fault::LostBeforeCommit, Some(proxy)) => proxy.cut_next(Cut::Before(b"harbour")),
            // `READ COMMITTED` does not end with this byte.
            (Fault::LostAfterCommit, Some(proxy)) => proxy.cut_next(Cut::Response(b"COMMIT\0")),
            (Fault::SerializationFailure, _) => {
                guard.schema.run_sql(&refuse_once("frontdesk_thread")).await;
            }
            (Fault::DamagedRow(id), _) => {
                let damage = "UPDATE frontdesk_thread SET last_number = -1 \
                              WHERE location = $1 AND booking = $2";
                let query = sqlx::query(damage).bind(id.location.as_str());
                query.bind(id.booking.as_str()).execute(&guard.schema.pool).await.unwrap();
            }
            _ => return false,
        }
        true
    }

    /// Counts the rows that the statements of all stores read.
    async fn work(&self, guard: &Guard) -> Option<u64> {
        for pool in guard.schema.pools() {
            // Each connection reports its counters when it becomes idle.
            let mut connections = Vec::new();
            for _ in 0..pool.size() {
                connections.push(pool.acquire().await.unwrap());
            }
            for connection in &mut connections {
                report_counters(connection).await;
            }
        }
        let sql = "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint \
                   FROM pg_stat_user_tables WHERE schemaname = current_schema()";
        let rows: Option<i64> =
            sqlx::query_scalar(sql).fetch_one(&guard.schema.pool).await.unwrap();
        rows.map(i64::unsigned_abs)
    }
}

async fn report_counters(connection: &mut PgConnection) {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(connection).await.unwrap();
}
