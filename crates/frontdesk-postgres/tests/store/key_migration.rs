//! The migration of the idempotency keys of the second schema, while stores read and write.

use std::time::{Duration, Instant};

use frontdesk::store::{CommitOutcome, KeyQuery, MessageQuery, ThreadStore};
use frontdesk_postgres::PostgresStore;
use futures::future::join_all;
use tokio_postgres::Client;

use crate::fixtures::{
    ALL_NUMBERS, LOCATION, LOCK_WAITS, build_store, builder_with_partitions, commit, commit_alone,
    erase_commit, head, message, pool, post, post_all_commit, post_alone, post_commit,
    query_number, texts, wait_for_number,
};
use crate::postgres::{Cluster, Database, connect};
use crate::support::{at, customer, key, location_id, thread_id};

/// The bookings of the second schema, each with its number of messages. Each message has a key.
const THREADS: [(&str, usize); 3] = [("b-1", 2_500), ("b-2", 1_000), ("b-3", 1_000)];

/// Counts the keys in the table of the second schema.
const KEYS_IN_TABLE: &str = "SELECT count(*) FROM frontdesk.idempotency_key";

/// Counts the keys in the messages.
const KEYS_IN_MESSAGES: &str = "SELECT count(key_digest) FROM frontdesk.message";

const HAS_TABLE: &str = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'idempotency_key%'";

/// Returns the key of a message, which is also its text.
fn nth_key(number: usize) -> String {
    format!("k-{number:05}")
}

/// Runs some of the migrations that a builder returns as text, from one version to another.
async fn run_texts(client: &Client, partitions: Option<u16>, from: usize, to: usize) {
    let migrations = builder_with_partitions(partitions).migrations().unwrap();
    for migration in &migrations[from..to] {
        client.batch_execute(&format!("BEGIN; {migration} COMMIT")).await.unwrap();
    }
}

/// Creates the second schema with the threads and keys of [`THREADS`]. A store of today writes the
/// messages to another schema, from which the rows are copied.
async fn create_second_schema(database: &Database, partitions: Option<u16>) -> Client {
    let client = database.connect().await;
    let source = PostgresStore::builder().schema("source");
    let source = source.pool(pool(&database.config(), 1)).unwrap();
    source.migrate().await.unwrap();
    for (booking, count) in THREADS {
        let keys: Vec<String> = (1..=count).map(nth_key).collect();
        let mut found = None;
        for keys in keys.chunks(1_000) {
            let messages: Vec<_> =
                keys.iter().map(|key| message(booking, key).with_key(key.as_str())).collect();
            commit_alone(&source, post_all_commit(found.as_ref(), &messages)).await;
            found = source.thread(&thread_id(LOCATION, booking)).await.unwrap().value;
        }
    }
    run_texts(&client, partitions, 0, 2).await;
    let columns = "location, booking, number, ordinal, role, author, name, body, sent_at, revision";
    let copy = format!(
        "INSERT INTO frontdesk.location SELECT location, revision, unread, waiting FROM source.location;
         INSERT INTO frontdesk.thread SELECT * FROM source.thread;
         INSERT INTO frontdesk.message ({columns}) SELECT {columns} FROM source.message;
         INSERT INTO frontdesk.idempotency_key
             SELECT location, booking, role, author, body, number FROM source.message;
         DROP SCHEMA source CASCADE"
    );
    client.batch_execute(&copy).await.unwrap();
    client
}

/// Returns the number of the message that was sent with a key.
async fn number_of(store: &PostgresStore, booking: &str, used: &str) -> Option<usize> {
    let (id, author, used) = (thread_id(LOCATION, booking), customer("c-1"), key(used));
    let query = KeyQuery::new(&id, &author, &used);
    let found = store.message_by_key(&query).await.unwrap().value?;
    Some(found.message.number().get() as usize)
}

/// I4: asserts that the store finds the message of a key, and that a retry is no new message.
async fn assert_replays(store: &PostgresStore, booking: &str, number: usize) {
    let used = nth_key(number);
    assert_eq!(number_of(store, booking, &used).await, Some(number), "{booking} {used}");
    let retry = message(booking, &used).with_key(used.as_str());
    let several = [message(booking, "other"), retry];
    let found = head(store, booking).await;
    for (write, expected_index) in
        [(post_commit(found.as_ref(), retry), 0), (post_all_commit(found.as_ref(), &several), 1)]
    {
        match commit(store, write).await.unwrap() {
            CommitOutcome::KeyTaken { index, message } => {
                assert_eq!(
                    (index, message.message.number().get() as usize),
                    (expected_index, number)
                );
            }
            other => panic!("{booking} {used}: {other:?}"),
        }
    }
}

async fn assert_all_replay(store: &PostgresStore) {
    for number in [1, 1_999, 2_000, 2_011, 2_500] {
        assert_replays(store, "b-1", number).await;
    }
    for number in [1, 1_000] {
        assert_replays(store, "b-2", number).await;
    }
}

