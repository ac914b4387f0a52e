//! The creation of the tables.

use std::error::Error;

use frontdesk::inbox::InboxPosition;
use frontdesk::store::{ThreadList, ThreadQuery, ThreadStore};
use frontdesk_postgres::{PostgresBuilder, PostgresOpenError, PostgresStore};
use futures::future::join_all;
use tokio_postgres::Config;

use crate::fixtures::{
    LOCATION, build_store, builder_with_partitions, head, migrated_store, pool, post_alone,
    query_number, texts,
};
use crate::postgres::{Cluster, Database, connect};
use crate::support::location_id;

/// Any number of processes may migrate at the same time; the tables are created once.
pub(crate) async fn ten_stores_create_the_tables_at_the_same_time(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config();
    for (schema, partitions) in [("plain", None), ("partitioned", Some(16))].repeat(3) {
        let direct = database.connect().await;
        direct.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await.unwrap();
        let stores = (0..10).map(|_| {
            let builder = builder_with_partitions(partitions).schema(schema);
            let store = builder.pool(pool(&config, 1)).unwrap();
            tokio::spawn(async move { store.migrate().await })
        });
        for migrated in join_all(stores).await {
            migrated.unwrap().unwrap();
        }
        let rows = format!("SELECT count(*) FROM {schema}.schema_version");
        assert_eq!(query_number(&direct, &rows).await, 1);
        let tables = format!(
            "SELECT count(*) FROM pg_tables \
             WHERE schemaname = '{schema}' AND tablename LIKE 'thread%'"
        );
        let expected = 1 + i64::from(partitions.unwrap_or(0));
        assert_eq!(query_number(&direct, &tables).await, expected);
    }
}

pub(crate) async fn a_second_migration_changes_nothing(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    let catalog = "SELECT sum(hashtext(c::text)::bigint)::bigint FROM pg_class c";
    let direct = database.connect().await;
    let no_vacuum = "ALTER TABLE frontdesk.thread SET (autovacuum_enabled = off)";
    direct.batch_execute(no_vacuum).await.unwrap();
    let before = query_number(&direct, catalog).await;
    store.migrate().await.unwrap();
    build_store(PostgresStore::builder().unnamed_statements(true), &database.config()).await;
    assert_eq!(query_number(&direct, catalog).await, before);
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}

pub(crate) async fn a_newer_schema_is_refused_with_both_versions(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    let newer = "UPDATE frontdesk.schema_version SET version = version + 1";
    database.connect().await.batch_execute(newer).await.unwrap();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Newer { found: 6, known: 5 }), "{error:?}");
    assert_eq!(error.to_string(), "the database has schema version 6, newer than 5");
}

pub(crate) async fn another_number_of_partitions_is_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let with = |schema: &str, partitions: Option<u16>| {
        let builder = builder_with_partitions(partitions).schema(schema);
        builder.pool(pool(&database.config(), 1)).unwrap()
    };
    for (schema, created) in [("one", None), ("two", Some(4))] {
        with(schema, created).migrate().await.unwrap();
        let error = with(schema, Some(16)).migrate().await.unwrap_err();
        assert!(
            matches!(
                error,
                PostgresOpenError::PartitionMismatch { found, requested: 16 }
                    if found == created.unwrap_or(0)
            ),
            "{error:?}"
        );
        // A store without the setting accepts the tables as they are.
        with(schema, None).migrate().await.unwrap();
        post_alone(&with(schema, None), "b-1", "first").await;
    }
    for requested in [0, 129, u16::MAX] {
        let error = PostgresStore::builder().partitions(requested).migrations().unwrap_err();
        let expected = format!("{requested} partitions were requested, but a table has 1 to 128");
        assert_eq!(error.to_string(), expected);
    }
    let most = PostgresStore::builder().schema("most").partitions(128);
    post_alone(&build_store(most, &database.config()).await, "b-1", "first").await;
}

pub(crate) async fn schemas_of_any_name_are_separate(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (config, longest) = (database.config(), "é".repeat(31));
    let names = ["desk", "Desk", "de\"sk", "de'sk\\", "desk.schema.x", "select", " ", &longest];
    let text_of = |name: &str| name.trim_start().get(..4).unwrap_or("blank").to_owned();
    let stores =
        join_all(names.map(|name| build_store(PostgresStore::builder().schema(name), &config)))
            .await;
    for (store, name) in stores.iter().zip(names) {
        assert_eq!(head(store, "b-1").await, None, "{name:?}");
        post_alone(store, "b-1", &text_of(name)).await;
        store.migrate().await.unwrap();
    }
    for (store, name) in stores.iter().zip(names) {
        assert_eq!(texts(store, "b-1").await, [text_of(name)], "{name:?}");
    }
    let schemas = "SELECT count(*) FROM pg_tables WHERE tablename = 'schema_version'";
    let expected = i64::try_from(names.len()).unwrap();
    assert_eq!(query_number(&database.connect().await, schemas).await, expected);
    let error = PostgresStore::builder().schema("é".repeat(32)).migrations().unwrap_err();
    assert!(matches!(error, PostgresOpenError::SchemaName { bytes: 64 }), "{error:?}");
}

