//! How the tables are made.

use frontdesk::store::{PostgresOpenError, PostgresStore};
use futures::future::join_all;

use crate::postgres::{Cluster, Database, connect};
use crate::stage::{HERE, head, made, number, pool, posted, store, texts};
use crate::support::place;
use frontdesk::store::{Filter, ThreadStore};

/// However many start at once, each finds the tables, made once.
pub(crate) async fn ten_stores_make_the_tables_at_once(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config();
    for (schema, partitions) in [("plain", None), ("parted", Some(16))].repeat(3) {
        let direct = database.connect().await;
        direct.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await.unwrap();
        let stores = (0..10).map(|_| {
            let mut builder = PostgresStore::builder().schema(schema);
            if let Some(partitions) = partitions {
                builder = builder.partitions(partitions);
            }
            let store = builder.pool(pool(&config, 1)).unwrap();
            tokio::spawn(async move { store.migrate().await })
        });
        for done in join_all(stores).await {
            done.unwrap().unwrap();
        }
        let rows = format!("SELECT count(*) FROM {schema}.schema_version");
        assert_eq!(number(&direct, &rows).await, 1);
        let tables = format!(
            "SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}' AND tablename LIKE 'thread%'"
        );
        assert_eq!(number(&direct, &tables).await, 1 + i64::from(partitions.unwrap_or(0)));
    }
}

pub(crate) async fn migrating_again_changes_nothing(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    posted(&store, "b-1", "first").await;
    let catalog = "SELECT sum(hashtext(c::text)::bigint)::bigint FROM pg_class c";
    let direct = database.connect().await;
    direct
        .batch_execute("ALTER TABLE frontdesk.thread SET (autovacuum_enabled = off)")
        .await
        .unwrap();
    let before = number(&direct, catalog).await;
    store.migrate().await.unwrap();
    made(PostgresStore::builder().unnamed_statements(true), &database.config()).await;
    assert_eq!(number(&direct, catalog).await, before);
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}

pub(crate) async fn a_newer_schema_is_refused_with_both_versions(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    let newer = "UPDATE frontdesk.schema_version SET version = version + 1";
    database.connect().await.batch_execute(newer).await.unwrap();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, PostgresOpenError::Newer { found: 2, known: 1 }), "{error:?}");
    assert_eq!(error.to_string(), "the database has schema version 2, newer than 1");
}

pub(crate) async fn another_number_of_partitions_is_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    for (schema, first, then) in [("one", None, 16), ("two", Some(4), 16)] {
        let with = |partitions: Option<u16>| {
            let builder = PostgresStore::builder().schema(schema);
            let builder = partitions.map_or(builder.clone(), |count| builder.partitions(count));
            builder.pool(pool(&database.config(), 1)).unwrap()
        };
        with(first).migrate().await.unwrap();
        let error = with(Some(then)).migrate().await.unwrap_err();
        assert!(
            matches!(error, PostgresOpenError::OtherPartitions { found, asked: 16 } if found == first.unwrap_or(0)),
            "{error:?}"
        );
        // Who asks for none takes what there is.
        with(None).migrate().await.unwrap();
        posted(&with(None), "b-1", "first").await;
    }
    for asked in [0, 129, u16::MAX] {
        let error = PostgresStore::builder().partitions(asked).migrations().unwrap_err();
        assert_eq!(error.to_string(), format!("a table has 1 to 128 partitions, not {asked}"));
    }
    let most = PostgresStore::builder().schema("most").partitions(128);
    posted(&made(most, &database.config()).await, "b-1", "first").await;
}

pub(crate) async fn schemas_of_any_name_do_not_see_each_other(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (config, longest) = (database.config(), "é".repeat(31));
    let names = ["desk", "Desk", "de\"sk", "de'sk\\", "desk.schema.x", "select", " ", &longest];
    let stores =
        join_all(names.map(|name| made(PostgresStore::builder().schema(name), &config))).await;
    for (store, name) in stores.iter().zip(names) {
        assert_eq!(head(store, "b-1").await, None, "{name:?}");
        posted(store, "b-1", name.trim_start_matches(' ').get(..4).unwrap_or("blank")).await;
        store.migrate().await.unwrap();
    }
    for (store, name) in stores.iter().zip(names) {
        let said = name.trim_start_matches(' ').get(..4).unwrap_or("blank");
        assert_eq!(texts(store, "b-1").await, [said], "{name:?}");
    }
    let schemas = "SELECT count(*) FROM pg_tables WHERE tablename = 'schema_version'";
    assert_eq!(
        number(&database.connect().await, schemas).await,
        i64::try_from(names.len()).unwrap()
    );
    let error = PostgresStore::builder().schema("é".repeat(32)).migrations().unwrap_err();
    assert!(matches!(error, PostgresOpenError::SchemaName { bytes: 64 }), "{error:?}");
}

