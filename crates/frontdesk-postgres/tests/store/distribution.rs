//! Tables that Citus distributes over several servers.

use frontdesk::store::{Epoch, StoreResult, ThreadStore, VersionedThread};
use frontdesk_postgres::{PostgresBuilder, PostgresOpenError, PostgresStore};
use futures::future::join_all;
use tokio_postgres::Config;

use crate::fixtures::{LOCATION, message, pool, post, post_alone, query_number, texts};
use crate::postgres::{Cluster, Database, citus, schema_prefix};
use crate::support::thread_id;

/// Returns a builder for tables in a schema of this test.
fn builder(test: &str) -> PostgresBuilder {
    PostgresStore::builder().schema(format!("{}{test}", schema_prefix()))
}

fn store(builder: PostgresBuilder, config: &Config) -> PostgresStore {
    builder.pool(pool(config, 4)).unwrap()
}

pub(crate) async fn a_database_without_citus_is_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(PostgresStore::builder().distributed(4), &database.config());
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::CitusMissing), "{error:?}");
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'frontdesk'";
    assert_eq!(query_number(&database.connect().await, schemas).await, 0, "nothing was changed");
}

pub(crate) async fn invalid_layouts_are_refused(_: &Cluster) {
    let builder = PostgresStore::builder;
    for requested in [0, PostgresBuilder::MAX_SHARDS + 1] {
        let error = builder().distributed(requested).migrations().unwrap_err();
        let expected = format!("{requested} shards were requested, but a table has 1 to 128");
        assert_eq!(error.to_string(), expected);
    }
    let error = builder().distributed(4).partitions(4).migrations().unwrap_err();
    assert!(matches!(error, PostgresOpenError::PartitionsAndShards), "{error:?}");
    let highest = builder().distributed(PostgresBuilder::MAX_SHARDS);
    assert_eq!(highest.migrations().unwrap().len(), builder().migrations().unwrap().len() + 1);
}

pub(crate) async fn tables_that_are_not_distributed_are_refused(coordinator: Config) {
    let database = Database::existing(coordinator);
    let config = database.config();
    let schema = "on_one_server";
    store(builder(schema), &config).migrate().await.unwrap();
    let distributed = store(builder(schema).distributed(citus::SHARDS), &config);
    let error = distributed.migrate().await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::NotDistributed), "{error:?}");
}

pub(crate) async fn tables_that_are_distributed_are_refused_without_the_setting(
    coordinator: Config,
) {
    let database = Database::existing(coordinator);
    let config = database.config();
    let schema = "on_workers";
    let distributed = |shards| store(builder(schema).distributed(shards), &config);
    distributed(PostgresBuilder::MAX_SHARDS).migrate().await.unwrap();
    distributed(1).migrate().await.expect("the number of shards can change later");
    let error = store(builder(schema), &config).migrate().await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Distributed), "{error:?}");
}

pub(crate) async fn the_sql_as_text_distributes_the_tables(coordinator: Config) {
    let database = Database::existing(coordinator);
    // The name needs quotes, also inside of a literal.
    let builder = || builder("As 'Text'").distributed(citus::SHARDS);
    let client = database.connect().await;
    for migration in builder().migrations().unwrap() {
        client.batch_execute(&format!("BEGIN; {migration} COMMIT")).await.unwrap();
    }
    let store = store(builder(), &database.config());
    store.migrate().await.expect("nothing is missing");
    post_alone(&store, "b-1", "first").await;
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}