/// A host that runs the SQL itself can give the store a role that may not create anything.
pub(crate) async fn the_sql_as_text_does_everything_that_migrating_does(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let admin = connect(&database.admin_config()).await;
    let owner = database.name();
    for partitions in [None, Some(3)] {
        let schema = format!("By {owner} {partitions:?}");
        let builder = builder_with_partitions(partitions).schema(&schema);
        for migration in builder.migrations().unwrap() {
            admin.batch_execute(&format!("BEGIN; {migration} COMMIT")).await.unwrap();
        }
        let grants = format!(
            "GRANT USAGE ON SCHEMA \"{schema}\" TO {owner}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{schema}\" TO {owner}"
        );
        admin.batch_execute(&grants).await.unwrap();
        let store = build_store(builder, &database.config()).await;
        post_alone(&store, "b-1", "first").await;
        assert_eq!(texts(&store, "b-1").await, ["first"]);
    }
}

pub(crate) async fn a_schema_that_exists_needs_no_right_on_the_database(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (config, name) = (database.config(), database.name());
    let admin = connect(&cluster.admin()).await;
    database.connect().await.batch_execute("CREATE SCHEMA existing").await.unwrap();
    for statement in [
        format!("ALTER DATABASE {name} OWNER TO postgres"),
        format!("REVOKE CREATE ON DATABASE {name} FROM PUBLIC, {name}"),
    ] {
        admin.batch_execute(&statement).await.unwrap();
    }
    let existing = PostgresStore::builder().schema("existing");
    post_alone(&build_store(existing, &config).await, "b-1", "first").await;
    let error = migration_error(PostgresStore::builder().schema("missing"), &config).await;
    assert!(matches!(error, PostgresOpenError::Server(_)), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "PostgreSQL error 42501 (ERROR)");
    admin.batch_execute(&format!("ALTER DATABASE {name} OWNER TO {name}")).await.unwrap();
}

async fn migration_error(builder: PostgresBuilder, config: &Config) -> PostgresOpenError {
    builder.pool(pool(config, 1)).unwrap().migrate().await.unwrap_err()
}

pub(crate) async fn tables_of_another_program_are_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let direct = database.connect().await;
    direct.batch_execute("CREATE SCHEMA other; CREATE TABLE other.thread ()").await.unwrap();
    let builder = PostgresStore::builder().schema("other");
    let error = migration_error(builder, &database.config()).await;
    assert!(matches!(error, PostgresOpenError::Server(_)), "{error:?}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'other'";
    assert_eq!(query_number(&direct, tables).await, 1);
}

/// L1: the inbox is ordered by bytes and not by the rules of a language.
pub(crate) async fn ids_are_ordered_by_bytes_in_a_database_of_any_collation(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let owner = database.name();
    let admin = connect(&cluster.admin()).await;
    let icu = format!("{owner}_icu");
    let create = format!(
        "CREATE DATABASE {icu} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' \
         LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
    );
    admin.batch_execute(&create).await.unwrap();
    let mut config = database.config();
    config.dbname(&icu);
    let direct = connect(&config).await;
    let by_language = "SELECT ('a' < 'B')::integer::bigint";
    assert_eq!(query_number(&direct, by_language).await, 1, "the database's own order");

    let store = migrated_store(&config).await;
    let mut ids = ["a", "B", "b", "A", "ä", "Z", "z", "a-1", "a1", "é", "_"];
    for id in ids {
        post_alone(&store, id, "first").await;
    }
    ids.sort_unstable();
    let (mut after, mut listed) = (None, Vec::new());
    let location = location_id(LOCATION);
    loop {
        let query = ThreadQuery::new(&location, ThreadList::All(after.as_ref()), 2);
        let page = store.threads(&query).await.unwrap().value;
        let Some(last) = page.threads.last() else { break };
        after = Some(InboxPosition::of(last));
        listed.extend(page.threads.iter().map(|thread| thread.id().booking.as_str().to_owned()));
    }
    assert_eq!(listed, ids);
    drop((store, direct));
    admin.batch_execute(&format!("DROP DATABASE {icu} WITH (FORCE)")).await.unwrap();
}

/// T8, I1, L1: with another encoding some texts cannot be written, some are read back as
/// other texts, and ids are ordered by other bytes.
pub(crate) async fn an_encoding_that_cannot_store_every_text_is_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let admin = connect(&cluster.admin()).await;
    let name = database.name();
    for encoding in ["LATIN1", "EUC_JP", "SQL_ASCII"] {
        admin.batch_execute(&format!("DROP DATABASE {name}")).await.unwrap();
        let create =
            format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING '{encoding}'");
        admin.batch_execute(&create).await.unwrap();
        let error = PostgresStore::new(pool(&database.config(), 1)).migrate().await.unwrap_err();
        assert!(
            matches!(&error, PostgresOpenError::Encoding { found } if found == encoding),
            "{error:?}"
        );
        let client = database.connect().await;
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'frontdesk'";
        assert_eq!(query_number(&client, schemas).await, 0);
    }
}