/// A store that has not called `migrate` reads and writes while the migration is interrupted, and
/// after another process has finished it.
pub(crate) async fn an_interrupted_migration_of_keys_continues(cluster: &Cluster) {
    for partitions in [None, Some(4)] {
        let database = Database::on(cluster.admin()).await;
        let direct = create_second_schema(&database, partitions).await;
        let blocker = database.connect().await;
        let lock = "BEGIN; SELECT FROM frontdesk.idempotency_key WHERE booking = 'b-2' FOR UPDATE";
        blocker.batch_execute(lock).await.unwrap();
        let migrating = PostgresStore::new(pool(&database.config(), 1));
        let migration = tokio::spawn(async move { migrating.migrate().await });
        wait_for_number(&direct, LOCK_WAITS, 1).await;
        migration.abort();
        let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                         WHERE datname = current_database() AND wait_event_type = 'Lock'";
        assert_eq!(query_number(&direct, terminate).await, 1);
        wait_for_number(&direct, LOCK_WAITS, 0).await;
        assert_eq!(query_number(&direct, KEYS_IN_MESSAGES).await, 2_000);
        assert_eq!(query_number(&direct, KEYS_IN_TABLE).await, 2_500);

        let store = PostgresStore::new(pool(&database.config(), 2));
        assert_all_replay(&store).await;
        let outcome = post(&store, message("b-1", "new").with_key("k-new")).await.unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
        assert_eq!(number_of(&store, "b-1", "k-new").await, Some(2_501));
        // The erasure removes the keys of the thread from the table.
        let found = head(&store, "b-3").await.unwrap();
        commit_alone(&store, erase_commit(&found)).await;
        assert_eq!(number_of(&store, "b-3", &nth_key(1)).await, None);
        assert_eq!(query_number(&direct, KEYS_IN_TABLE).await, 1_500);
        let forgotten = store.forget_keys(&location_id(LOCATION), at(2), 10).await.unwrap().value;
        assert_eq!((forgotten.removed, forgotten.more), (10, true));
        assert_eq!(number_of(&store, "b-1", &nth_key(2_010)).await, None);

        blocker.batch_execute("COMMIT").await.unwrap();
        build_store(builder_with_partitions(partitions), &database.config()).await;
        assert_eq!(query_number(&direct, HAS_TABLE).await, 0);
        assert_eq!(query_number(&direct, KEYS_IN_MESSAGES).await, 2_000 + 1_490 + 1);
        assert_all_replay(&store).await;
        assert_eq!(number_of(&store, "b-1", "k-new").await, Some(2_501));
        let mut removed = 0;
        loop {
            let step = store.forget_keys(&location_id(LOCATION), at(2), 1_000).await.unwrap().value;
            removed += step.removed;
            if !step.more {
                break;
            }
        }
        assert_eq!(removed, 3_491);
        assert_eq!(query_number(&direct, KEYS_IN_MESSAGES).await, 0);
    }
}

