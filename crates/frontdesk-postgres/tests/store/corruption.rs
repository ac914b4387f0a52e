//! Rows and statements that were changed by a program other than the store.

use deadpool_postgres::{ClientWrapper, Hook, HookError, Pool};
use frontdesk_postgres::PostgresStore;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::fixtures::{migrated_store, pool, post_alone, texts};
use crate::postgres::{Cluster, Database};

/// A pooler that gives each transaction another connection has this effect, and so does a
/// migration that alters a table under a prepared statement.
pub(crate) async fn lost_and_outdated_prepared_statements_cost_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    let mut expected = Vec::new();
    for statement in
        ["DEALLOCATE ALL", "ALTER TABLE frontdesk.message ALTER name TYPE varchar(600)"]
    {
        post_alone(&store, "b-1", "first").await;
        texts(&store, "b-1").await;
        pool.get().await.unwrap().batch_execute(statement).await.unwrap();
        post_alone(&store, "b-1", "second").await;
        expected.extend(["first", "second"]);
        pool.get().await.unwrap().batch_execute(statement).await.unwrap();
        assert_eq!(texts(&store, "b-1").await, expected, "{statement}");
    }
}

/// A pooler can lead each new connection of a store to the same unusable prepared statement.
pub(crate) async fn the_last_attempt_needs_no_prepared_statement(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    migrated_store(&database.config()).await;
    let hook = Hook::async_fn(|client: &mut ClientWrapper, _| {
        Box::pin(async { occupy_names(client).await.map_err(HookError::Backend) })
    });
    let manager = deadpool_postgres::Manager::new(database.config(), NoTls);
    let pool = Pool::builder(manager).max_size(1).post_create(hook).build().unwrap();
    let store = PostgresStore::new(pool);
    post_alone(&store, "b-1", "first").await;
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}

/// Prepares other statements under the next two thousand names that the driver will use. The
/// driver numbers its statements.
async fn occupy_names(client: &ClientWrapper) -> Result<(), tokio_postgres::Error> {
    let _latest = client.prepare("SELECT").await?;
    let latest = "SELECT name FROM pg_prepared_statements ORDER BY prepare_time DESC LIMIT 1";
    let rows = client.simple_query(latest).await?;
    let name = rows.iter().find_map(|row| match row {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let latest: u32 = name.unwrap().strip_prefix('s').unwrap().parse().unwrap();
    let names = latest + 1..latest + 2_000;
    let prepare: Vec<String> = names.map(|name| format!("PREPARE s{name} AS SELECT")).collect();
    client.batch_execute(&prepare.join(";")).await
}

/// A host that uses the store's pool for its own statements can cause this.
pub(crate) async fn a_connection_left_in_a_failed_transaction_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    let connection = pool.get().await.unwrap();
    connection.batch_execute("BEGIN; SELECT 1 / 0").await.unwrap_err();
    drop(connection);
    post_alone(&store, "b-1", "first").await;
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}