/// A host that runs the SQL itself can give the store a role with no right to make
/// anything.
pub(crate) async fn the_sql_as_text_is_all_that_migrating_does(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let admin = connect(&{
        let mut admin = cluster.admin();
        admin.dbname(database.config().get_dbname().unwrap());
        admin
    })
    .await;
    let owner = database.config().get_user().unwrap().to_owned();
    for partitions in [None, Some(3)] {
        let mut builder = PostgresStore::builder().schema(format!("By {owner} {partitions:?}"));
        if let Some(partitions) = partitions {
            builder = builder.partitions(partitions);
        }
        for migration in builder.migrations().unwrap() {
            admin.batch_execute(&format!("BEGIN; {migration} COMMIT")).await.unwrap();
        }
        let schema = format!("\"By {owner} {partitions:?}\"");
        let grants = format!(
            "GRANT USAGE ON SCHEMA {schema} TO {owner}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {owner}"
        );
        admin.batch_execute(&grants).await.unwrap();
        let store = made(builder, &database.config()).await;
        posted(&store, "b-1", "first").await;
        assert_eq!(texts(&store, "b-1").await, ["first"]);
    }
}

pub(crate) async fn a_schema_that_exists_needs_no_right_on_the_database(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (config, name) = (database.config(), database.config().get_dbname().unwrap().to_owned());
    let admin = connect(&cluster.admin()).await;
    database.connect().await.batch_execute("CREATE SCHEMA given").await.unwrap();
    for take in [
        format!("ALTER DATABASE {name} OWNER TO postgres"),
        format!("REVOKE CREATE ON DATABASE {name} FROM PUBLIC, {name}"),
    ] {
        admin.batch_execute(&take).await.unwrap();
    }
    posted(&made(PostgresStore::builder().schema("given"), &config).await, "b-1", "first").await;
    let error = store_or_error(PostgresStore::builder().schema("taken"), &config).await;
    assert!(matches!(error, PostgresOpenError::Refused(_)), "{error:?}");
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "PostgreSQL said 42501 (ERROR)"
    );
    admin.batch_execute(&format!("ALTER DATABASE {name} OWNER TO {name}")).await.unwrap();
}

async fn store_or_error(
    builder: frontdesk::store::PostgresBuilder,
    config: &tokio_postgres::Config,
) -> PostgresOpenError {
    builder.pool(pool(config, 1)).unwrap().migrate().await.unwrap_err()
}

pub(crate) async fn somebody_elses_tables_are_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let direct = database.connect().await;
    direct.batch_execute("CREATE SCHEMA theirs; CREATE TABLE theirs.thread ()").await.unwrap();
    let error = store_or_error(PostgresStore::builder().schema("theirs"), &database.config()).await;
    assert!(matches!(error, PostgresOpenError::Refused(_)), "{error:?}");
    let left = "SELECT count(*) FROM pg_tables WHERE schemaname = 'theirs'";
    assert_eq!(number(&direct, left).await, 1);
}

/// The order of an inbox is that of bytes (L1), and of no language.
pub(crate) async fn ids_are_ordered_by_bytes_whatever_the_database_orders_by(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let owner = database.config().get_user().unwrap().to_owned();
    let admin = connect(&cluster.admin()).await;
    let icu = format!("{owner}_icu");
    let make = format!(
        "CREATE DATABASE {icu} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' \
         LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
    );
    admin.batch_execute(&make).await.unwrap();
    let mut config = database.config();
    config.dbname(&icu);
    let direct = connect(&config).await;
    assert_eq!(
        number(&direct, "SELECT ('a' < 'B')::integer::bigint").await,
        1,
        "an order of words"
    );

    let store = store(&config).await;
    let mut ids = ["a", "B", "b", "A", "ä", "Z", "z", "a-1", "a1", "é", "_"];
    for id in ids {
        posted(&store, id, "first").await;
    }
    ids.sort_unstable();
    let (mut after, mut listed) = (None, Vec::new());
    loop {
        let page = store.threads(&place(HERE), after.as_ref(), 2, Filter::All).await.unwrap();
        let Some(last) = page.threads.last() else { break };
        after = Some(frontdesk::inbox::InboxPosition::of(last));
        listed.extend(page.threads.iter().map(|thread| thread.id().booking.as_str().to_owned()));
    }
    assert_eq!(listed, ids);
    drop((store, direct));
    admin.batch_execute(&format!("DROP DATABASE {icu} WITH (FORCE)")).await.unwrap();
}

/// T8, I1, L1: in another encoding some texts cannot be written, some come back as others,
/// and ids are ordered by other bytes.
pub(crate) async fn an_encoding_that_cannot_hold_every_text_is_refused(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let admin = connect(&cluster.admin()).await;
    let name = database.name();
    for encoding in ["LATIN1", "EUC_JP", "SQL_ASCII"] {
        admin.batch_execute(&format!("DROP DATABASE {name}")).await.unwrap();
        let make =
            format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING '{encoding}'");
        admin.batch_execute(&make).await.unwrap();
        let error = PostgresStore::new(pool(&database.config(), 1)).migrate().await.unwrap_err();
        assert!(
            matches!(&error, PostgresOpenError::Encoding { found } if found == encoding),
            "{error:?}"
        );
        let client = database.connect().await;
        let there = "SELECT count(*) FROM pg_namespace WHERE nspname = 'frontdesk'";
        assert_eq!(number(&client, there).await, 0);
    }
}