/// Two processes migrate, and the stores of other processes retry old messages and send new ones.
pub(crate) async fn stores_write_during_the_migration_of_keys(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let direct = create_second_schema(&database, None).await;
    run_texts(&direct, None, 2, 4).await;
    let writers = (0..3).map(|writer| {
        let store = PostgresStore::new(pool(&database.config(), 1));
        tokio::spawn(async move {
            for turn in 0..40 {
                let booking = THREADS[turn % 3].0;
                let used = format!("new-{writer}-{turn}");
                // The second call is a retry.
                let first = send(&store, booking, &used).await;
                assert_eq!(send(&store, booking, &used).await, first);
                let old = 1 + (turn * 61 + writer) % 1_000;
                assert_eq!(send(&store, booking, &nth_key(old)).await, old);
            }
        })
    });
    let migrations = (0..2).map(|_| {
        let store = PostgresStore::new(pool(&database.config(), 1));
        tokio::spawn(async move { store.migrate().await.unwrap() })
    });
    let writers: Vec<_> = writers.collect();
    let migrations: Vec<_> = migrations.collect();
    for ended in join_all(migrations.into_iter().chain(writers)).await {
        ended.unwrap();
    }
    assert_eq!(query_number(&direct, HAS_TABLE).await, 0);
    let store = PostgresStore::new(pool(&database.config(), 1));
    for (booking, count) in THREADS {
        let mut found = texts(&store, booking).await;
        let expected = count + (0..40).filter(|turn| THREADS[turn % 3].0 == booking).count() * 3;
        assert_eq!(found.len(), expected, "{booking}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), expected, "{booking}");
    }
    let keys = query_number(&direct, KEYS_IN_MESSAGES).await;
    assert_eq!(keys, 4_500 + 3 * 40, "each message has its key");
}

/// Sends a message whose key is its text, until it is stored. Returns its number.
async fn send(store: &PostgresStore, booking: &str, used: &str) -> usize {
    loop {
        match post(store, message(booking, used).with_key(used)).await.unwrap() {
            CommitOutcome::Committed(_) => {
                return number_of(store, booking, used).await.expect("the message is stored");
            }
            CommitOutcome::KeyTaken { message, .. } => {
                assert_eq!(message.message.body().unwrap().as_str(), used);
                return message.message.number().get() as usize;
            }
            CommitOutcome::Conflict(_) => {}
        }
    }
}

/// A host that runs the SQL itself gives the store a role that owns no table. `migrate` then moves
/// the keys, and the SQL as text removes the empty table.
pub(crate) async fn a_role_that_owns_no_table_moves_the_keys(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    create_second_schema(&database, None).await;
    let admin = connect(&database.admin_config()).await;
    let owner = database.name();
    let reassign = format!(
        "REASSIGN OWNED BY {owner} TO CURRENT_USER; \
         GRANT USAGE ON SCHEMA frontdesk TO {owner}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA frontdesk TO {owner}"
    );
    admin.batch_execute(&reassign).await.unwrap();
    run_texts(&admin, None, 2, 4).await;
    let store = PostgresStore::new(pool(&database.config(), 1));
    store.migrate().await.unwrap();
    assert_eq!(query_number(&admin, KEYS_IN_TABLE).await, 0);
    assert_all_replay(&store).await;
    run_texts(&admin, None, 4, 5).await;
    assert_eq!(query_number(&admin, HAS_TABLE).await, 0);
    assert_all_replay(&store).await;
    store.migrate().await.unwrap();
}

pub(crate) async fn the_sql_as_text_moves_all_keys(cluster: &Cluster) {
    for partitions in [None, Some(4)] {
        let database = Database::on(cluster.admin()).await;
        let direct = create_second_schema(&database, partitions).await;
        run_texts(&direct, partitions, 2, 5).await;
        assert_eq!(query_number(&direct, HAS_TABLE).await, 0);
        let store = PostgresStore::new(pool(&database.config(), 1));
        assert_all_replay(&store).await;
    }
}

/// The environment variable `FRONTDESK_MIGRATED_MESSAGES` sets the number of messages. The test
/// prints the duration.
pub(crate) async fn a_large_database_migrates_while_a_store_writes(cluster: &Cluster) {
    let messages = std::env::var("FRONTDESK_MIGRATED_MESSAGES");
    let messages: i64 = messages.map_or(20_000, |number| number.parse().unwrap());
    let database = Database::on(cluster.admin()).await;
    let direct = create_second_schema(&database, None).await;
    let fill = format!(
        "INSERT INTO frontdesk.location SELECT 'l-' || l, 1, 0, 0 FROM generate_series(0, 63) l;
         CREATE TABLE public.numbers AS SELECT 'l-' || n % 64 AS location,
             'b-' || n % ({messages} / 20) AS booking, (n / ({messages} / 20) + 1)::integer AS number
         FROM generate_series(0, {messages} - 1) AS n;
         INSERT INTO frontdesk.message (location, booking, number, ordinal, role, author, body, sent_at)
         SELECT location, booking, number, number, 0, 'c-1', repeat('text ', 10), number
         FROM public.numbers;
         INSERT INTO frontdesk.idempotency_key SELECT location, booking, 0, 'c-1',
             md5(location || booking || number)::uuid::text, number FROM public.numbers;
         ANALYZE"
    );
    direct.batch_execute(&fill).await.unwrap();
    let keys = query_number(&direct, KEYS_IN_TABLE).await;
    run_texts(&direct, None, 2, 4).await;

    let store = PostgresStore::new(pool(&database.config(), 1));
    let migrating = PostgresStore::new(pool(&database.config(), 1));
    let start = Instant::now();
    let migration = tokio::spawn(async move {
        migrating.migrate().await.unwrap();
        start.elapsed()
    });
    let mut latencies = Vec::new();
    while !migration.is_finished() {
        let sent_at = Instant::now();
        post_alone(&store, "b-3", "text").await;
        latencies.push(sent_at.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let elapsed = migration.await.unwrap();
    let slowest = latencies.iter().max().copied().unwrap_or_default();
    println!(
        "{keys} keys moved in {elapsed:?}; the slowest of {} posts took {slowest:?}",
        latencies.len()
    );
    assert_eq!(query_number(&direct, HAS_TABLE).await, 0);
    assert_eq!(query_number(&direct, KEYS_IN_MESSAGES).await, keys);
    let sample = "SELECT count(*) FROM (SELECT FROM public.numbers n \
                  JOIN frontdesk.message m USING (location, booking, number) \
                  WHERE m.key_digest IS NULL) AS lost";
    assert_eq!(query_number(&direct, sample).await, 0);
    assert_all_replay(&store).await;
    let id = thread_id("l-1", "b-1");
    let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, 100);
    for stored in store.messages(&query).await.unwrap().value {
        let number = stored.message.number().get();
        let text = format!("SELECT md5('l-1' || 'b-1' || {number})::uuid::text");
        let used: String = direct.query_one(&text, &[]).await.unwrap().get(0);
        let (author, used) = (customer("c-1"), key(&used));
        let found = store.message_by_key(&KeyQuery::new(&id, &author, &used)).await.unwrap().value;
        assert_eq!(found.map(|found| found.message), Some(stored.message));
    }
}