/// The last text of the migrations moves the rows of a server to the workers. The coordinator keeps
/// no row, so that an erasure removes the only copy.
pub(crate) async fn tables_of_one_server_are_distributed_with_their_rows(coordinator: Config) {
    let database = Database::existing(coordinator);
    let config = database.config();
    let schema = "from_one_server";
    let on_one_server = store(builder(schema), &config);
    on_one_server.migrate().await.unwrap();
    post_alone(&on_one_server, "b-1", "first").await;
    let before = epoch(&on_one_server).await;

    let distributed = || builder(schema).distributed(citus::SHARDS);
    let client = database.connect().await;
    let distribution = distributed().migrations().unwrap().pop().unwrap();
    client.batch_execute(&format!("BEGIN; {distribution} COMMIT")).await.unwrap();
    let size = format!(
        "SELECT sum(pg_relation_size(c.oid))::bigint FROM pg_class c \
         WHERE relnamespace = '{}{schema}'::regnamespace AND relkind = 'r' \
         AND relname IN ('location', 'thread', 'message')",
        schema_prefix()
    );
    assert_eq!(query_number(&client, &size).await, 0);
    let store = store(distributed(), &config);
    store.migrate().await.expect("nothing is missing");
    assert_ne!(epoch(&store).await, before);
    post_alone(&store, "b-1", "second").await;
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

/// Distributed tables of another version of the crate have other functions. This test removes the
/// functions, and four stores create them at the same time.
pub(crate) async fn migrate_creates_missing_functions(coordinator: Config) {
    let database = Database::existing(coordinator);
    let config = database.config();
    let schema = "functions";
    let distributed = || store(builder(schema).distributed(citus::SHARDS), &config);
    let first = distributed();
    first.migrate().await.unwrap();
    post_alone(&first, "b-1", "first").await;
    let client = database.connect().await;
    let functions = format!("pronamespace = '{}{schema}'::regnamespace", schema_prefix());
    let count = format!("SELECT count(*) FROM pg_proc WHERE {functions}");
    let created = query_number(&client, &count).await;
    let remove = format!(
        "DO $$ DECLARE f text; BEGIN FOR f IN SELECT oid::regprocedure::text FROM pg_proc \
         WHERE {functions} AND proname NOT LIKE 'store_epoch%' \
         LOOP EXECUTE 'DROP FUNCTION ' || f; END LOOP; END $$"
    );
    client.batch_execute(&remove).await.unwrap();
    assert_eq!(query_number(&client, &count).await, 1);
    assert!(head_of(&first).await.is_err(), "the store needs the functions");

    let stores = [distributed(), distributed(), distributed(), distributed()];
    for migrated in join_all(stores.iter().map(PostgresStore::migrate)).await {
        migrated.unwrap();
    }
    assert_eq!(query_number(&client, &count).await, created);
    post_alone(&stores[0], "b-1", "second").await;
    assert_eq!(texts(&stores[1], "b-1").await, ["first", "second"]);
}

/// Citus 13.2.2 keeps a plan after each execution of some statements in functions.
pub(crate) async fn commits_leave_no_plans_in_the_memory_of_a_worker(coordinator: Config) {
    let database = Database::existing(coordinator);
    // The coordinator uses one connection to each worker.
    let pool = pool(&database.config(), 1);
    let store = builder("memory").distributed(citus::SHARDS).pool(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    let schema = format!("{}memory", schema_prefix());
    let function = format!(
        "CREATE FUNCTION {schema}.memory(text) RETURNS bigint LANGUAGE sql AS \
         'SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts'; \
         SELECT create_distributed_function('{schema}.memory(text)')"
    );
    pool.get().await.unwrap().batch_execute(&function).await.unwrap();
    let memory = format!(
        "SELECT {schema}.memory(l.location) FROM {schema}.location l WHERE l.location = '{LOCATION}'"
    );
    let mut sizes = Vec::new();
    for _ in 0..2 {
        for _ in 0..40 {
            post_alone(&store, "b-1", "again").await;
        }
        sizes.push(query_number(&pool.get().await.unwrap(), &memory).await);
    }
    let growth = (sizes[1] - sizes[0]) / 40;
    assert!(growth < 10_000, "the memory grows by {growth} bytes with each message");
}

/// The test removes the histories from the table `epoch`, because a promoted standby has a history
/// that the table does not contain.
pub(crate) async fn p7_a_worker_with_a_new_timeline_changes_the_epoch(coordinator: Config) {
    let database = Database::existing(coordinator);
    let schema = "epochs";
    let store = store(builder(schema).distributed(citus::SHARDS), &database.config());
    store.migrate().await.unwrap();
    let first = epoch(&store).await;
    assert_eq!(epoch(&store).await, first);
    let written = post(&store, message("b-1", "first")).await.unwrap();
    assert_eq!(epoch(&store).await, first, "{written:?}");

    let client = database.connect().await;
    let remove = format!("DELETE FROM {}{schema}.epoch", schema_prefix());
    let mut epochs = vec![first];
    for text in ["second", "third"] {
        client.batch_execute(&remove).await.unwrap();
        let next = epoch(&store).await;
        assert!(!epochs.contains(&next), "{epochs:?}, {next:?}");
        post_alone(&store, "b-1", text).await;
        assert_eq!(epoch(&store).await, next);
        epochs.push(next);
    }
    assert_eq!(Some(&store.locations(None, 9).await.unwrap().epoch), epochs.last());
}

async fn head_of(store: &PostgresStore) -> StoreResult<Option<VersionedThread>> {
    store.thread(&thread_id(LOCATION, "b-1")).await
}

async fn epoch(store: &PostgresStore) -> Epoch {
    head_of(store).await.unwrap().epoch
}
